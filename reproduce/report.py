"""Write the tables of README.md, docs/ and NOTES.md from the JSON results; no number is typed.

python reproduce/report.py            renews the tables
python reproduce/report.py --check    exits with 1 where a table is not what the results say
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reproduce.paper_tables import headline  # noqa: E402
from reproduce.robustness import tables as robustness  # noqa: E402
from reproduce.run_tables import rates  # noqa: E402
from reproduce.tables import TABLES, Result, Table, load_results  # noqa: E402

RESULTS = ROOT / "reproduce" / "results"
# Settings that were tried by validation, not a scored run.
CHOICES = RESULTS / "choice-cpu.json"
BENCHMARKS = ROOT / "benchmarks" / "results.json"
REFERENCES = ROOT / "benchmarks" / "references.json"
KOCH_STEP = ROOT / "benchmarks" / "koch_step.json"
KOCH_STEPS = {
    "direct, memory fetched anew": "direct, TensorFlow's own memory",
    "direct": "direct",
    "fast": "faster layers",
    "torch": "PyTorch",
}
ROBUSTNESS = {
    "compositions": robustness.compositions,
    "factors": robustness.factors,
    "domains": robustness.domains,
    "sources": robustness.sources,
}
LATENCY = ROOT / "benchmarks" / "latency.json"
START = ROOT / "benchmarks" / "start.json"
WITH_TABLES = (
    *("beyond", "model-card", "reproduction", "robustness", "serving", "speed", "stacks"),
)
PAGES = (
    *(ROOT / "README.md", ROOT / "reproduce" / "NOTES.md"),
    *(ROOT / "docs" / f"{name}.md" for name in WITH_TABLES),
)
BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def markdown(headings: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def choices_table() -> str:
    """Return the settings tried by validation."""
    choices = json.loads(CHOICES.read_text())
    rows = [
        [
            rates(tried["learning_rates"]),
            rates(tried["momenta"]),
            rates(tried["l2"]),
            f"{tried['pairs_seen']:,}",
            f"{max(tried['validation_accuracy']):.1%}",
            f"{tried['validation_accuracy'][-1]:.1%}",
        ]
        for tried in choices["tried"]
    ]
    headings = ["learning rates", "momentum", "L2", "pairs seen", "best validation", "last"]
    return markdown(headings, rows)


def benchmarks_table() -> str:
    """Return the benchmark results next to their targets."""
    measured = json.loads(BENCHMARKS.read_text())
    rows = [
        [name, f"{measured[name]['ratio']:.2f} of the bare step", "at least 0.95",
         f"{measured[name]['loop_pairs_per_second']:,.0f} against "
         f"{measured[name]['bare_step_pairs_per_second']:,.0f} pairs/s"]
        for name in measured
        if name.startswith("loop")
    ]  # fmt: skip
    scoring, table = measured["scoring"], measured["pair table"]
    shipped = measured["shipped network"]
    side = shipped["image_size"]
    rows += [
        [
            "scoring 20 runs of 20 trials",
            f"1/{1 / scoring['ratio']:.0f} of encoding every pair",
            "at most 1/15",
            f"{scoring['once_seconds']:.2f} s against {scoring['every_pair_seconds']:.2f} s",
        ],
        [
            f"table of {table['pairs']:,} pairs",
            f"{table['megabytes']:.0f} MB, {table['seconds']:.1f} s",
            "under 100 MB, under 5 s",
            "",
        ],
        [
            "`import keras_siamese`",
            f"{measured['import']['seconds_added_to_keras']:.2f} s after `import keras`",
            "under 0.3 s",
            "",
        ],
        [
            "`load_pretrained()`",
            f"{shipped['seconds_to_load']:.2f} s after the imports",
            "under 1 s",
            "",
        ],
        [
            "encoding by the network that ships",
            f"{shipped['milliseconds_per_image']:.1f} ms an image",
            "under 3 ms",
            f"64 images of {side}x{side} at once",
        ],
    ]
    return markdown(["what", "measured", "target", "details"], rows)


def latency_table() -> str:
    """Return size, memory and latency of each network in each form."""
    if not LATENCY.exists():
        return "Not measured yet: run `python benchmarks/latency.py`."
    rows = []
    for network, measured in json.loads(LATENCY.read_text())["networks"].items():
        for runtime, figures in measured["runtimes"].items():
            times = [
                f"{batch['p50_milliseconds']:.1f} / {batch['p95_milliseconds']:.1f} ms"
                for batch in figures["batches"].values()
            ]
            sizes = [f"{figures[key]:,.0f} MB" for key in ("megabytes", "memory_megabytes")]
            rows.append([network, runtime, *sizes, f"{figures['load_seconds']:.1f} s", *times])
    headings = ["network", "runtime", "file", "memory", "to load", "1 pair", "64 pairs"]
    return markdown(headings, rows)


def start_table() -> str:
    """Return how long commands take from a cold start."""
    if not START.exists():
        return "Not measured yet: run `python benchmarks/start.py`."
    rows = [
        [
            what,
            f"{figures['seconds']:.2f} s",
            f"{figures['processor_seconds']:.2f} s",
            "" if figures["target"] is None else f"under {figures['target']:g} s",
        ]
        for what, figures in json.loads(START.read_text())["commands"].items()
    ]
    return markdown(["what", "time", "of the processor", "target"], rows)


def references_table() -> str:
    """Return how long each way to compare queries with references takes."""
    if not REFERENCES.exists():
        return "Not measured yet: run `python benchmarks/references.py`."
    measured = json.loads(REFERENCES.read_text())["methods"]
    names = {
        "library": "`class_logits`, with faiss",
        "library without faiss": "`class_logits`, NumPy alone",
        "faiss index": "faiss's flat L1 index",
        "loop": "a plain NumPy loop over the queries",
    }
    fastest = min(measured[name]["seconds"] for name in ("faiss index", "loop"))
    rows = [
        [
            label,
            f"{measured[name]['seconds']:.1f} s",
            f"{measured[name]['seconds'] / fastest:.2f}",
            f"{measured[name]['peak_megabytes'] / 1e3:.2f} GB",
        ]
        for name, label in names.items()
    ]
    return markdown(["what", "time", "against the faster of the last two", "peak memory"], rows)


def koch_step_table() -> str:
    """Return the speed of the 105x105 network's training step, each way."""
    if not KOCH_STEP.exists():
        return "Not measured yet: run `python benchmarks/koch_step.py`."
    rows = []
    for row in json.loads(KOCH_STEP.read_text())["rows"]:
        speed = {name: found["pairs_per_second"] for name, found in row["contestants"].items()}
        fast = speed["fast"]
        rows.append(
            [
                str(row["threads"]),
                str(row["pairs"]),
                *(f"{speed[name]:.1f}" if name in speed else "" for name in KOCH_STEPS),
                f"{fast / speed['direct']:.2f}",
                f"{fast / speed['torch']:.2f}" if "torch" in speed else "",
            ]
        )
    headings = ["cores", "pairs per step", *KOCH_STEPS.values(), "to direct", "to PyTorch"]
    return markdown(headings, rows)


def _filled(make: Callable[..., Table], *results: list[Result]) -> str:
    table = make(*results)
    return markdown(table.headings, table.rows)


def renewed(text: str) -> str:
    """Return a page with its tables made anew.

    Raises:
        ValueError: If the page asks for a table that nobody makes.
    """
    results = load_results(RESULTS)
    tables: dict[str, Callable[[], str]] = {
        **{name: partial(_filled, make, results) for name, make in TABLES.items()},
        "headline": partial(_filled, headline, results),
        "choices": choices_table,
        "benchmarks": benchmarks_table,
        "latency": latency_table,
        "references": references_table,
        "start": start_table,
        "koch-step": koch_step_table,
        **{f"robustness-{name}": partial(_filled, make) for name, make in ROBUSTNESS.items()},
    }

    def fill(block: re.Match[str]) -> str:
        if block[2] not in tables:
            raise ValueError(f"No table is called {block[2]!r}; there are {sorted(tables)}.")
        return f"{block[1]}{tables[block[2]]()}\n{block[3]}"

    return BLOCK.sub(fill, text)


def main(arguments: list[str] | None = None) -> int:
    """Renew or check the pages; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, tell what is stale")
    check = parser.parse_args(arguments).check
    stale = []
    for page in PAGES:
        text = page.read_text()
        new = renewed(text)
        if new != text:
            stale.append(page.name)
            if not check:
                page.write_text(new)
    if stale:
        print(f"{'Stale' if check else 'Renewed'}: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

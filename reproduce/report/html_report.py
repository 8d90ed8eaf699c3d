"""Write the results as one HTML file that needs nothing else: tables, figures, deviations, costs.

python -m reproduce.report.html_report                              writes report.html
python -m reproduce.report.html_report --results DIR --output FILE

The report is written in Markdown, as the pages are; the library `markdown` makes it HTML.
"""

from __future__ import annotations

import argparse
import base64
import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from keras_siamese.atomic import atomic_write
from reproduce.published import measured_quantity, published
from reproduce.report.figures import Drawn, draw_all
from reproduce.report.plots.sources import gather, load_data
from reproduce.report.tables import TABLES
from reproduce.results import RESULTS, ROOT, load_results
from reproduce.table import Result, Table

TEMPLATE = Path(__file__).parent / "template.html"
# The one place where the deviations are written down.
DEVIATIONS = ROOT / "docs" / "reproduction.md"
PAGE = """
{headline}

## Tables

A result of one protocol is never compared with that of another: trials and pairs across alphabets
are easier than those within one. Intervals are Wilson's, at 95 %.

{tables}

## Figures

{figures}

## Deviations from the paper

{deviations}

## Cost and hardware of every run

{runs}
"""


def build_report(
    results: list[Result],
    data: list[dict[str, Any]],
    tables: Mapping[str, Callable[[list[Result]], Table]] = TABLES,
) -> str:
    """Return the report as HTML.

    Args:
        results: Contents of the result files, each with its `file`.
        data: Contents of the figure-data files.
        tables: What makes each table of the results.

    Returns:
        A page that fetches nothing.
    """
    sources = gather(results, data)
    drawn, left_out = draw_all(sources)
    made = [make(results) for make in tables.values()]
    page = PAGE.format(
        headline=headline_section(sources.main_result()),
        tables="\n\n".join(f"### {escape(table.title)}\n\n{shown(table)}" for table in made),
        figures=figures(drawn, left_out),
        deviations=deviations(DEVIATIONS.read_text(encoding="utf-8")),
        runs="\n\n".join(map(run_section, results)) or "There is no result yet.",
    )
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(page=html(page))


def html(page: str) -> str:
    """Return Markdown as HTML."""
    from markdown import markdown

    return markdown(page, extensions=["tables", "md_in_html"])


def shown(table: Table) -> str:
    """Return a table in Markdown whose text is no HTML; bold stays."""
    rows = [[escape(cell) for cell in row] for row in table.rows]
    headings = [escape(heading) for heading in table.headings]
    return table._replace(headings=headings, rows=rows).markdown()


def headline_section(result: Result | None) -> str:
    """Return the main run's scores that the paper has, too, next to the paper's."""
    if result is None:
        return "No network has been scored on the official runs yet."
    rows = []
    for entry in test_entries(result):
        paper = published(entry, result["config"]["data"])
        if paper and entry["cell"] != "nearest neighbour":
            protocol = f", {entry['protocol']}" if entry["table"] == 2 else ""
            rows.append([measured_quantity(entry) + protocol, *cells(entry), paper])
    table = Table("Headline", ["measure", "ours", "95 % interval", "n", "paper"], rows)
    return (
        f"{shown(table)}\n\nThis is the run `{run_name(result)}`: of the largest size whose test "
        "was scored, the best on the validation trials. The test had no say in the choice."
    )


def cells(entry: Result) -> list[str]:
    """Return value, interval and number of trials of a score, as they stand in tables."""
    low, high = entry["interval"]
    return [f"**{entry['value']:.2%}**", f"{low:.1%} to {high:.1%}", f"{entry['n']:,}"]


def figures(drawn: dict[str, Drawn], left_out: list[str]) -> str:
    """Return the figures with their captions, and the names of those that lack data."""
    parts = [
        f'<figure><img alt="{escape(figure.title)}" '
        f'src="data:image/png;base64,{base64.b64encode(figure.png).decode()}">'
        f"<figcaption><strong>{escape(figure.title)}</strong> {escape(figure.caption)}"
        f"<small>From {escape(figure.origin)}.</small></figcaption></figure>"
        for figure in drawn.values()
    ]
    if left_out:
        parts.append(f"Not drawn, for lack of data: {', '.join(left_out)}.")
    return "\n\n".join(parts)


def deviations(page: str) -> str:
    """Return the page's section "Deviations", without its heading.

    Raises:
        ValueError: If the page has no such section.
    """
    found = re.search(r"^## Deviations\b.*?\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(
            f"{DEVIATIONS} must have '## Deviations'. Received: none. Add that section."
        )
    return found[1].strip()


def run_section(result: Result) -> str:
    """Return what a run cost and on what it ran, and every one of its scores."""
    training, hardware = result.get("training"), result.get("hardware", {})
    facts = {"file": result["file"], "commit": result.get("commit") or "unknown"}
    if training:
        ended = "finished" if training["finished"] else "not finished"
        facts["training"] = (
            f"{training['epochs']} epochs, {ended}, the best {training['best_epoch'] + 1}; "
            f"{sum(training['history']['seconds']) / 60:.1f} minutes"
        )
    if "seconds" in result:
        facts["in all"] = f"{result['seconds'] / 60:.1f} minutes"
    if "validation_pairs" in result:
        area, n = result["validation_pairs"]["auc"], result["validation_pairs"]["n"]
        facts["validation pairs"] = f"area under the curve {area:.4f}, n = {n:,}"
    if hardware:
        gpus = ", ".join(hardware["gpus"]) or "no GPU"
        facts["hardware"] = f"{hardware['processor']}, {hardware['cores']} cores, {gpus}"
    cost = ", ".join(facts[name] for name in ("in all", "hardware") if name in facts)
    facts["versions"] = ", ".join(f"{k} {v}" for k, v in result.get("versions", {}).items())
    validated = (result.get(name) for name in ("validation", "validation_wide"))
    rows = [
        [
            measured_quantity(entry),
            f"{entry['cell']}, {entry['size']}x{entry['size']}",
            entry["protocol"],
            published(entry, result["config"]["data"]),
            *cells(entry),
        ]
        for entry in (*validated, *test_entries(result))
        if entry
    ]
    headings = ["measure", "what", "protocol", "paper", "ours", "95 % interval", "n"]
    listed = "\n".join(f"- {name}: {escape(fact)}" for name, fact in facts.items())
    return (
        f'<details markdown="1"><summary>{escape(run_name(result))}: {escape(cost)}</summary>\n\n'
        f"{listed}\n\n{shown(Table('Scores', headings, rows))}\n\n</details>"
    )


def test_entries(result: Result) -> list[Result]:
    """Return the test scores of a result; one that was only validated has none."""
    return [] if result["table"] is None else [result, *result["other_results"]]


def run_name(result: Result) -> str:
    """Return the name of a run."""
    return f"{result['config']['name']}, seed {result['seed']}"


def write_report(folder: Path, output: Path) -> Path:
    """Write the report of a folder of results; return where."""
    page = build_report(load_results(folder), load_data(folder / "figures"))
    with atomic_write(output) as file:
        file.write(page.encode())
    return output


def main(arguments: list[str] | None = None) -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of result files")
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="file to write")
    options = parser.parse_args(arguments)
    print(f"Report: {write_report(options.results, options.output)}")


if __name__ == "__main__":
    main()

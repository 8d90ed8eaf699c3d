"""The tables of speed, size and memory in docs/, from what was measured once in benchmarks/."""

from __future__ import annotations

import json

from reproduce.results import ROOT
from reproduce.table import RIGHT, Result, Table

FOLDER = ROOT / "benchmarks"
BENCHMARKS = FOLDER / "results.json"
BACKENDS = FOLDER / "backends.json"
LATENCY = FOLDER / "latency.json"
SUPPORT_IMAGES = FOLDER / "support_images.json"
START = FOLDER / "start.json"
KOCH_STEP = FOLDER / "koch_step.json"
LOSSES = FOLDER / "losses.json"
# Behind the name of a loss that pytorch-metric-learning computed.
THEIRS = " (theirs)"
INDEX = FOLDER / "retrieval_index.json"
BACKEND_TITLES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
KOCH_STEPS = {
    "direct, memory fetched anew": "direct, TensorFlow's own memory",
    "direct": "direct",
    "fast": "faster layers",
    "torch": "PyTorch",
}


def benchmarks(results: list[Result]) -> Table:
    """Return the benchmark results."""
    measured = json.loads(BENCHMARKS.read_text())
    rows = [
        [name, f"{measured[name]['ratio']:.2f} of the bare step",
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
            "scoring 20 episodes of 20 trials",
            f"1/{1 / scoring['ratio']:.0f} of encoding every pair",
            f"{scoring['once_seconds']:.2f} s against {scoring['every_pair_seconds']:.2f} s",
        ],
        [
            f"table of {table['pairs']:,} pairs",
            f"{table['megabytes']:.0f} MB, {table['seconds']:.1f} s",
            "",
        ],
        [
            "`import keras_siamese`",
            f"{measured['import']['seconds_added_to_keras']:.2f} s after `import keras`",
            "",
        ],
        [
            "`load_pretrained()`",
            f"{shipped['seconds_to_load']:.2f} s after the imports",
            "",
        ],
        [
            "encoding by the network that ships",
            f"{shipped['milliseconds_per_image']:.1f} ms an image",
            f"64 images of {side}x{side} at once",
        ],
    ]
    return Table("Speed of the library", ["what", "measured", "details"], rows)


def latency(results: list[Result]) -> Table:
    """Return size, memory and latency of each network in each form."""
    rows = []
    for network, measured in json.loads(LATENCY.read_text())["networks"].items():
        for runtime, values in measured["runtimes"].items():
            times = [
                f"{batch['p50_milliseconds']:.1f} / {batch['p95_milliseconds']:.1f} ms"
                for batch in values["batches"].values()
            ]
            sizes = [f"{values[key]:,.0f} MB" for key in ("megabytes", "memory_megabytes")]
            rows.append([network, runtime, *sizes, f"{values['load_seconds']:.1f} s", *times])
    headings = ["network", "runtime", "file", "memory", "to load", "1 pair", "64 pairs"]
    return Table("Latency of each network in each form", headings, rows)


def start(results: list[Result]) -> Table:
    """Return how long commands take from a cold start."""
    rows = [
        [
            what,
            f"{values['seconds']:.2f} s",
            f"{values['processor_seconds']:.2f} s",
        ]
        for what, values in json.loads(START.read_text())["commands"].items()
    ]
    return Table("Commands from a cold start", ["what", "time", "processor time"], rows)


def support_images(results: list[Result]) -> Table:
    """Return how long each way to compare queries with support images takes."""
    measured = json.loads(SUPPORT_IMAGES.read_text())["methods"]
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
    return Table(
        "Queries compared with support images",
        ["what", "time", "against the faster of the last two", "peak memory"],
        rows,
    )


def koch_step(results: list[Result]) -> Table:
    """Return the speed of the 105x105 network's training step, each way."""
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
    return Table("Training steps of the 105x105 network", headings, rows)


def backends(results: list[Result]) -> Table:
    """Return the speed of Keras's backends on one core."""
    measured = json.loads(BACKENDS.read_text())
    rows = [
        [
            f"{title} {measured[name]['versions'][name]}",
            f"{measured[name]['training_pairs_per_second']:,.0f}",
            f"{measured[name]['encoding_images_per_second']:,.0f}",
        ]
        for name, title in BACKEND_TITLES.items()
        if name in measured
    ]
    headings = [
        "backend",
        "training step at 35x35, pairs/s",
        "encoding by the network that ships, images/s",
    ]
    return Table("Speed of the backends on one core", headings, rows)


def loss_times(results: list[Result]) -> Table:
    """Return the time of a step with each loss, over that of the encoder alone."""
    return _by_loss("A step with each loss, over the encoder's alone", "times_encoder", "{:.2f}")


def loss_memory(results: list[Result]) -> Table:
    """Return the memory that each loss takes on a large batch."""
    return _by_loss("Memory of each loss, MB", "megabytes_at_4096", "{:,.0f}")


def _by_loss(title: str, key: str, form: str) -> Table:
    measured = json.loads(LOSSES.read_text())
    columns: dict[str, dict[str, float | None]] = {
        name: measured[f"{backend} on cpu"][key]
        for backend, name in BACKEND_TITLES.items()
        if f"{backend} on cpu" in measured
    }
    losses = [name for name in next(iter(columns.values())) if not name.endswith(THEIRS)]
    if "PyTorch" in columns:
        both = columns["PyTorch"]
        columns["pytorch-metric-learning"] = {name: both[name + THEIRS] for name in losses}
    rows = [
        [
            name,
            *(
                "over 12 GB" if values[name] is None else form.format(values[name])
                for values in columns.values()
            ),
        ]
        for name in losses
    ]
    return Table(title, ["loss", *columns], rows, RIGHT)


def index(results: list[Result]) -> Table:
    """Return time, size and recall of each engine of an index."""
    rows = [
        [
            f"`{engine}`",
            _duration(found["build_seconds"]),
            f"{found['megabytes_on_disk']:,.0f} MB",
            f"{found['peak_megabytes']:,.0f} MB",
            f"{found['recall_at_10']:.1%}",
            f"{found['milliseconds_per_query']:.1f} ms",
        ]
        for engine, found in sorted(
            json.loads(INDEX.read_text()).items(), key=lambda each: each[1]["build_seconds"]
        )
    ]
    headings = ["engine", "to build", "file", "most memory", "recall at 10", "a query"]
    return Table("Engines of an index", headings, rows, RIGHT)


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

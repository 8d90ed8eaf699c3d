"""The trainings that fill the cells of the paper's tables, the shorter ones, and the ablations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reproduce.paper.config import SHRINKING, RunConfig
from reproduce.paper.presets import DENSE, GPU105, GRID, LONG, PAPER, REDUCED

# What each size's trainings are derived from, that of the dense net, and the ablations.
PAPER_150K = PAPER.override(name="paper-105-150k-x8", role="table", num_pairs=150_000)
BASES = {35: LONG, 105: PAPER_150K}
DENSE_BASES = {35: DENSE, 105: PAPER_150K.override(name="paper-105-dense", encoder="dense")}
ABLATION_BASES = {35: REDUCED, 105: PAPER}
TABLES = ("1", "2", "3", "lengths", "ablations")
# Table 1, the most telling first, which is the order of work. Tables 2 and 3 use the first.
TABLE_1 = ("150k x8", "30k x8", "90k x8", "150k", "90k", "30k")
CONVOLUTIONAL = TABLE_1[0]
# Epochs of the shorter trainings of that cell, which show what length gives.
LENGTHS = (4, 8, 16, 32)
# Epochs of the 105x105 trainings on a GPU, of 30,016 pairs each. The first fills several tables.
GPU_EPOCHS = {
    "150k x8": 151,
    "dense": 100,
    "30k x8": 32,
    "90k x8": 90,
    "150k": 45,
    "90k": 30,
    "30k": 30,
}
# Chosen by validation among trainings of 60,000 pairs (reproduce/NOTES.md).
GPU_DENSE_RATE = 0.2

# The first 60,000 pairs, with the momentum ramp of the search: enough to see who learns faster.
BUDGET = {"epochs": 4, "ramp_epochs": 2}
# The best layer-wise trial of the early search (reproduce/NOTES.md), number 15.
LAYER_WISE = {
    "learning_rates": {
        "conv1": 0.05961,
        "conv2": 0.00422,
        "conv3": 0.02424,
        "conv4": 0.0188,
        "embedding": 0.02984,
        "weighted_l1": 0.09181,
    },
    "momenta": {
        "conv1": 0.7934,
        "conv2": 0.7739,
        "conv3": 0.7005,
        "conv4": 0.7978,
        "embedding": 0.7687,
        "weighted_l1": 0.8697,
    },
    "l2": {
        "conv1": 0.0002703,
        "conv2": 0.0004721,
        "conv3": 0.00275,
        "conv4": 0.0002519,
        "embedding": 0.0007605,
        "weighted_l1": 0.0003388,
    },
}


@dataclass(frozen=True)
class Ablation:
    """One variant.

    Attributes:
        label: Name of the variant.
        about: What it is about.
        changes: Settings in which it differs from the trainings of the tables.
    """

    label: str
    about: str
    changes: dict[str, Any] = field(default_factory=dict)

    def config(self, base: RunConfig) -> RunConfig:
        """Return the variant's run."""
        name = f"ablation-{base.size}-{self.slug}"
        return base.override(name=name, role="ablation", **BUDGET, **self.changes)

    @property
    def slug(self) -> str:
        """The label as a part of a file's name."""
        return self.label.replace(" ", "-").replace("'", "").replace(",", "")


ABLATIONS = (
    Ablation("as the tables", "what the others are compared with"),
    Ablation("paper's initial weights", "initial weights", {"initializer": "koch"}),
    Ablation("across-alphabet pairs", "different pairs", {"different": "across-alphabets"}),
    Ablation("no distortions", "distortions", {"num_distortions": 0}),
    Ablation("no output bias", "output bias", {"use_bias": False}),
    Ablation("no L2", "L2", {"l2": 0.0}),
    Ablation("L2 as printed", "L2", {"l2_form": "printed"}),
    Ablation("layer-wise rates, momenta and L2", "one rate for all layers", LAYER_WISE),
)


@dataclass(frozen=True)
class Job:
    """One training, resumable by its name, and the cells that it fills.

    Attributes:
        config: The run.
        cells: Cells as `(table, cell)`.
        score_test: Whether the test alphabets are scored; ablations are judged by validation.
    """

    config: RunConfig
    cells: tuple[tuple[str, str], ...]
    score_test: bool = True

    @property
    def name(self) -> str:
        """Name of the run's folder and of its result file."""
        return f"{self.config.name}-seed{self.config.seed}"


def is_tables_network(config: dict[str, Any]) -> bool:
    """Tell whether a run's network is that of the tables at its size, with the same widths."""
    base = (DENSE_BASES if config["encoder"] == "dense" else BASES).get(config["size"])
    settings = ("encoder", "encoder_options")
    return base is not None and all(getattr(base, name) == config[name] for name in settings)


def pair_counts(cell: str) -> tuple[int, int]:
    """Return the pairs and the distortions of each pair of a cell of table 1, such as "30k x8"."""
    pairs, _, distortions = cell.partition("k")
    return 1000 * int(pairs), int(distortions.strip(" x") or 0)


def pairs_cell(num_pairs: int, num_distortions: int) -> str:
    """Return the cell of table 1 of some training pairs, such as "30k x8"."""
    distorted = f" x{num_distortions}" if num_distortions else ""
    return f"{num_pairs // 1000}k{distorted}"


def trainings(size: int) -> list[Job]:
    """Return the trainings that fill the tables at one size, in the order of work."""
    base = BASES[size]
    # Table 3's network is always the reduced one.
    shared = {CONVOLUTIONAL: (("2", base.encoder), *((("3", base.encoder),) if size == 35 else ()))}
    jobs = []
    for cell in TABLE_1:
        num_pairs, num_distortions = pair_counts(cell)
        config = base.override(
            name=base.name.replace("150k-x8", cell.replace(" ", "-")),
            num_pairs=num_pairs,
            num_distortions=num_distortions,
        )
        jobs.append(Job(config, (("1", cell), *shared.get(cell, ()))))
    jobs.insert(1, Job(DENSE_BASES[size], (("2", "dense"),)))
    return jobs


def gpu_config(cell: str) -> RunConfig:
    """Return the 105x105 training of a cell on a GPU (`reproduce.paper.gpu_run --cell`).

    Args:
        cell: A cell by its name, such as "30k x8" (or "30k-x8") or "dense".

    Raises:
        ValueError: If there is no such cell.
    """
    cell = cell.replace("-", " ")
    if cell not in GPU_EPOCHS:
        raise ValueError(f"--cell must be one of {[*GPU_EPOCHS]}. Received: {cell}. Choose one.")
    num_pairs, num_distortions = pair_counts(CONVOLUTIONAL if cell == "dense" else cell)
    config = GPU105.override(
        name=f"gpu-105-{cell.replace(' ', '-')}",
        encoder="dense" if cell == "dense" else GPU105.encoder,
        num_pairs=num_pairs,
        num_distortions=num_distortions,
        learning_rates=GPU_DENSE_RATE if cell == "dense" else GPU105.learning_rates,
    )
    return config.with_length(GPU_EPOCHS[cell])


def length_jobs(size: int) -> list[Job]:
    """Return shorter trainings of the convolutional net, the shortest first."""
    if size != 35:
        raise ValueError(f"--size must be 35 for --table lengths. Received: {size}. Give 35.")
    num_pairs, num_distortions = pair_counts(CONVOLUTIONAL)
    jobs = []
    for epochs in LENGTHS:
        config = GRID.override(
            name=f"length-{size}-{epochs * (GRID.epoch_pairs or 0) // 1000}k",
            role="length",
            num_pairs=num_pairs,
            num_distortions=num_distortions,
            epochs=epochs,
            patience=epochs,
            ramp_epochs=min(GRID.ramp_epochs, epochs // 2),
            decay=round(1 - SHRINKING ** (1 / epochs), 6),
        )
        jobs.append(Job(config, (("lengths", CONVOLUTIONAL),)))
    return jobs


def ablation_jobs(size: int) -> list[Job]:
    """Return the trainings of the ablations at one size."""
    base = ABLATION_BASES[size]
    return [
        Job(ablation.config(base), (("ablations", ablation.label),), score_test=False)
        for ablation in ABLATIONS
    ]


def planned_jobs(
    *, size: int = 35, table: str | None = None, cell: str | None = None, seeds: int = 1
) -> list[Job]:
    """Return the trainings that fill the chosen cells, every seed of the first pass first.

    Args:
        size: Side of the images, 35 or 105.
        table: "1", "2", "3", "lengths" or "ablations"; None for the three tables.
        cell: A cell by its name, such as "30k x8" (or "30k-x8") or "dense"; None for all.
        seeds: Seeds 0 to `seeds - 1` of every training.

    Raises:
        ValueError: If there is no such size, table or cell, or no seed.
    """
    if size not in BASES:
        raise ValueError(f"--size must be one of {[*BASES]}. Received: {size}. Choose one.")
    if table is not None and table not in TABLES:
        raise ValueError(f"--table must be one of {[*TABLES]}. Received: {table}. Choose one.")
    if seeds < 1:
        raise ValueError(f"--seeds must be at least 1. Received: {seeds}. Give a larger number.")
    others = {"lengths": length_jobs, "ablations": ablation_jobs}
    jobs = others.get(table or "", trainings)(size)
    if table is not None:
        jobs = [job for job in jobs if any(of == table for of, _ in job.cells)]
        if not jobs:
            raise ValueError(f"--size must be 35 for --table {table}. Received: {size}. Give 35.")
    if cell is not None:
        names = [name for job in jobs for _, name in job.cells]
        wanted = {cell, cell.replace("-", " ")}
        jobs = [job for job in jobs if any(name in wanted for _, name in job.cells)]
        if not jobs:
            raise ValueError(
                f"--cell must be one of {[*dict.fromkeys(names)]}. Received: {cell}. Choose one."
            )
    return [
        Job(job.config.override(seed=seed), job.cells, job.score_test)
        for seed in range(seeds)
        for job in jobs
    ]

"""The tables of the comparison of losses and heads in docs/metric-learning.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reproduce.results import parse
from reproduce.table import MISSING, RIGHT, Result, Table
from studies.metric_learning.comparison import FOLDER, SCORE
from studies.metric_learning.ways import WAYS

PROBLEMS = {"omniglot": "Omniglot", "fonts": "fonts", "flags": "flags"}
# By measure: what a column is called, and whether more is better.
MEASURES = {
    "one_shot": ("20-way", True),
    "recall_at_1": ("recall at 1", True),
    "equal_error_rate": ("EER", False),
}


def table_of_measures(*measures: str) -> Callable[[list[Result]], Table]:
    """Return the maker of a table of some of `MEASURES` on all problems."""
    return lambda results: tabulate_ways(load(), measures)


def load(folder: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the trainings that were scored, by problem; none where it was not run."""
    paths = {name: (folder or FOLDER) / f"{name}.json" for name in PROBLEMS}
    return {
        name: [run for run in parse(path)["runs"] if run["part"] == SCORE] if path.exists() else []
        for name, path in paths.items()
    }


def tabulate_ways(runs: dict[str, list[dict[str, Any]]], measures: tuple[str, ...]) -> Table:
    """Tabulate the mean over the seeds and the lowest and highest, the best mean in bold.

    Args:
        runs: What `load` gives.
        measures: Names of `MEASURES`.
    """
    columns = [(problem, measure) for problem in PROBLEMS for measure in measures]
    headings = [f"{PROBLEMS[problem]}, {MEASURES[measure][0]}" for problem, measure in columns]
    cells = [_column(runs[problem], measure, list(WAYS)) for problem, measure in columns]
    rows = [list(row) for row in zip((way.title for way in WAYS.values()), *cells, strict=True)]
    return Table("Losses and heads on the same budget", ["trained with", *headings], rows, RIGHT)


def _column(runs: list[dict[str, Any]], measure: str, ways: list[str]) -> list[str]:
    values = {way: [run[measure] for run in runs if run["way"] == way] for way in ways}
    means = {way: sum(found) / len(found) for way, found in values.items() if found}
    best = (max if MEASURES[measure][1] else min)(means.values(), default=None)
    return [
        _cell(values[way], means[way], means[way] == best) if way in means else MISSING
        for way in ways
    ]


def _cell(values: list[float], mean: float, best: bool) -> str:
    written = f"**{mean:.1%}**" if best else f"{mean:.1%}"
    return f"{written} ({min(values):.1%} to {max(values):.1%})"

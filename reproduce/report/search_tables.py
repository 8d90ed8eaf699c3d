"""The trials of the searches for the rates, from the files that the search exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reproduce.results import RESULTS, parse
from reproduce.table import Result, Table

FOLDER = RESULTS / "searches"
ENDS = {
    "complete": "ran to its end", "pruned": "ended early", "fail": "failed",
    "running": "interrupted",
}  # fmt: skip


def search(study: str) -> Callable[[list[Result]], Table]:
    """Return the maker of the table of a study.

    Args:
        study: Its name; `FOLDER` holds its file.
    """

    def table(results: list[Result]) -> Table:
        return tabulate(parse(FOLDER / f"{study}.json"))

    return table


def tabulate(found: dict[str, Any]) -> Table:
    """Tabulate a study's trials, the best first; those that waited for a worker are left out."""
    trials = [trial for trial in found["trials"] if trial["state"] in ENDS]
    trials.sort(key=lambda trial: -max(trial["epochs"], default=0))
    rows = [
        [
            str(trial["number"]),
            ENDS[trial["state"]],
            str(len(trial["epochs"])),
            f"{max(trial['epochs'], default=0):.1%}",
            *(_by_layer(trial["parameters"], symbol) for symbol in ("eta", "mu", "lambda")),
        ]
        for trial in trials
    ]
    headings = [
        "trial", "", "epochs", "best validation", "learning rates", "momenta", "L2 weights",
    ]  # fmt: skip
    return Table(f"The search {found['study']}", headings, rows)


def _by_layer(parameters: dict[str, float], symbol: str) -> str:
    """Write a trial's constants from the first layer to the last, or the one of all layers."""
    values = [value for name, value in parameters.items() if name.startswith(f"{symbol} ")]
    return ", ".join(f"{value:.2g}" for value in (values if len(set(values)) > 1 else values[:1]))

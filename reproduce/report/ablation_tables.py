"""The tables of reproduce/NOTES.md about the ablations, by held-out background alphabets."""

from __future__ import annotations

from typing import Any

from reproduce.beyond.ablation_list import CHANGES
from reproduce.results import RESULTS, parse
from reproduce.table import MISSING, Result, Table

FOLDER = RESULTS / "beyond" / "ablations"
# Of these, what is compared over all folds: the network itself, and averaged over mirrorings.
ALONE, MIRRORED = "held out", "held out, mirrored"
WITHIN, ACROSS = "within-alphabet", "across-alphabets"


def load_ablations() -> dict[str, dict[int, Result]]:
    """Read the results of `reproduce.beyond.ablations` by name, in their order, and by fold."""
    read: dict[str, dict[int, Result]] = {name: {} for name in CHANGES}
    for path in sorted(FOLDER.glob("*.json")):
        result = parse(path)
        read[result["name"]][result["fold"]] = result
    return read


def accuracy(result: Result, cell: str, protocol: str) -> float | None:
    """Return one score of an ablation, a fraction; None where it has none of the kind."""
    for entry in result["scores"]:
        if (entry["cell"], entry["protocol"]) == (cell, protocol):
            return entry["value"]
    return None


def percent(value: float | None, missing: str = "") -> str:
    """Write a fraction for the tables."""
    return missing if value is None else f"{value:.1%}"


def tried(results: list[Result]) -> Table:
    """Tabulate what each change was expected to do, and what it gave on fold 0."""
    rows: list[list[str]] = []
    for name, folds in load_ablations().items():
        if 0 not in folds:
            continue
        scores: list[Any] = [
            accuracy(folds[0], *kind)
            for kind in ((ALONE, WITHIN), (MIRRORED, WITHIN), (ALONE, ACROSS))
        ]
        minutes = f"{folds[0]['processor_seconds'] / 60:.1f}"
        rows.append([CHANGES[name].what, CHANGES[name].expected, *map(percent, scores), minutes])
    headings = ["try", "expected", "within", "averaged over mirrorings", "across", "minutes"]
    return Table("What was tried", headings, rows)


def tried_folds(results: list[Result]) -> Table:
    """Tabulate ablations run with other alphabets held out, too: averaged over mirrorings."""
    rotated = {name: folds for name, folds in load_ablations().items() if len(folds) > 1}
    numbers = sorted({fold for folds in rotated.values() for fold in folds})
    rows = []
    for name, folds in rotated.items():
        row = [CHANGES[name].what]
        for protocol in (WITHIN, ACROSS):
            values = [
                accuracy(folds[fold], MIRRORED, protocol) if fold in folds else None
                for fold in numbers
            ]
            row += [percent(value, MISSING) for value in values] if protocol == WITHIN else []
            known = [value for value in values if value is not None]
            # A mean of some folds would not be the others' mean.
            whole = len(known) == len(numbers)
            row.append(percent(sum(known) / len(known) if whole else None, MISSING))
        rows.append(row)
    headings = ["try", *(f"fold {number}" for number in numbers), "mean", "across, mean"]
    return Table("Other alphabets held out", headings, rows)

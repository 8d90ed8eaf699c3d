"""The table and the numbers of the head with the candidates as context, from its result files."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

from reproduce.report.paper_tables import measured
from reproduce.results import parse
from reproduce.table import MISSING, Result, Table
from studies.beyond.context import FOLDER

CONTEXT, ALONE = "context", "head without context"
# What is compared, as the table calls it.
TRIALS = {
    "official": "official, test",
    "within": "within-alphabet, test",
    "validation": "within-alphabet, validation",
}


def load(folder: Path | None = None) -> dict[str, list[Result]]:
    """Read the results by the recipe's name, each in the order of the seeds."""
    found: dict[str, list[Result]] = {CONTEXT: [], ALONE: []}
    for path in sorted((folder or FOLDER).glob("*.json")):
        result = parse(path)
        found[result["recipe"]["name"]].append(result)
    return {name: sorted(group, key=lambda result: result["seed"]) for name, group in found.items()}


def compared(result: Result, kind: str) -> Result | None:
    """Return what `context.compare` found on a key of `TRIALS`; None where it was not scored."""
    if kind == "validation":
        return result["validation"]
    of = result.get("compared", {})
    return of.get({"official": "official, test", "within": "within-alphabet, test"}[kind])


def context_table(results: list[Result]) -> Table:
    """Tabulate the accuracy with context, and what it is compared with."""
    groups = load()
    rows = []
    for kind, title in TRIALS.items():
        found = {
            name: [
                (result["seed"], one)
                for result in group
                if (one := compared(result, kind)) is not None
            ]
            for name, group in groups.items()
        }
        if not found[CONTEXT]:
            continue
        first = found[CONTEXT][0][1]
        value, interval = measured(found[CONTEXT])
        without = measured(found[ALONE])[0].replace("**", "")
        rows.append(
            [title, f"{first['n']:,}", f"{first['shipped']['value']:.2%}",
             f"{first['plain']['value']:.2%}", without or MISSING, value, interval]
        )  # fmt: skip
    headings = [
        "trials", "number", "as it ships", "eight symmetries", "the head without context",
        "the head with context", "95 % interval",
    ]  # fmt: skip
    return Table("With the candidates as context", headings, rows)


def context_numbers(results: list[Result]) -> dict[str, Any]:
    """Return the numbers of sentences: means over the seeds, and of trials those of one seed.

    Of each key of `TRIALS`: accuracies as fractions, errors, and gains in points; `plain` is the
    distance without a head, with the same averaging.
    """
    group = load()[CONTEXT]
    found: dict[str, Any] = {
        "seeds": len(group),
        "parameters": group[0]["parameters"],
        "steps": group[0]["training"]["steps"],
        "views": group[0]["recipe"]["config"]["views"],
        "processor-minutes": mean(
            result["training"]["history"]["processor_seconds"][0] for result in group
        )
        / 60,
    }
    for kind in TRIALS:
        ones = [one for result in group if (one := compared(result, kind)) is not None]
        if not ones:
            continue
        value = mean(one["value"] for one in ones)
        found[kind] = {
            "value": value,
            "trials": ones[0]["n"],
            "errors": mean(_errors(one["value"], one["n"]) for one in ones),
            "plain-errors": _errors(ones[0]["plain"]["value"], ones[0]["n"]),
            **{name: ones[0][name]["value"] for name in ("plain", "shipped")},
            **{
                f"points-over-{name}": 100 * (value - ones[0][name]["value"])
                for name in ("plain", "shipped")
            },
        }
        alone = [one for result in load()[ALONE] if (one := compared(result, kind)) is not None]
        if alone:
            found[kind]["points-without-context"] = 100 * (
                mean(one["value"] for one in alone) - ones[0]["plain"]["value"]
            )
        found[kind]["points-of-turning"] = 100 * (
            ones[0]["plain"]["value"] - ones[0]["shipped"]["value"]
        )
    return found


def _errors(value: float, n: int) -> int:
    return round((1 - value) * n)

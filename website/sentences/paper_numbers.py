"""The numbers of docs/reproduction.md and of sentences about the paper: printed, and reached."""

from __future__ import annotations

from statistics import mean, median
from typing import Any

from reproduce import published
from reproduce.paper.plan import CONVOLUTIONAL, pairs_cell
from reproduce.report import paper_tables
from reproduce.table import Result, pairs_seen
from studies.literature import MNIST, OFFICIAL_RUNS


def printed(results: list[Result]) -> dict[str, Any]:
    """Return the numbers that others print, as fractions."""
    return {
        "people": OFFICIAL_RUNS["people"],
        "koch": published.TABLE_2["koch"],
        "verification": published.TABLE_1["150k x8"],
        "verification-30k-x8": published.TABLE_1["30k x8"],
        "dense": published.TABLE_2["dense"],
        "mnist": published.TABLE_3["reduced"],
        "mnist-nearest": published.TABLE_3["nearest neighbour"],
        "mnist-statistician": MNIST["Edwards and Storkey"],
        "arc": OFFICIAL_RUNS["ARC without context"],
        "arc-context": OFFICIAL_RUNS["ARC with context"],
    }


def reproduction(results: list[Result]) -> dict[str, Any]:
    """Return the trainings that fill the main cell, `koch` at 105x105 and `reduced` at 35x35.

    Each has the scores of the tables and what it saw; differences from the paper are in points.
    """
    found: dict[str, Any] = {}
    for name, size in (("koch", 105), ("reduced", 35)):
        seeds = {
            table: [entry["value"] for _, entry in paper_tables.entries(
                results, table=table, cell=cell, protocol=published.PROTOCOLS[table], size=size
            )]
            for table, cell in ((1, CONVOLUTIONAL), (2, name))
        }  # fmt: skip
        scores = {table: mean(values) for table, values in seeds.items()}
        # What fills the cell in the tables.
        best, _ = paper_tables.scored(
            results, table=1, cell=CONVOLUTIONAL, protocol=published.PROTOCOLS[1], size=size
        )[0]
        found[name] = {
            "verification": scores[1],
            "one-shot": scores[2],
            "verification-behind": 100 * (published.TABLE_1[CONVOLUTIONAL] - scores[1]),
            "one-shot-behind": 100 * (published.TABLE_2[name] - scores[2]),
            "one-shot-spread": 100 * (max(seeds[2]) - min(seeds[2])),
            "million-pairs": pairs_seen(best) / 1e6,
            "passes": pairs_seen(best) / best["data"]["training_pairs"],
            "minutes": sum(best["training"]["history"]["seconds"]) / 60,
            "pairs-per-second": pairs_seen(best)
            / best["training"]["epochs"]
            / median(best["training"]["history"]["seconds"]),
        }
    nearest = paper_tables.entries(
        results, table=3, cell="nearest neighbour", protocol=published.PROTOCOLS[3], size=35
    )
    best = max(_convolutional(results, 105), key=pairs_seen)
    cells = {
        pairs_cell(config["num_pairs"], config["num_distortions"]).replace(" ", "-"): result
        for result in _convolutional(results, 105)
        for config in (result["config"],)
    }
    budget = min(pairs_seen(result) for result in results if result["role"] == "table")
    return {
        **found,
        "mnist-nearest": mean(entry["value"] for _, entry in nearest),
        "million-pairs-of-a-pass": best["data"]["training_pairs"] / 1e6,
        "epochs-on-gpu": best["training"]["epochs"],
        "at-105": {
            cell: {"million-pairs": pairs_seen(result) / 1e6} for cell, result in cells.items()
        },
        "gains-105": _gains(results, 105),
        "tables-pairs": budget,
    }


def _mean_wide(group: list[Result]) -> float | None:
    """Return the accuracy on the 4,000 validation trials that all runs share; None without."""
    wide = [result["validation_wide"]["value"] for result in group if "validation_wide" in result]
    return mean(wide) if wide else None


def _gains(results: list[Result], size: int) -> dict[str, float]:
    """Return the points of verification that distortions add, by the cell without them."""
    verification = {
        cell: mean(entry["value"] for _, entry in found)
        for cell in published.TABLE_1
        if (
            found := paper_tables.entries(
                results, table=1, cell=cell, protocol=published.PROTOCOLS[1], size=size
            )
        )
    }
    return {
        cell: 100 * (verification[f"{cell} x8"] - verification[cell])
        for cell in verification
        if f"{cell} x8" in verification
    }


def _convolutional(results: list[Result], size: int) -> list[Result]:
    """Return the trainings on a budget larger than the tables'."""
    return [
        result
        for result in results
        if result["role"] == "longer"
        and result["config"]["size"] == size
        and result["config"]["encoder"] != "dense"
    ]


def cost(results: list[Result]) -> dict[str, Any]:
    """Return the operations of a training pair of the paper's own network."""
    from reproduce.paper.costs import gflop_per_pair
    from reproduce.paper.paper_network import build_network
    from reproduce.paper.presets import PAPER

    return {"gflop-per-pair": gflop_per_pair(build_network(PAPER))}


def scored_trainings(results: list[Result]) -> dict[str, Any]:
    """Return the trainings of the reproduction by name; scores are the seeds' means.

    Each has its accuracies on validation, official runs, pairs and MNIST, that on the training
    pairs of the last epoch, the pairs seen in millions and as passes, and minutes by the clock.
    """
    of: dict[str, list[Result]] = {}
    for result in results:
        if result["role"] in ("table", "longer", "length", "preset", "choice"):
            of.setdefault(result["config"]["name"], []).append(result)
    found: dict[str, Any] = {}
    for name, group in of.items():
        scores: dict[str, list[float]] = {}
        for result in group:
            for entry in (result, *result["other_results"]):
                kind = "mnist" if entry["table"] == 3 else entry["protocol"]
                if entry["cell"] != "nearest neighbour":
                    scores.setdefault(kind, []).append(entry["value"])
        first = group[0]
        history = first["training"]["history"]
        # A mark takes a name apart at its dots.
        found[name.replace(".", "-")] = {
            **{kind: mean(values) for kind, values in scores.items()},
            "validation": mean(result["validation"]["value"] for result in group),
            "validation-wide": _mean_wide(group),
            "training": history["accuracy"][-1],
            "million-pairs": pairs_seen(first) / 1e6,
            "passes": pairs_seen(first) / first["data"]["training_pairs"],
            "minutes": sum(history["seconds"]) / 60,
            **{
                setting: first["config"][setting]
                for setting in ("batch_size", "decay", "ramp_epochs")
                if setting in first["config"]
            },
        }
    return found

"""The numbers of the pages' sentences, by the names in their marks, from the result files alone."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean
from typing import Any

from keras_siamese.pretrained import pretrained_card
from reproduce import published
from reproduce.paper.plan import CONVOLUTIONAL, pairs_cell
from reproduce.report import beyond_tables, paper_tables, tied_tables
from reproduce.results import ROOT
from reproduce.robustness import robustness_tables
from reproduce.robustness.looks import CLEAN
from reproduce.table import Result, pairs_seen

WEIGHTS = ROOT / "keras_siamese" / "weights" / "omniglot.npz"


def shipped(results: list[Result]) -> dict[str, Any]:
    """Return the scores of `omniglot`, the network that ships, as fractions."""
    scores = {(entry["what"], entry["protocol"]): entry for entry in pretrained_card()["scores"]}
    official = scores["one-shot accuracy, beyond", "official"]
    return {
        "megabytes": WEIGHTS.stat().st_size / 1e6,
        "official": official["value"],
        "official-trials": official["n"],
        "mnist-redrawn": scores[
            "one-shot accuracy, MNIST, 10000 trials, redrawn", "within-alphabet"
        ]["value"],
    }


def printed(results: list[Result]) -> dict[str, Any]:
    """Return the figures that others print, as fractions."""
    return {
        "people": published.OFFICIAL_RUNS["people"],
        "koch": published.TABLE_2["koch"],
        "verification": published.TABLE_1["150k x8"],
    }


def reproduction(results: list[Result]) -> dict[str, Any]:
    """Return the trainings on the most pairs, `koch` at 105x105 and `reduced` at 35x35.

    Each has the scores of the tables and what it saw; differences from the paper are in points.
    """
    found: dict[str, Any] = {}
    for name, size in (("koch", 105), ("reduced", 35)):
        scores = {
            table: mean(entry["value"] for _, entry in paper_tables.entries(
                results, table=table, cell=cell, protocol=published.PROTOCOLS[table], size=size
            ))
            for table, cell in ((1, CONVOLUTIONAL), (2, name))
        }  # fmt: skip
        best = max(_convolutional(results, size), key=pairs_seen)
        found[name] = {
            "verification": scores[1],
            "one-shot": scores[2],
            "verification-behind": 100 * (published.TABLE_1[CONVOLUTIONAL] - scores[1]),
            "one-shot-behind": 100 * (published.TABLE_2[name] - scores[2]),
            "pairs": pairs_seen(best),
            "million-pairs": pairs_seen(best) / 1e6,
            "passes": pairs_seen(best) / best["data"]["training_pairs"],
            "minutes": sum(best["training"]["history"]["seconds"]) / 60,
        }
    best = max(_convolutional(results, 105), key=pairs_seen)
    cells = {
        pairs_cell(config["num_pairs"], config["num_distortions"]).replace(" ", "-"): result
        for result in _convolutional(results, 105)
        for config in (result["config"],)
    }
    budget = max(pairs_seen(result) for result in results if result["role"] == "table")
    first = min(pairs_seen(result) for result in _convolutional(results, 35))
    return {
        **found,
        "million-pairs-of-a-pass": best["data"]["training_pairs"] / 1e6,
        "epochs-on-gpu": best["training"]["epochs"],
        "at-105": {
            cell: {"million-pairs": pairs_seen(result) / 1e6} for cell, result in cells.items()
        },
        "tables-pairs": budget,
        "times-the-tables": first / budget,
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
    from reproduce.paper.network import build
    from reproduce.paper.presets import PAPER

    return {"gflop-per-pair": gflop_per_pair(build(PAPER))}


def beyond(results: list[Result]) -> dict[str, Any]:
    """Return every training of docs/beyond.md, such as `features-14000`.

    Each has its minutes, its weights in millions, its accuracy on the official runs with the errors
    of seed 0, and within alphabets.
    """
    found = {}
    for group in beyond_tables.columns(beyond_tables.load_beyond()).values():
        recipe = group[0]["recipe"]
        name = f"{recipe['name']}-{recipe['episodes']['steps']}"
        if recipe["background"] != "background":
            name += f"-{recipe['background']}"
        official = [entry for _, entry in beyond_tables.entries(group, "beyond", "official")]
        within = beyond_tables.entries(group, "20-way, 1-shot", "within-alphabet")
        minutes = [beyond_tables.minutes_on_two_cores(result) for result in group]
        found[name] = {
            "minutes": sum(minutes) / len(minutes),
            "million-weights": group[0]["parameters"] / 1e6,
            "official": sum(entry["value"] for entry in official) / len(official),
            "errors": round((1 - official[0]["value"]) * official[0]["n"]),
            "within": sum(entry["value"] for _, entry in within) / len(within),
        }
    longer, ships = found["features-20000"], found["features-14000"]
    gained = {
        "errors-fewer": ships["errors"] - longer["errors"],
        "points-of-features": 100 * (ships["within"] - found["large-7000"]["within"]),
    }
    return {**found, **gained}


def tried(results: list[Result]) -> dict[str, Any]:
    """Return what changes of the recipe gave on held-out background alphabets, in points."""
    kind = (beyond_tables.MIRRORED, beyond_tables.WITHIN)
    first = {
        name: beyond_tables.accuracy(folds[0], *kind)
        for name, folds in beyond_tables.load_ablations().items()
        if 0 in folds
    }
    base, sigmoid = first["base"], first["sigmoid"]
    if base is None or sigmoid is None:
        raise ValueError("The ablations `base` and `sigmoid` of fold 0 must have been scored.")
    return {"sigmoid-behind": 100 * (base - sigmoid)}


def shots(results: list[Result]) -> dict[str, Any]:
    """Return how the errors of `omniglot` within alphabets depend on the support images."""
    found = beyond_tables.load_mistakes() or {"scores": []}
    error = {
        entry["cell"]: 1 - entry["value"]
        for entry in found["scores"]
        if entry["protocol"] == "within-alphabet"
    }
    return {
        "one-in-with-19": 1 / error["19-shot"],
        "left-with-5": error["5-shot"] / error["1-shot"],
    }


def robustness(results: list[Result]) -> dict[str, Any]:
    """Return the numbers of docs/robustness.md; losses are points below clean drawings."""
    rows = {row["name"]: row for row in robustness_tables.load()}
    of = {name: {entry["method"]: entry for entry in row["scores"]} for name, row in rows.items()}

    def lost(name: str) -> float:
        return 100 * (of[CLEAN]["omniglot"]["value"] - of[name]["omniglot"]["value"])

    phones = [lost(f"phone, {paper} paper") for paper in ("plain", "ruled", "squared")]
    single = {
        name: lost(name)
        for name, row in rows.items()
        if row["kind"] == "look" and row["factor"] != robustness_tables.ALL_TOGETHER
    }
    large = [single.pop(name) for name in ("tilt 16", "thick pen")]
    faint = of["pencil, faint"]["signs"]
    return {
        "phone-least": min(phones),
        "phone-most": max(phones),
        "pencil": lost("phone, pencil"),
        "tilt-and-pen-least": min(large),
        "tilt-and-pen-most": max(large),
        "others-most": max(single.values()),
        "faint-accepted": faint["unwarned_false_accepts"]["value"],
        "trials": of[CLEAN]["omniglot"]["n"],
    }


def protocol(results: list[Result]) -> dict[str, Any]:
    """Return what the protocols fix."""
    return {"chance-of-20": 1 / 20}


NUMBERS: dict[str, Callable[[list[Result]], Any]] = {
    "omniglot": shipped,
    "printed": printed,
    "reproduction": reproduction,
    "cost": cost,
    "beyond": beyond,
    "tried": tried,
    "shots": shots,
    "robustness": robustness,
    "protocol": protocol,
    "tied": lambda results: tied_tables.load(),
}


def look_up(numbers: Any, path: str) -> Any:
    """Return the number at a path such as `copies.runs.own.apart` or `a.0.b`.

    Raises:
        ValueError: If there is none.
    """
    found = numbers
    for part in path.split("."):
        # A name in a mark has no blanks; a result's key may have some.
        keys = [int(part)] if isinstance(found, list) and part.isdecimal() else [part]
        if isinstance(found, dict) and part not in found:
            keys = [part.replace("_", " ")]
        try:
            found = found[keys[0]]
        except (KeyError, IndexError, TypeError):
            known = f" There are {sorted(found)}." if isinstance(found, dict) else ""
            raise ValueError(f"{path!r} names no number: nothing at {part!r}.{known}") from None
    return found

"""The numbers of docs/beyond.md: the trainings beyond the paper, and what was tried for them."""

from __future__ import annotations

from statistics import mean
from typing import Any

from reproduce.table import Result
from studies import official_scores
from studies.beyond import beyond_tables
from studies.beyond.parts import TEST, VALIDATION


def beyond_trainings(results: list[Result]) -> dict[str, Any]:
    """Return every training of docs/beyond.md, such as `features-14000`.

    Each has its processor minutes and its accuracy on the official runs and within the alphabets of
    test and validation: means, and each seed's.
    """
    found: dict[str, Any] = {}
    for group in beyond_tables.columns(beyond_tables.load_beyond()).values():
        recipe = group[0]["recipe"]
        name = f"{recipe['name']}-{recipe['episodes']['steps']}"
        if recipe["background"] != "background":
            name += f"-{recipe['background']}"
        seeds = {str(result["seed"]): _scores(result) for result in group}
        found[name] = {
            "processor-minutes": mean(map(beyond_tables.processor_minutes, group)),
            **{
                kind: mean(scores[kind] for scores in seeds.values())
                for kind in ("official", "official-error", "within", "validation", "validation-5")
            },
            "validation-most": max(scores["validation"] for scores in seeds.values()),
            "seeds": seeds,
        }
    lengths = [found[f"features-{steps}"] for steps in (8000, 14000, 20000)]
    short, ships, longer = (training["seeds"]["0"] for training in lengths)
    of_14000 = found["features-14000"]["seeds"]
    return {
        **found,
        "seed-2-ahead": 100 * (of_14000["2"]["validation"] - of_14000["0"]["validation"]),
        "errors-fewer": ships["errors"] - longer["errors"],
        "points-of-features": 100 * (lengths[1]["within"] - found["large-7000"]["within"]),
        "gain": {
            name: {
                "test": 100 * (after["within"] - before["within"]),
                "validation": 100 * (after["validation"] - before["validation"]),
            }
            for name, before, after in (
                ("8000-14000", short, ships),
                ("14000-20000", ships, longer),
            )
        },
    }


def _scores(result: Result) -> dict[str, Any]:
    """Return the scores of one training beyond the paper that sentences need."""

    def score(cell: str, protocol: str, part: str = TEST) -> dict[str, Any]:
        ((_, entry),) = beyond_tables.seed_scores([result], cell, protocol, part)
        return entry

    official = score("beyond", "official")
    validation = [
        score(f"20-way, {shots}-shot", "within-alphabet", VALIDATION)["value"] for shots in (1, 5)
    ]
    return {
        "official": official["value"],
        "official-error": 1 - official["value"],
        "errors": round((1 - official["value"]) * official["n"]),
        "within": score("20-way, 1-shot", "within-alphabet")["value"],
        "validation": validation[0],
        "validation-5": validation[1],
    }


def record_counts(results: list[Result]) -> dict[str, Any]:
    """Return how many networks were ever scored on the official runs."""
    networks = official_scores.load()
    return {
        "networks": len(networks),
        "paper": sum(network["kind"] == "paper" for network in networks),
        "beyond": sum(network["kind"] == "beyond" for network in networks),
        "tied": sum(network["kind"] == "tied" for network in networks),
        "deleted": sum(not network["kept"] for network in networks),
    }


def tried_changes(results: list[Result]) -> dict[str, Any]:
    """Return what changes of the recipe gave on held-out background alphabets, in points."""
    kind = (beyond_tables.MIRRORED, beyond_tables.WITHIN)
    ablations = beyond_tables.load_ablations()
    first = {
        name: beyond_tables.accuracy(folds[0], *kind)
        for name, folds in ablations.items()
        if 0 in folds
    }
    base, sigmoid = first["base"], first["sigmoid"]
    if base is None or sigmoid is None:
        raise ValueError(
            "The ablations `base` and `sigmoid` of fold 0 must have been scored. Received: no such "
            "score. Run `python -m studies.beyond.ablations` for both."
        )
    entry = next(
        entry
        for entry in ablations["base"][0]["scores"]
        if (entry["cell"], entry["protocol"]) == kind
    )
    alone = (beyond_tables.ALONE, beyond_tables.WITHIN)
    mirroring = {
        name: 100 * (averaged - (beyond_tables.accuracy(ablations[name][0], *alone) or 0))
        for name, averaged in first.items()
        if averaged is not None
    }
    return {
        "mirroring": {
            "least": min(mirroring.values()),
            "most": max(mirroring.values()),
            "features": mirroring["features-pooled"],
        },
        "sigmoid-behind": 100 * (base - sigmoid),
        "half-interval": 100 * (entry["interval"][1] - entry["interval"][0]) / 2,
    }


def shots(results: list[Result]) -> dict[str, Any]:
    """Return how the errors of `omniglot` within the test alphabets depend on the support images.

    The trials are those of one part and one row of the table.
    """
    of = {
        (entry["cell"], entry["protocol"]): entry
        for entry in beyond_tables.mistake_scores()
        if entry["part"] == TEST
    }
    return {
        "one-in-with-19": 1 / (1 - of["20-way, 19-shot", "within-alphabet"]["value"]),
        "within-trials": of["20-way, 1-shot", "within-alphabet"]["n"],
        "across": of["20-way, 1-shot", "across-alphabets"]["value"],
        "across-trials": of["20-way, 1-shot", "across-alphabets"]["n"],
    }

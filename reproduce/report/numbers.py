"""The numbers of the pages' sentences, by the names in their marks, from the result files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import mean, median
from typing import Any

from keras_siamese.evaluation import wilson_interval
from keras_siamese.pretrained import pretrained_card
from reproduce import official_scores, published
from reproduce.beyond import camera as beyond_camera
from reproduce.beyond.parts import TEST, VALIDATION
from reproduce.paper.plan import CONVOLUTIONAL, pairs_cell
from reproduce.report import (
    benchmark_tables,
    beyond_tables,
    context_tables,
    length_fit,
    paper_tables,
    tied_tables,
)
from reproduce.results import ROOT
from reproduce.robustness import own_images, robustness_tables
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
    """Return the numbers that others print, as fractions."""
    return {
        "people": published.OFFICIAL_RUNS["people"],
        "koch": published.TABLE_2["koch"],
        "verification": published.TABLE_1["150k x8"],
        "verification-30k-x8": published.TABLE_1["30k x8"],
        "dense": published.TABLE_2["dense"],
        "mnist": published.TABLE_3["reduced"],
        "arc": published.OFFICIAL_RUNS["ARC without context"],
        "arc-context": published.OFFICIAL_RUNS["ARC with context"],
    }


def reproduction(results: list[Result]) -> dict[str, Any]:
    """Return the trainings that fill the main cell, `koch` at 105x105 and `reduced` at 35x35.

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
        # What fills the cell in the tables.
        best, _ = paper_tables.scored(
            results, table=1, cell=CONVOLUTIONAL, protocol=published.PROTOCOLS[1], size=size
        )[0]
        found[name] = {
            "verification": scores[1],
            "one-shot": scores[2],
            "verification-behind": 100 * (published.TABLE_1[CONVOLUTIONAL] - scores[1]),
            "one-shot-behind": 100 * (published.TABLE_2[name] - scores[2]),
            "million-pairs": pairs_seen(best) / 1e6,
            "passes": pairs_seen(best) / best["data"]["training_pairs"],
            "minutes": sum(best["training"]["history"]["seconds"]) / 60,
            "pairs-per-second": pairs_seen(best)
            / best["training"]["epochs"]
            / median(best["training"]["history"]["seconds"]),
        }
    mnist = mean(
        entry["value"]
        for _, entry in paper_tables.entries(
            results, table=3, cell="reduced", protocol=published.PROTOCOLS[3], size=35
        )
    )
    found["reduced"]["mnist-behind"] = 100 * (published.TABLE_3["reduced"] - mnist)
    best = max(_convolutional(results, 105), key=pairs_seen)
    cells = {
        pairs_cell(config["num_pairs"], config["num_distortions"]).replace(" ", "-"): result
        for result in _convolutional(results, 105)
        for config in (result["config"],)
    }
    budget = min(pairs_seen(result) for result in results if result["role"] == "table")
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


def trainings(results: list[Result]) -> dict[str, Any]:
    """Return the scored trainings of the reproduction by name; scores are the seeds' means.

    Each has its accuracies on validation, official runs, pairs and MNIST, that on the training
    pairs of the last epoch, the pairs seen in millions and as passes, and minutes by the clock.
    """
    of: dict[str, list[Result]] = {}
    for result in results:
        if result["role"] in ("table", "longer", "length", "preset"):
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
        found[name] = {
            **{kind: mean(values) for kind, values in scores.items()},
            "validation": mean(result["validation"]["value"] for result in group),
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


def beyond(results: list[Result]) -> dict[str, Any]:
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
    return {
        **found,
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
        ((_, entry),) = beyond_tables.entries([result], cell, protocol, part)
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


def record(results: list[Result]) -> dict[str, Any]:
    """Return how many networks were ever scored on the official runs."""
    networks = official_scores.load()
    return {
        "networks": len(networks),
        "paper": sum(network["kind"] == "paper" for network in networks),
        "beyond": sum(network["kind"] == "beyond" for network in networks),
        "tied": sum(network["kind"] == "tied" for network in networks),
        "deleted": sum(not network["kept"] for network in networks),
    }


def tried(results: list[Result]) -> dict[str, Any]:
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
        raise ValueError("The ablations `base` and `sigmoid` of fold 0 must have been scored.")
    entry = next(
        entry
        for entry in ablations["base"][0]["scores"]
        if (entry["cell"], entry["protocol"]) == kind
    )
    return {
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


def camera(results: list[Result]) -> dict[str, Any]:
    """Return the seeds and trials of the comparison in docs/training.md.

    The half of an interval is in points, where it is widest among the scores.
    """
    rows = beyond_camera.load()
    trials = json.loads(beyond_camera.RESULT.read_text())["trials"]
    scores = [
        score for row in rows for found in row["accuracies"].values() for score in found.values()
    ]
    intervals = [wilson_interval(round(score * trials), trials) for score in scores]
    return {
        "trials": trials,
        "seeds": len({row["seed"] for row in rows}),
        "half-interval": 100 * max(high - low for low, high in intervals) / 2,
    }


def own(results: list[Result]) -> dict[str, Any]:
    """Return the accuracies of docs/own-images.md by what was tested, such as `other-flags`."""
    return {row["tested"].replace(" ", "-"): row["value"] for row in own_images.load()}


def attacks(results: list[Result]) -> dict[str, Any]:
    """Return what the soaks of docs/reliability.md took."""
    return {
        name: json.loads((benchmark_tables.FOLDER / f"{name}.json").read_text())
        for name in ("soak", "kills", "clients")
    }


def support_images(results: list[Result]) -> dict[str, Any]:
    """Return the size of the support images of docs/speed.md, in float32."""
    measured = json.loads(benchmark_tables.SUPPORT_IMAGES.read_text())
    return {"gigabytes": 4 * measured["support"] * measured["features"] / 1e9}


def protocol(results: list[Result]) -> dict[str, Any]:
    """Return what the protocols fix."""
    return {"chance-of-20": 1 / 20}


NUMBERS: dict[str, Callable[[list[Result]], Any]] = {
    "omniglot": shipped,
    "printed": printed,
    "reproduction": reproduction,
    "trainings": trainings,
    "lengths": length_fit.numbers,
    "cost": cost,
    "beyond": beyond,
    "context": context_tables.numbers,
    "record": record,
    "tried": tried,
    "shots": shots,
    "robustness": robustness,
    "camera": camera,
    "own": own,
    "attacks": attacks,
    "support-images": support_images,
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

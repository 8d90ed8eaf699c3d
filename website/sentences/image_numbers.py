"""The numbers of pages on other images: robustness, cameras and own images."""

from __future__ import annotations

import json
from typing import Any

from keras_siamese.evaluation import wilson_interval
from reproduce.table import Result
from studies.beyond import camera as beyond_camera
from studies.robustness import own_images, robustness_tables
from studies.robustness.looks import CLEAN


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

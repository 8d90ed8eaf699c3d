"""The numbers of the package itself: the network that ships, its tests, speed and protocols."""

from __future__ import annotations

import json
from typing import Any

from keras_siamese.pretrained import pretrained_card
from reproduce.results import ROOT
from reproduce.table import Result
from website.tables import benchmark_tables

WEIGHTS = ROOT / "keras_siamese" / "weights" / "omniglot.npz"


def shipped_scores(results: list[Result]) -> dict[str, Any]:
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


def attacks(results: list[Result]) -> dict[str, Any]:
    """Return what the soaks of docs/reliability.md took."""
    return {
        name: json.loads((benchmark_tables.FOLDER / f"{name}.json").read_text())
        for name in ("soak", "kills", "clients")
    }


def support_image_sizes(results: list[Result]) -> dict[str, Any]:
    """Return the size of the support images of docs/speed.md, in float32."""
    measured = json.loads(benchmark_tables.SUPPORT_IMAGES.read_text())
    return {"gigabytes": 4 * measured["support"] * measured["features"] / 1e9}


def protocol_numbers(results: list[Result]) -> dict[str, Any]:
    """Return what the protocols fix."""
    return {"chance-of-20": 1 / 20}

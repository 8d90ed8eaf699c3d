"""The two parts of Omniglot's evaluation set, told apart in scores of both.

Lake's ten alphabets, which have the official runs, are the test. The other ten serve for
validation: they choose what ships, its probabilities and its thresholds.
"""

from __future__ import annotations

from typing import Any

from keras_siamese.data.splits import LAKE_ALPHABETS
from keras_siamese.evaluation import wilson_interval

TEST, VALIDATION = "test", "validation"
PARTS = (TEST, VALIDATION)
# Cells of scores with another number of symmetries than a mirrored network ships with.
OTHER_SYMMETRIES = {1: "20-way, not mirrored", 8: "20-way, 1-shot, eight symmetries"}


def part_of_alphabet(alphabet: str) -> str:
    """Return the part that an evaluation alphabet belongs to."""
    return TEST if alphabet in LAKE_ALPHABETS else VALIDATION


def parted(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tell test and validation apart in the scores of a network.

    Trials within alphabets were drawn from all twenty: each part gets a score of its trials. Trials
    across alphabets that mix both parts are left out. All other scores are of the test.

    Args:
        scores: As in a result file.

    Returns:
        The scores, each with its `part`.
    """
    found = []
    for entry in scores:
        if "part" in entry or "-shot" not in entry["cell"]:
            found.append({"part": TEST, **entry})
        elif entry["protocol"] == "within-alphabet":
            found += [score for part in PARTS for score in _of_part(entry, part)]
    return found


def _of_part(entry: dict[str, Any], part: str) -> list[dict[str, Any]]:
    counts = {
        name: count
        for name, count in (entry.get("per_alphabet") or {}).items()
        if part_of_alphabet(name) == part
    }
    if not counts:
        return []
    right, n = (sum(numbers) for numbers in zip(*counts.values(), strict=True))
    new = {"value": right / n, "interval": list(wilson_interval(right, n)), "n": n}
    return [{**entry, **new, "per_alphabet": counts, "part": part}]

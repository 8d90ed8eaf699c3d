"""How the error falls with the pairs that a training sees: a power law, and what it would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reproduce import published
from reproduce.paper.plan import CONVOLUTIONAL, pairs_cell
from reproduce.table import Result, pairs_seen

# Below this rate (of layers, the highest) divided by the batch, trainings learn less from a pair,
# and are no part of a fit.
LEAST_RATE = 0.002
ROLES = ("table", "longer", "length", "preset")
ENCODERS = {35: "reduced", 105: "koch"}
# The scores that are fitted, by a short name, and the paper's accuracy; it prints no validation.
# Official runs and verification are of the test; validation is the 4,000 trials of ten alphabets.
SCORES: dict[str, float | None] = {
    "official": published.TABLE_2["koch"],
    "verification": published.TABLE_1[CONVOLUTIONAL],
    "validation": None,
}
DRAWS = 2000
# Lengths that are closer than this factor say little about others.
LEAST_SPAN = 4


@dataclass(frozen=True)
class Point:
    """One training.

    Attributes:
        pairs: Training pairs that it saw.
        accuracy: Fraction of `n` that was right.
        n: Test trials or pairs.
        fitted: Whether its rate is high enough for its batches to take part in the fit.
        result: Its result.
    """

    pairs: int
    accuracy: float
    n: int
    fitted: bool
    result: Result


def points(results: list[Result], size: int, score: str) -> list[Point]:
    """Return the trainings of the paper's main cell at one size that have a score, by length.

    Args:
        results: Contents of the result files.
        size: 35 or 105.
        score: A key of `SCORES`.
    """
    found = []
    for result in results:
        config = result.get("config", {})
        if (
            result["role"] not in ROLES
            or "training" not in result
            or (config["size"], config["encoder"]) != (size, ENCODERS[size])
            or pairs_cell(config["num_pairs"], config["num_distortions"]) != CONVOLUTIONAL
        ):
            continue
        rates = config["learning_rates"]
        highest = max(rates.values()) if isinstance(rates, dict) else rates
        fitted = highest >= LEAST_RATE * config["batch_size"]
        for entry in _entries(result, score):
            found.append(Point(pairs_seen(result), entry["value"], entry["n"], fitted, result))
    return sorted(found, key=lambda point: point.pairs)


def _entries(result: Result, score: str) -> list[Result]:
    """Return the scores of one kind that a result holds."""
    if score == "validation":
        return [result["validation_wide"]] if "validation_wide" in result else []
    return [
        entry
        for entry in (result, *result["other_results"])
        if entry["protocol"] == score and entry["cell"] != "nearest neighbour"
    ]


@dataclass(frozen=True)
class Fit:
    """The power law `error = a pairs^-b`, and draws of it.

    Attributes:
        lines: `(1 + draws, 2)`, log a and -b; the fit itself, and those of redrawn scores.
        misfit: Chi-squared of the wrong answers, given the binomial errors of the trials.
        freedom: Degrees of freedom of `misfit`.
    """

    lines: np.ndarray
    misfit: float
    freedom: int

    @property
    def exponent(self) -> tuple[float, float, float]:
        """Exponent b, and its 95 % interval."""
        return _with_interval(-self.lines[:, 1])

    def errors(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the errors at some lengths, and the lower and upper ends of 95 % intervals.

        Args:
            pairs: `(n,)`, lengths in training pairs.
        """
        each = np.exp(self.lines[:, :1] + self.lines[:, 1:] * np.log(pairs))
        low, high = np.percentile(each[1:], (2.5, 97.5), axis=0)
        return each[0], low, high

    def pairs_for(self, error: float) -> tuple[float, float, float]:
        """Return the pairs after which the error is as low as given, and a 95 % interval."""
        return _with_interval(np.exp((np.log(error) - self.lines[:, 0]) / self.lines[:, 1]))


def _with_interval(values: np.ndarray) -> tuple[float, float, float]:
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return float(values[0]), float(low), float(high)


def fit(trainings: list[Point], *, seed: int = 0) -> Fit | None:
    """Fit the power law to trainings, each weighted by how exactly its error is known.

    The draws repeat the fit with every training's wrong answers drawn anew, binomially: they tell
    how much the limited number of test trials leaves open, and nothing of other seeds.

    Args:
        trainings: As `points` gives them; those not `fitted` are left out.
        seed: Seed of the draws.

    Returns:
        The fit; None where the longest training is less than four times as long as the shortest.
    """
    used = [point for point in trainings if point.fitted]
    pairs = np.array([point.pairs for point in used])
    if not used or pairs.max() < LEAST_SPAN * pairs.min():
        return None
    n = np.array([point.n for point in used])
    wrong = np.round(n * (1 - np.array([point.accuracy for point in used])))
    drawn = np.random.default_rng(seed).binomial(n, wrong / n, (DRAWS, len(used)))
    # Half a trial keeps the logarithm finite. The variance of log(error) is about 1 / wrong.
    errors = np.concatenate([wrong[None], drawn]).clip(0.5) / n
    columns = np.stack([np.ones(len(used)), np.log(pairs)], axis=1)
    weights = np.sqrt(wrong.clip(1))
    solution = np.linalg.lstsq(columns * weights[:, None], (np.log(errors) * weights).T, rcond=None)
    lines = solution[0].T
    expected = n * np.exp(columns @ lines[0])
    misfit = ((wrong - expected) ** 2 / (expected * (1 - expected / n))).sum()
    return Fit(lines, float(misfit), len(used) - 2)


def length_numbers(results: list[Result]) -> dict[str, Any]:
    """Return the fits' exponents, and the million pairs that the paper's accuracies would take."""
    found: dict[str, Any] = {}
    for size in ENCODERS:
        for score, accuracy in SCORES.items():
            of = fit(points(results, size, score))
            if of is None:
                continue
            ends = ("value", "low", "high")
            found[f"{score}-{size}"] = entry = {
                "exponent": dict(zip(ends, of.exponent, strict=True)),
                "misfit": of.misfit,
                "freedom": of.freedom,
            }
            if accuracy is not None:
                needed = zip(ends, of.pairs_for(1 - accuracy), strict=True)
                entry["million-pairs"] = {name: pairs / 1e6 for name, pairs in needed}
    return found

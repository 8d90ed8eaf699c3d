"""The threshold of a verification score for a given rate of false accepts."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.argument_checks import check_fields, check_list, check_whole, is_number
from keras_siamese.evaluation.intervals import wilson_interval
from keras_siamese.evaluation.thresholds import best_threshold, roc_curve

# What a pair is decided at where there is no threshold.
MIDDLE = 0.5
# The threshold that refuses every pair, of any probability.
ABOVE_ALL = float(np.nextafter(1.0, 2.0))


class OperatingPoint(NamedTuple):
    """How a threshold decides the pairs that it was chosen on.

    Attributes:
        threshold: Probability from which on a pair is called the same.
        false_accept_rate: Fraction of the different pairs that are called the same.
        false_accept_interval: 95 % Wilson interval of that rate, `(low, high)`: how far it may be
            off on other pairs like these.
        false_reject_rate: Fraction of the same pairs that are called different.
        num_same: Number of same pairs.
        num_different: Number of different pairs.
    """

    threshold: float
    false_accept_rate: float
    false_accept_interval: tuple[float, float]
    false_reject_rate: float
    num_same: int
    num_different: int

    @classmethod
    def from_json(cls, mapping: Any) -> OperatingPoint:
        """Return what `_asdict` gave, after it was JSON.

        Args:
            mapping: All values by name.

        Returns:
            The same operating point.

        Raises:
            ValueError: If it is no such mapping.
        """
        if not isinstance(mapping, dict) or set(mapping) != set(cls._fields):
            raise ValueError(f"its operating point is {mapping!r}, without some of {cls._fields}")
        return cls(
            **check_fields(
                "operating point",
                mapping,
                {
                    "threshold": check_threshold,
                    "false_accept_rate": check_fraction,
                    "false_accept_interval": check_interval,
                    "false_reject_rate": check_fraction,
                    "num_same": check_whole,
                    "num_different": check_whole,
                },
            )
        )


def pairs_needed(false_accept_rate: float) -> int:
    """Count the different pairs that it takes to show a false-accept rate.

    Args:
        false_accept_rate: Fraction in (0, 1].

    Returns:
        The least number of pairs of which, with none accepted, the 95 % Wilson interval of the rate
        ends at `false_accept_rate` or below.

    Raises:
        ValueError: If the rate is out of range.

    Example:
        >>> from keras_siamese.evaluation.operating_point import pairs_needed
        >>> pairs_needed(0.01)
        381
    """
    rate = check_fraction("false_accept_rate", false_accept_rate)
    if not rate:
        raise ValueError(
            "`false_accept_rate` must be above 0. Received: 0, which no number of pairs "
            "can show. Give 0.01 for 1 %."
        )
    # With none of n accepted, the interval ends at z^2 / (n + z^2).
    squared = wilson_interval(0, 1)[1] / (1 - wilson_interval(0, 1)[1])
    return max(1, math.ceil(squared * (1 - rate) / rate))


def too_few_pairs(point: OperatingPoint, false_accept_rate: float) -> str | None:
    """Say where there were too few pairs for the rate that a threshold was chosen for.

    Args:
        point: How the threshold decides the pairs.
        false_accept_rate: Fraction in [0, 1] of different pairs that it may accept.

    Returns:
        A sentence; None where there were enough, or the rate is 0.
    """
    if not false_accept_rate or point.num_different >= pairs_needed(false_accept_rate):
        return None
    highest, needed = wilson_interval(0, point.num_different)[1], pairs_needed(false_accept_rate)
    return (
        f"{point.num_different} different pairs are too few to show a false-accept rate of "
        f"{100 * false_accept_rate:.3g} %: even if the threshold accepts none of them, the rate "
        f"may be as high as {100 * highest:.2g} %. It takes {needed} pairs or more: hold out more "
        "classes, or choose the threshold on more images."
    )


def find_operating_point(
    scores: np.ndarray, same: np.ndarray, *, false_accept_rate: float | None = None
) -> OperatingPoint:
    """Choose a threshold on pairs, and say how it decides them.

    Args:
        scores: `(n,)`, probability of each pair, higher is more similar.
        same: `(n,)`, bool, with at least one same and one different pair.
        false_accept_rate: Fraction in [0, 1] of the different pairs that may be called the same; of
            the thresholds that keep it, the one that accepts most, midway to the next score below.
            None takes `best_threshold`.

    Returns:
        An `OperatingPoint`.

    Raises:
        ValueError: As `roc_curve`, or if the rate is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation import find_operating_point
        >>> scores, same = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False])
        >>> round(find_operating_point(scores, same, false_accept_rate=0.0).threshold, 6)
        0.85
    """
    curve = roc_curve(scores, same)
    scores, labels = np.asarray(scores, np.float64), np.asarray(same, bool)
    if false_accept_rate is None:
        threshold = best_threshold(scores, labels)
    else:
        rate = check_fraction("false_accept_rate", false_accept_rate)
        # Both rates rise along the curve, so the last point accepts the most same pairs.
        kept = int(np.flatnonzero(curve.false_positive <= rate)[-1])
        threshold = _between(curve.thresholds, kept)
    return operating_point_at(scores, labels, float(threshold))


def operating_point_at(scores: np.ndarray, same: np.ndarray, threshold: float) -> OperatingPoint:
    """Say how a threshold decides pairs, which need not be those that it was chosen on.

    Args:
        scores: `(n,)`, probability of each pair, higher is more similar.
        same: `(n,)`, bool, with at least one same and one different pair.
        threshold: Probability from which on a pair is called the same.

    Returns:
        An `OperatingPoint`.

    Raises:
        ValueError: As `roc_curve`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation import operating_point_at
        >>> scores, same = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False])
        >>> operating_point_at(scores, same, 0.5).false_accept_rate
        0.5
    """
    curve = roc_curve(scores, same)
    num_same = int(np.sum(same))
    num_different = len(same) - num_same
    # The curve's last point that this threshold still reaches.
    place = np.flatnonzero(curve.thresholds >= threshold)[-1]
    accepted = round(float(curve.true_positive[place]) * num_same)
    false_accepts = round(float(curve.false_positive[place]) * num_different)
    return OperatingPoint(
        threshold=threshold,
        false_accept_rate=false_accepts / num_different,
        false_accept_interval=wilson_interval(false_accepts, num_different),
        false_reject_rate=(num_same - accepted) / num_same,
        num_same=num_same,
        num_different=num_different,
    )


def _between(thresholds: np.ndarray, index: int) -> float:
    """Return a threshold that decides as the one at `index`, away from any score where it can."""
    high = thresholds[index]
    if index == len(thresholds) - 1:
        return high
    low = thresholds[index + 1]
    # The curve starts at infinity: the least step above every score rejects all as well.
    if np.isinf(high):
        return np.nextafter(low, np.inf)
    middle = low + (high - low) / 2
    return middle if middle > low else high


def effective_threshold(threshold: float | None) -> float:
    """Return what pairs are decided at.

    Args:
        threshold: Probability from which on a pair is called the same, or None.

    Returns:
        The same; 0.5 for None.
    """
    return MIDDLE if threshold is None else threshold


def is_threshold(value: Any) -> bool:
    """Say whether a value is a threshold.

    Args:
        value: Anything.

    Returns:
        Whether it is a probability in [0, 1], or the least number above, which no pair reaches.
    """
    return is_number(value) and bool(0 <= value <= ABOVE_ALL)


def check_threshold(argument: str, value: Any) -> float:
    """Check a threshold: a probability in [0, 1], or the least number above, which no pair reaches.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        The number, as a plain float.

    Raises:
        ValueError: If it is no such number.
    """
    return float(value) if is_threshold(value) else check_fraction(argument, value)


def check_fraction(argument: str, value: Any) -> float:
    """Check a number in [0, 1].

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        The number, as a plain float.

    Raises:
        ValueError: If it is no such number.
    """
    if not _is_fraction(value):
        raise ValueError(
            f"`{argument}` must be a fraction in [0, 1]. Received: {argument}={value!r}. "
            "Give 0.01 for 1 %."
        )
    return float(value)


def _is_fraction(value: Any) -> bool:
    return is_number(value) and bool(0 <= value <= 1)


def check_interval(argument: str, value: Any) -> tuple[float, float]:
    """Check an interval of fractions.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        Both ends.

    Raises:
        ValueError: If it is no list of two fractions in [0, 1].
    """
    low, high = check_list(argument, value, check_fraction, length=2)
    return low, high

"""Measures of verification scores: thresholds, accuracy, the ROC curve and what follows from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class RocCurve(NamedTuple):
    """The trade-off of a verification score, one point a threshold.

    Attributes:
        false_positive: `(m,)`, float64, [0, 1], rising from 0 to 1: fraction of the different
            pairs that are called the same.
        true_positive: `(m,)`, float64, [0, 1], rising from 0 to 1: fraction of the same pairs that
            are called the same.
        thresholds: `(m,)`, float64, falling: infinity, then every different score.
    """

    false_positive: np.ndarray
    true_positive: np.ndarray
    thresholds: np.ndarray


def best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the threshold that decides most pairs correctly.

    Source: Koch et al. 2015, sec. 4.2: the threshold is chosen on validation pairs. Open in Koch et
    al. 2015, sec. 4.2: among which. Decided: the midpoints between neighbouring scores, one that
    accepts every pair and one that rejects every pair; of equally good ones the lowest.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more similar.
        same: `(n,)`, bool, whether each pair shows the same class.

    Returns:
        Threshold; a pair is called the same from it on.

    Raises:
        ValueError: If the lengths differ, there are no pairs, a label is neither 0 nor 1, or a
            score is NaN.
    """
    scores, labels = _checked(scores, same)
    values, place = np.unique(scores, return_inverse=True)
    gain = np.where(labels, -1, 1)
    # Moving the threshold above a score rejects its pairs: right for different, wrong for same.
    correct = labels.sum() + np.concatenate([[0], np.bincount(place, gain).cumsum()])
    best = int(correct.argmax())
    if best == 0:
        return float(values[0])
    if best == len(values):
        return float(np.nextafter(values[-1], np.inf))
    low, high = values[best - 1 : best + 1]
    # Not (low + high) / 2, which may overflow. Neighbouring numbers have no middle: there, the
    # upper one decides the same.
    middle = low + (high - low) / 2
    return float(middle if middle > low else high)


def verification_accuracy(scores: np.ndarray, same: np.ndarray, threshold: float) -> float:
    """Return the fraction of pairs decided correctly, `score >= threshold` meaning the same.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more similar.
        same: `(n,)`, bool, whether each pair shows the same class.
        threshold: Score from which on a pair is called the same.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `best_threshold`.
    """
    return float(np.mean(decided_right(scores, same, threshold)))


def decided_right(scores: np.ndarray, same: np.ndarray, threshold: float) -> np.ndarray:
    """Say which pairs are decided correctly, `score >= threshold` meaning the same.

    Args:
        scores: As for `verification_accuracy`.
        same: As for `verification_accuracy`.
        threshold: As for `verification_accuracy`.

    Returns:
        `(n,)`, bool.

    Raises:
        ValueError: As `best_threshold`.
    """
    scores, labels = _checked(scores, same)
    return (scores >= threshold) == labels


def area_under_curve(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the area under the ROC curve: the chance that a same pair outscores a different one.

    Source: Hanley and McNeil 1982 (the Mann-Whitney statistic; ties count one half).

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more similar.
        same: `(n,)`, bool, with at least one same and one different pair.

    Returns:
        Area in [0, 1].

    Raises:
        ValueError: As `best_threshold`, or if all pairs have the same label.
    """
    scores, labels = _checked(scores, same)
    num_same, num_different = count_kinds(labels)
    from scipy.stats import rankdata

    rank_sum = rankdata(scores)[labels].sum()
    return float((rank_sum - num_same * (num_same + 1) / 2) / (num_same * num_different))


def roc_curve(scores: np.ndarray, same: np.ndarray) -> RocCurve:
    """Return the ROC curve, a pair being called the same from the threshold on.

    Pairs of equal score join the curve together, so the area under it is `area_under_curve`.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more similar.
        same: `(n,)`, bool, with at least one same and one different pair.

    Returns:
        A `RocCurve` from (0, 0) to (1, 1), with a point for every different score.

    Raises:
        ValueError: As `best_threshold`, or if all pairs have the same label.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation import roc_curve
        >>> curve = roc_curve(np.array([0.9, 0.8, 0.3]), np.array([True, False, True]))
        >>> curve.false_positive.tolist(), curve.true_positive.tolist()
        ([0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 0.5, 1.0])
    """
    scores, labels = _checked(scores, same)
    num_same, num_different = count_kinds(labels)
    values, place = np.unique(scores, return_inverse=True)
    # Pairs of each score, from the highest on.
    same_pairs = np.bincount(place, labels, len(values))[::-1]
    different_pairs = np.bincount(place, ~labels, len(values))[::-1]
    return RocCurve(
        false_positive=np.concatenate([[0], different_pairs.cumsum() / num_different]),
        true_positive=np.concatenate([[0], same_pairs.cumsum() / num_same]),
        thresholds=np.concatenate([[np.inf], values[::-1]]),
    )


def equal_error_rate(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the error rate where as many different pairs are accepted as same ones refused.

    Between two points of the ROC curve it is interpolated linearly.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more similar.
        same: `(n,)`, bool, with at least one same and one different pair.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `roc_curve`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation import equal_error_rate
        >>> equal_error_rate(np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False]))
        0.5
    """
    curve = roc_curve(scores, same)
    # Rises from -1 to 1 along the curve, and is 0 where both rates are equal.
    excess = curve.false_positive + curve.true_positive - 1
    return float(np.interp(0.0, excess, curve.false_positive))


def count_kinds(same: np.ndarray, argument: str = "same") -> tuple[int, int]:
    """Count same and different pairs, of which there must be some each.

    Args:
        same: `(n,)`, bool, whether each pair shows the same class.
        argument: Name of the argument that says so, for errors.

    Returns:
        Number of same pairs, and of different ones.

    Raises:
        ValueError: If either is 0.
    """
    num_same = int(same.sum())
    num_different = len(same) - num_same
    if not num_same or not num_different:
        raise ValueError(
            f"`{argument}` must hold both same and different pairs (both True and False). "
            f"Received: {num_same} same and {num_different} different. Add some of the other kind."
        )
    return num_same, num_different


def _checked(scores: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 scores and bool labels of equal length, or raise."""
    scores, labels = np.asarray(scores, np.float64), np.asarray(same)
    if scores.ndim != 1 or scores.shape != labels.shape or not scores.size:
        raise ValueError(
            "`scores` and `same` must be lists of equal length of at least one pair. Received: "
            f"shapes {scores.shape} and {labels.shape}. Give each pair one score and one label."
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(
            "`same` must be booleans (or 0 and 1). Received: values "
            f"{np.unique(labels)[:5].tolist()}. Give True where both images show the same class."
        )
    if np.isnan(scores).any():
        raise ValueError(
            f"`scores` must be numbers. Received: {np.isnan(scores).sum()} NaN of {scores.size}. "
            "Look for weights or images that are not finite."
        )
    return scores, labels.astype(bool)

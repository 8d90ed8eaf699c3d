"""Measures of verification scores: best threshold, accuracy, area under the curve."""

from __future__ import annotations

import numpy as np


def best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the threshold that decides most pairs correctly.

    Source: Koch et al. 2015, sec. 4.2: the threshold is chosen on validation pairs. Open in Koch et
    al. 2015, sec. 4.2: among which. Decided: the midpoints between neighbouring scores, one that
    accepts every pair and one that rejects every pair; of equally good ones the lowest.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more alike.
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
    middle = low + (high - low) / 2
    return float(middle if middle > low else high)


def verification_accuracy(scores: np.ndarray, same: np.ndarray, threshold: float) -> float:
    """Return the fraction of pairs decided correctly, `score >= threshold` meaning the same.

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more alike.
        same: `(n,)`, bool, whether each pair shows the same class.
        threshold: Score from which on a pair is called the same.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `best_threshold`.
    """
    scores, labels = _checked(scores, same)
    return float(np.mean((scores >= threshold) == labels))


def area_under_curve(scores: np.ndarray, same: np.ndarray) -> float:
    """Return the area under the ROC curve: the chance that a same pair outscores a different one.

    Source: Hanley and McNeil 1982 (the Mann-Whitney statistic; ties count one half).

    Args:
        scores: `(n,)`, logit or probability of each pair, higher is more alike.
        same: `(n,)`, bool, with at least one same and one different pair.

    Returns:
        Area in [0, 1].

    Raises:
        ValueError: As `best_threshold`, or if all pairs have the same label.
    """
    scores, labels = _checked(scores, same)
    num_same = int(labels.sum())
    num_different = len(labels) - num_same
    if not num_same or not num_different:
        raise ValueError(
            "`same` must hold both same and different pairs. "
            f"Received: {num_same} same and {num_different} different"
        )
    from scipy.stats import rankdata

    rank_sum = rankdata(scores)[labels].sum()
    return float((rank_sum - num_same * (num_same + 1) / 2) / (num_same * num_different))


def _checked(scores: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 scores and bool labels of equal length, or raise."""
    scores, labels = np.asarray(scores, np.float64), np.asarray(same)
    if scores.ndim != 1 or scores.shape != labels.shape or not scores.size:
        raise ValueError(
            "`scores` and `same` must be lists of equal length of at least one pair. "
            f"Received: shapes {scores.shape} and {labels.shape}"
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(
            "`same` must be booleans (or 0 and 1). "
            f"Received: values {np.unique(labels)[:5].tolist()}"
        )
    if np.isnan(scores).any():
        raise ValueError(
            f"`scores` must be numbers. Received: {np.isnan(scores).sum()} NaN of "
            f"{scores.size}; the network's weights or the images are not finite."
        )
    return scores, labels.astype(bool)

"""Confidence intervals of fractions and of means."""

from __future__ import annotations

import numpy as np


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a fraction.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference",
    computed by `scipy.stats`.

    Args:
        successes: Number of successes, 0 to `n`.
        n: Number of trials, at least 1.
        confidence: Two-sided confidence level, strictly between 0 and 1.

    Returns:
        `(low, high)`, fractions in [0, 1].

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_siamese.evaluation import wilson_interval
        >>> low, high = wilson_interval(368, 400)
        >>> f"{low:.3f} {high:.3f}"
        '0.889 0.943'
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            "`successes` must lie between 0 and `n`, and `n` must be at least 1. Received: "
            f"successes={successes}, n={n}. Count the successes among the `n` trials."
        )
    if not 0 < confidence < 1:
        raise ValueError(
            f"`confidence` must lie strictly between 0 and 1. Received: confidence={confidence}. "
            "Give for example 0.95."
        )
    # Imported here: scipy.stats takes longer to import than the rest of this package.
    from scipy.stats import binomtest

    interval = binomtest(int(successes), int(n)).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap_intervals(
    values: np.ndarray, *, seed: int, resamples: int = 1000, confidence: float = 0.95
) -> list[tuple[float, float]]:
    """Return bootstrap intervals of means: percentiles of the means of samples drawn again.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", sec. 13.3.

    Args:
        values: `(n, measures)`, float, of each query; the measures share the samples.
        seed: Seed of the samples.
        resamples: How many samples are drawn.
        confidence: Two-sided confidence level, strictly between 0 and 1.

    Returns:
        `(low, high)` of each measure.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    means = np.empty((resamples, values.shape[1]))
    for mean in means:
        # How often each was drawn, which is quicker than to gather them.
        drawn = np.bincount(rng.integers(0, n, n), minlength=n)
        np.matmul(drawn / n, values, out=mean)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))

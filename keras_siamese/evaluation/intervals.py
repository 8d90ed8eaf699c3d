"""Confidence interval of a fraction."""

from __future__ import annotations


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
            "`successes` must lie between 0 and `n`, and `n` must be at least 1. "
            f"Received: successes={successes}, n={n}"
        )
    if not 0 < confidence < 1:
        raise ValueError(
            "`confidence` must lie strictly between 0 and 1, as 0.95 does. "
            f"Received: confidence={confidence}"
        )
    # Imported here: scipy.stats takes longer to import than the rest of this package.
    from scipy.stats import binomtest

    interval = binomtest(int(successes), int(n)).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)

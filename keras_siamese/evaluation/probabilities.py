"""Probabilities from logits, in NumPy: importing them from SciPy takes as long as all the rest."""

from __future__ import annotations

from typing import Any

import numpy as np


def expit(logits: Any) -> Any:
    """Return the sigmoid `1 / (1 + exp(-x))`, exact to rounding for all x.

    Args:
        logits: Any shape, float.

    Returns:
        The same shape and type, [0, 1].

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation.probabilities import expit
        >>> expit(np.array([-1000.0, 0.0, 1000.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    # The exponential of a negative number cannot overflow.
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1, small) / (1 + small)


def softmax(logits: np.ndarray, axis: int) -> np.ndarray:
    """Return `exp(x) / sum(exp(x))` along an axis.

    Args:
        logits: Any shape, float.
        axis: The axis.

    Returns:
        The same shape and type, [0, 1], summing to 1 along the axis.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.evaluation.probabilities import softmax
        >>> softmax(np.array([0.0, 0.0, -1000.0]), axis=0).tolist()
        [0.5, 0.5, 0.0]
    """
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)

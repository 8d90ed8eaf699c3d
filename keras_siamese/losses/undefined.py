"""Losses that are not a number, where what they are computed from has no loss.

A compiled step cannot raise an error. There, a loss that is NaN tells the user, and
`keras.callbacks.TerminateOnNaN` stops. Comparisons and masks would hide the cause, since every
comparison with NaN is False.
"""

from __future__ import annotations

from typing import Any

from keras_siamese.compat import ops


def nan_unless(valid: Any) -> Any:
    """Return what makes a sum NaN where something is not valid.

    Args:
        valid: Boolean, of any shape.

    Returns:
        Of the same shape, float32: 0 where valid, NaN elsewhere. It has no gradient.
    """
    # No constant NaN: `tf.debugging.enable_check_numerics` would stop at it in every step.
    return ops.sqrt(ops.subtract(ops.cast(valid, "float32"), 1.0))


def finite_rows(matrix: Any) -> Any:
    """Say for each row whether its numbers and their squares are finite, as `check_finite_rows`.

    Args:
        matrix: `(n, columns)`, float32.

    Returns:
        `(n,)`, boolean.
    """
    return ops.isfinite(ops.sum(ops.square(ops.stop_gradient(matrix)), axis=1))


__all__ = ["finite_rows", "nan_unless"]

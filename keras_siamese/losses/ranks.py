"""Counts of smaller values in each row, by sorting: no array of three batch sizes is made."""

from __future__ import annotations

from typing import Any

from keras_siamese.compat import ops
from keras_siamese.losses.masked import FAR


def counts_below(values: Any, mask: Any, thresholds: Any, *, inclusive: bool = False) -> Any:
    """Count for each threshold the kept values of its row that are smaller.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean, which values are kept.
        thresholds: `(n, k)`, float32.
        inclusive: Whether values that equal the threshold count, too.

    Returns:
        `(n, k)`, int32.
    """
    kept = ops.where(mask, values, FAR)
    width, size = ops.shape(thresholds)[1], ops.shape(kept)[1]
    # The sort is stable: of two that are equal, the first stays first.
    parts = [kept, thresholds] if inclusive else [thresholds, kept]
    order = ops.argsort(ops.concatenate(parts, axis=1), axis=1)
    is_value = ops.less(order, size) if inclusive else ops.greater_equal(order, width)
    seen = ops.cumsum(ops.cast(is_value, "int32"), axis=1)
    places = ops.argsort(order, axis=1)
    places = places[:, size:] if inclusive else places[:, :width]
    return ops.take_along_axis(seen, places, axis=1)


def next_above(values: Any, mask: Any, thresholds: Any) -> tuple[Any, Any]:
    """Find for each threshold the smallest kept value of its row that is larger.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean, which values are kept.
        thresholds: `(n, k)`, float32.

    Returns:
        Column of that value, `(n, k)`, int32, and whether there is one, `(n, k)`, boolean.
    """
    order = ops.argsort(ops.where(mask, values, FAR), axis=1)
    below = counts_below(values, mask, thresholds, inclusive=True)
    there = ops.less(below, ops.sum(ops.cast(mask, "int32"), axis=1, keepdims=True))
    places = ops.minimum(below, ops.shape(order)[1] - 1)
    return ops.take_along_axis(order, places, axis=1), there


__all__ = ["counts_below", "next_above"]

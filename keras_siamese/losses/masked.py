"""Reductions over those entries of a row that a mask keeps, finite where it keeps none."""

from __future__ import annotations

from typing import Any

from keras_siamese.compat import ops

# Larger than any distance, and its negative smaller than any similarity.
FAR = 3e38


def any_in_row(mask: Any) -> Any:
    """Say for each row whether its mask keeps an entry.

    Args:
        mask: `(n, m)`, boolean.

    Returns:
        `(n,)`, boolean.
    """
    return ops.any(mask, axis=1)


def row_sums(values: Any, mask: Any) -> Any:
    """Return the sum of each row's kept entries.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean.

    Returns:
        `(n,)`, float32.
    """
    return ops.sum(ops.where(mask, values, 0.0), axis=1)


def row_maxima(values: Any, mask: Any) -> Any:
    """Return the largest of each row's kept entries.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean.

    Returns:
        `(n,)`, float32; 0 where none is kept.
    """
    largest = ops.max(ops.where(mask, values, -FAR), axis=1)
    return ops.where(any_in_row(mask), largest, 0.0)


def row_minima(values: Any, mask: Any) -> Any:
    """Return the smallest of each row's kept entries; see `row_maxima`."""
    return ops.negative(row_maxima(ops.negative(values), mask))


def row_logsumexp(values: Any, mask: Any, *, with_one: bool = False) -> Any:
    """Return `log(sum(exp(values)))` over each row's kept entries.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean.
        with_one: Whether 1 is added to the sum, as in `log(1 + sum(exp(values)))`.

    Returns:
        `(n,)`, float32; 0 where none is kept.
    """
    largest = row_maxima(ops.stop_gradient(values), mask)
    largest = ops.maximum(largest, 0.0) if with_one else largest
    powers = ops.exp(ops.where(mask, ops.subtract(values, largest[:, None]), -FAR))
    total = ops.sum(powers, axis=1)
    if with_one:
        total = ops.add(total, ops.exp(ops.negative(largest)))
    kept = any_in_row(mask)
    return ops.where(kept, ops.add(ops.log(ops.where(kept, total, 1.0)), largest), 0.0)


def share_of_mean(sums: Any, count: Any) -> Any:
    """Scale sums of rows, so that their mean is their total divided by a count.

    A loss that averages pairs or triplets gives each anchor its share in this way.

    Args:
        sums: `(n,)`, float32.
        count: Scalar of any type, how many terms the sums have in all; 0 counts as 1.

    Returns:
        `(n,)`, float32.
    """
    rows = ops.cast(ops.shape(sums)[0], "float32")
    return ops.multiply(sums, ops.divide(rows, ops.maximum(ops.cast(count, "float32"), 1.0)))


def mean_of_rows(values: Any, kept: Any) -> Any:
    """Return each row's share of the mean over the rows that are kept.

    Args:
        values: `(n,)`, float32.
        kept: `(n,)`, boolean.

    Returns:
        `(n,)`, float32; 0 for the others.
    """
    return share_of_mean(ops.where(kept, values, 0.0), number_kept(kept))


def mean_of_entries(values: Any, mask: Any) -> Any:
    """Return each row's share of the mean over the entries of all rows that a mask keeps.

    Args:
        values: `(n, m)`, float32.
        mask: `(n, m)`, boolean.

    Returns:
        `(n,)`, float32.
    """
    return share_of_mean(row_sums(values, mask), number_kept(mask))


def number_kept(mask: Any) -> Any:
    """Return how many entries a mask keeps, as float32: exact up to 2**24."""
    return ops.sum(ops.cast(mask, "float32"))


__all__ = [
    "FAR",
    "any_in_row",
    "mean_of_entries",
    "mean_of_rows",
    "number_kept",
    "row_logsumexp",
    "row_maxima",
    "row_minima",
    "row_sums",
    "share_of_mean",
]

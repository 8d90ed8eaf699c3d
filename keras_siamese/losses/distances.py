"""Distances of every row of one matrix to every row of another, with finite gradients at zero."""

from __future__ import annotations

from typing import Any

from keras_siamese.compat import ops
from keras_siamese.losses.undefined import nan_unless

DISTANCES = ("cosine", "euclidean", "squared_euclidean", "l1")
# A vector no longer than this counts as zero, since its direction is rounding.
_SHORTEST = 1e-12
# Elements of an intermediate array of the L1 distance: what a processor's cache holds.
_BLOCK = 2**20


def all_distances(distance: str, rows: Any, others: Any) -> Any:
    """Return the distance of every row to every other row.

    The Euclidean distances come from one matrix product. So two equal vectors are apart by up to
    a thousandth of their length, by rounding; on a GPU that multiplies in TF32, by some hundredths.

    Args:
        distance: "cosine" (1 minus the cosine, in [0, 2]), "euclidean", "squared_euclidean" or
            "l1".
        rows: `(n, features)`, float32.
        others: `(m, features)`, float32.

    Returns:
        `(n, m)`, float32, at least 0. Where a distance is 0, its gradient is 0.
    """
    if distance == "cosine":
        return ops.subtract(1.0, all_cosines(rows, others))
    if distance == "l1":
        return _all_l1(rows, others)
    squared = _all_squared(rows, others)
    return squared if distance == "squared_euclidean" else _safe_root(squared)


def all_cosines(rows: Any, others: Any) -> Any:
    """Return the cosine of the angle between every row and every other row.

    Args:
        rows: `(n, features)`, float32.
        others: `(m, features)`, float32.

    Returns:
        `(n, m)`, float32, in [-1, 1] up to rounding. A zero vector has cosine and gradient 0; one
        whose squares are not finite has cosines that are NaN.
    """
    return ops.matmul(_unit(rows), ops.transpose(_unit(others)))


def _unit(vectors: Any) -> Any:
    """Divide each row by its length."""
    squares = ops.sum(ops.square(vectors), axis=1, keepdims=True)
    long = ops.greater(squares, _SHORTEST**2)
    factor = ops.where(long, ops.rsqrt(ops.where(long, squares, 1.0)), 0.0)
    return ops.multiply(vectors, ops.add(factor, nan_unless(ops.isfinite(squares))))


def _all_squared(rows: Any, others: Any) -> Any:
    # Near the origin the squares are smallest, and so is what rounding leaves of their difference.
    centre = ops.stop_gradient(ops.mean(rows, axis=0, keepdims=True))
    rows, others = ops.subtract(rows, centre), ops.subtract(others, centre)
    lengths = ops.sum(ops.square(rows), axis=1)[:, None] + ops.sum(ops.square(others), axis=1)
    squared = ops.subtract(lengths, ops.multiply(2.0, ops.matmul(rows, ops.transpose(others))))
    return ops.maximum(squared, 0.0)


def _safe_root(squared: Any) -> Any:
    """Take the square root, with gradient 0 at 0."""
    positive = ops.greater(squared, 0.0)
    return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)


def _all_l1(rows: Any, others: Any) -> Any:
    """Sum over blocks of features: `(n, m, features)` never exists, not in the gradient either."""
    features = rows.shape[1]
    block = _block_size(rows.shape[0], others.shape[0], features)
    padding = ((0, 0), (0, -features % block))
    blocks = -(-features // block)

    @ops.custom_gradient
    def distances(rows: Any, others: Any) -> Any:
        # Features first, so that what is summed is contiguous: (blocks, block, n) and (.., m).
        lefts, rights = (
            ops.reshape(ops.transpose(ops.pad(each, padding)), (blocks, block, ops.shape(each)[0]))
            for each in (rows, others)
        )

        def differences(index: Any) -> Any:
            # `take` copies: where PyTorch computes with a view of a transpose, it is much slower.
            left, right = (ops.take(side, index, axis=0) for side in (lefts, rights))
            return ops.subtract(left[:, :, None], right[:, None, :])

        def add(index: Any, total: Any) -> Any:
            return ops.add(total, ops.sum(ops.abs(differences(index)), axis=0))

        def gradient(*arguments: Any, upstream: Any = None) -> tuple[Any, Any]:
            above = arguments[0] if upstream is None else upstream

            def of_block(index: Any) -> tuple[Any, Any]:
                part = ops.multiply(above, ops.sign(differences(index)))
                return ops.sum(part, axis=2), ops.negative(ops.sum(part, axis=1))

            sides = ops.map(of_block, ops.arange(blocks, dtype="int32"))
            left, right = (
                ops.transpose(ops.reshape(side, (-1, ops.shape(side)[2]))) for side in sides
            )
            return left[:, :features], right[:, :features]

        none = ops.multiply(rows[:, :1], ops.transpose(others[:, :1])) * 0.0
        return ops.fori_loop(0, blocks, add, none), gradient

    return distances(rows, others)


def _block_size(rows: int | None, others: int | None, features: int) -> int:
    """Return how many features are compared at once; a size that is not known counts as 256."""
    pairs = max(1, (256 if rows is None else rows) * (256 if others is None else others))
    return max(1, min(features, _BLOCK // pairs))


__all__ = ["DISTANCES", "all_cosines", "all_distances"]

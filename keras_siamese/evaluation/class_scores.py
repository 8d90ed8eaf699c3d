"""Queries against many support images of several classes, in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_siamese.evaluation.finite import check_finite
from keras_siamese.evaluation.weighted_sums import weighted_sums

# How the logits of a class's support images become one: the names that `class_logits` takes.
SHOTS = ("mean", "best")
# Logits of query and support image that are held at a time: 64 MB in float32.
_HELD_LOGITS = 2**24


def class_logits(
    head: Any,
    queries: np.ndarray,
    support: np.ndarray,
    counts: np.ndarray,
    *,
    shots: str,
    one_order: bool = False,
) -> np.ndarray:
    """Compare every query with every support image, and return one logit a class.

    With one support image per class this is the logit of verification (Koch et al. 2015, sec. 4.3).
    Memory does not grow with queries times support images: 100 queries, 100,000 support images and
    1,024 features take some 70 MB besides the vectors. A pair's sum is taken in one order wherever
    it stands, so equal pairs tie to the last bit. Where faiss is installed (the extra `faiss`) it
    does the comparing, more than twice as fast; the logits are the same to rounding.

    Args:
        head: `WeightedL1` layer, built.
        queries: `(n, features)`, float32.
        support: `(m, features)`, float32, sorted by class.
        counts: `(classes,)`, integer, how many support images each class has, at least 1.
        shots: "mean" averages the logits of a class's support images, as the evaluation does;
            "best" takes the largest.
        one_order: Whether a query's logits are to be the same to the last bit among any others,
            which takes longer where faiss is installed.

    Returns:
        `(n, classes)`, float32.

    Raises:
        ValueError: If `shots` is unknown, the counts do not fit the support set, the head's weights
            do not fit the features, or a logit is not finite.
    """
    check_shots(shots)
    kernel, *bias = (np.asarray(weights, np.float32).reshape(-1) for weights in head.get_weights())
    widths = queries.shape[-1], support.shape[-1]
    if widths != (len(kernel), len(kernel)):
        raise ValueError(
            f"`queries` and `support` must have the head's {len(kernel)} features. Received: "
            f"{widths[0]} and {widths[1]}. Encode both with the head's own network."
        )
    counts = np.asarray(counts)
    if not len(counts) or counts.min() < 1 or counts.sum() != len(support):
        raise ValueError(
            f"`counts` must be positive and sum to the {len(support)} support images. Received: "
            f"{counts.tolist()}. Count the support images of each class."
        )
    starts = np.concatenate([[0], counts.cumsum()[:-1]])
    logits = np.empty((len(queries), len(counts)), np.float32)
    for rows, scores in _tiles(queries, support, kernel, one_order):
        if shots == "mean":
            logits[rows] = np.add.reduceat(scores, starts, axis=1, dtype=np.float64) / counts
        else:
            logits[rows] = np.maximum.reduceat(scores, starts, axis=1)
    return check_finite(logits + bias[0] if bias else logits, "logits")


def check_shots(shots: Any) -> str:
    """Check how the logits of a class's support images become one.

    Args:
        shots: What was given.

    Returns:
        The same.

    Raises:
        ValueError: If it is none of `SHOTS`.
    """
    if shots not in SHOTS:
        raise ValueError(
            f"Argument `shots` must be one of {SHOTS}. Received: shots={shots!r}. Take 'mean' for "
            "the average over a class's support images."
        )
    return shots


def nearest(
    head: Any,
    queries: np.ndarray,
    support: np.ndarray,
    n_neighbors: Any,
    *,
    leave_out_itself: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the support images that are most like each query.

    Args:
        head: As in `class_logits`.
        queries: `(n, features)`, float32.
        support: `(m, features)`, float32.
        n_neighbors: How many, from 1 to `m`.
        leave_out_itself: Whether the queries are the support images, of which none is its own
            neighbour; then there are `m - 1` at most.

    Returns:
        Distances `(n, n_neighbors)`, float64, rising, each minus a logit; and indices, int64, of
        the same shape, rows of `support`.

    Raises:
        ValueError: If `n_neighbors` is out of range, or a logit is not finite.
    """
    count = len(support)
    most = count - leave_out_itself
    whole = isinstance(n_neighbors, int | np.integer) and not isinstance(n_neighbors, bool)
    if not whole or not 1 <= n_neighbors <= most:
        raise ValueError(
            f"Argument `n_neighbors` must be a whole number from 1 to {most}, the number of "
            f"support images. Received: n_neighbors={n_neighbors!r}. Give fewer, or more images."
        )
    logits = class_logits(head, queries, support, np.ones(count, np.int64), shots="best")
    distances = -logits.astype(np.float64)
    if leave_out_itself:
        np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1, kind="stable")[:, :n_neighbors]
    return np.take_along_axis(distances, indices, axis=1), indices


def _tiles(
    queries: np.ndarray, support: np.ndarray, kernel: np.ndarray, one_order: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows of queries and their `(rows, m)` weighted sums, without the bias."""
    step = max(1, _HELD_LOGITS // len(support))
    for first in range(0, len(queries), step):
        rows = slice(first, first + step)
        height, compare = weighted_sums(queries[rows], kernel, one_order=one_order)
        scores = np.empty((len(queries[rows]), len(support)), np.float32)
        for start in range(0, len(support), height):
            tile = slice(start, start + height)
            compare(support[tile], scores[:, tile])
        yield rows, scores

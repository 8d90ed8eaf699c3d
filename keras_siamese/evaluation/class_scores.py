"""Queries against many support images of several classes, in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_siamese.evaluation.equal_rows import unique_rows
from keras_siamese.evaluation.finite import check_finite
from keras_siamese.evaluation.head_logits import called_logits, numpy_head
from keras_siamese.evaluation.head_tiles import tile_logits
from keras_siamese.models.numpy_heads import NumpyHead

# How the logits of a class's support images become one: the names that `class_logits` takes.
SHOTS = ("mean", "best")
# Logits of query and support image that are held at a time: 64 MB in float32.
_HELD_LOGITS = 2**24
# Pairs of a layer's call and of its tables: 60 MB of indices.
_HELD_PAIRS = 2**20


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
    compares by the weighted L1 distance, more than twice as fast; the logits are the same to
    rounding. A head that only its layer knows is called in batches, the query first.

    Args:
        head: Head of a network, as `twin_head` returns it, built.
        queries: `(n, features)`, float32.
        support: `(m, features)`, float32, sorted by class.
        counts: `(classes,)`, integer, how many support images each class has, at least 1.
        shots: "mean" averages the logits of a class's support images, as the evaluation does;
            "best" takes the largest.
        one_order: Whether a query's logits are to be the same to the last bit among any others,
            which takes longer where faiss is installed. A head that only its layer knows may round
            otherwise among others.

    Returns:
        `(n, classes)`, float32.

    Raises:
        ValueError: If `shots` is unknown, the counts do not fit the support set, the head's weights
            do not fit the features, or a logit is not finite.
    """
    check_shots(shots)
    known = numpy_head(head)
    widths = queries.shape[-1], support.shape[-1]
    features = widths[1] if known is None or known.num_features is None else known.num_features
    if widths != (features, features):
        raise ValueError(
            f"`queries` and `support` must have the head's {features} features. Received: "
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
    tiles: Iterator[tuple[Any, np.ndarray]] = (
        _layer_tiles(head, queries, support)
        if known is None
        else _tiles(known, queries, support, one_order)
    )
    for rows, scores in tiles:
        if shots == "mean":
            logits[rows] = np.add.reduceat(scores, starts, axis=1, dtype=np.float64) / counts
        else:
            logits[rows] = np.maximum.reduceat(scores, starts, axis=1)
    return check_finite(logits if known is None else logits + known.bias, "logits")


def row_logits(head: Any, queries: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Compare every query with every row, as `class_logits` does classes of one image.

    Args:
        head: As there.
        queries: `(n, features)`, float32.
        rows: `(m, features)`, float32.

    Returns:
        `(n, m)`, float32.

    Raises:
        ValueError: As there.
    """
    return class_logits(head, queries, rows, np.ones(len(rows), np.int64), shots="best")


def check_shots(shots: Any) -> str:
    """Check how the logits of a class's support images become one.

    Args:
        shots: What was given.

    Returns:
        The same.

    Raises:
        ValueError: If it is not one of `SHOTS`.
    """
    if shots not in SHOTS:
        raise ValueError(
            f"`shots` must be one of {SHOTS}. Received: shots={shots!r}. Take 'mean' for "
            "the average over a class's support images."
        )
    return shots


def _tiles(
    head: NumpyHead, queries: np.ndarray, support: np.ndarray, one_order: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows of queries and their `(rows, m)` logits, without the bias."""
    step = max(1, _HELD_LOGITS // len(support))
    for first in range(0, len(queries), step):
        rows = slice(first, first + step)
        height, compare = tile_logits(head, queries[rows], one_order=one_order)
        scores = np.empty((len(queries[rows]), len(support)), np.float32)
        for start in range(0, len(support), height):
            tile = slice(start, start + height)
            compare(support[tile], scores[:, tile])
        yield rows, scores


def _layer_tiles(
    head: Any, queries: np.ndarray, support: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the same by calling the head's layer, bias included."""
    # Equal support images, and equal queries, are compared once: so they tie.
    (asked, of_query), (kept, of_support) = unique_rows(queries), unique_rows(support)
    compared = support[kept]
    step, height = max(1, _HELD_PAIRS // len(kept)), max(1, _HELD_LOGITS // len(support))
    for start in range(0, len(asked), step):
        part = queries[asked[start : start + step]]
        left, right = np.divmod(np.arange(len(part) * len(kept)), len(kept))
        found = called_logits(head, part, compared, left, right).reshape(len(part), len(kept))
        rows = np.flatnonzero((of_query >= start) & (of_query < start + len(part)))
        for first in range(0, len(rows), height):
            some = rows[first : first + height]
            yield some, found[of_query[some, None] - start, of_support]

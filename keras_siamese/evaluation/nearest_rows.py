"""The rows that are most like queries, of equal ones the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.evaluation.class_scores import row_logits


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
    most = len(support) - leave_out_itself
    count = check_neighbours("n_neighbors", n_neighbors, most, "support images")
    logits = row_logits(head, queries, support)
    if leave_out_itself:
        np.fill_diagonal(logits, -np.inf)
    indices = most_similar(logits, count)
    return -np.take_along_axis(logits, indices, axis=1).astype(np.float64), indices


def most_similar(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the columns of the highest scores of each row.

    Args:
        scores: `(n, m)`, float.
        count: How many, from 1 to m.

    Returns:
        `(n, count)`, integer, the highest first; of equal scores the first columns first.
    """
    n, m = scores.shape
    if count < m:
        # The lowest that is taken; of those equal to it, the first columns are.
        limits = np.partition(scores, m - count, axis=1)[:, m - count]
        columns = np.empty((n, count), np.int64)
        for row, limit in enumerate(limits):
            above = np.flatnonzero(scores[row] > limit)
            equal = np.flatnonzero(scores[row] == limit)[: count - len(above)]
            columns[row] = np.sort(np.concatenate([above, equal]))
    else:
        columns = np.broadcast_to(np.arange(m), (n, m))
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


def check_neighbours(argument: str, value: Any, most: int, those: str) -> int:
    """Check how many neighbours are looked for.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.
        most: How many there are.
        those: What they are, for errors.

    Returns:
        The number.

    Raises:
        ValueError: If it is no whole number from 1 to `most`.
    """
    count = check_whole(argument, value, least=1)
    if count > most:
        raise ValueError(
            f"`{argument}` must be at most {most}, the number of {those}. Received: "
            f"{argument}={value}. Give a smaller number, or add more."
        )
    return count

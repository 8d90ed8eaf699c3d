"""Measures of retrieval: how far up an image's own class stands among its neighbours.

Each image is a query in turn, and the other images are the gallery; or queries and gallery are
separate. `retrieval_ranks` says how ties count. A query without another image of its class is left
out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from keras_siamese.evaluation.retrieval_ranks import RetrievalTask


def recall_at_k(
    embeddings: Any,
    labels: Any,
    k: int = 1,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the fraction of queries with an image of their class among their `k` nearest.

    Source: Jégou et al. 2011, sec. V; Oh Song et al. 2016, sec. 5.2, as metric learning uses it.

    Args:
        embeddings: `(n, features)`, float, the queries; without `gallery` also the gallery, in
            which no query finds itself.
        labels: `(n,)` or `(n, 1)`, the class of each: strings or whole numbers.
        k: How many neighbours are looked at, from 1 to the number of images in the gallery.
        gallery: `(m, features)`, float, what is searched; None for `embeddings`.
        gallery_labels: `(m,)`, the class of each.
        distance: "cosine", "euclidean" or "l1"; or a siamese network or its head, whose logit
            is taken. A vector of zeros has the cosine 0 with all.

    Returns:
        Fraction in [0, 1] of the queries that have another image of their class.

    Raises:
        ValueError: If the arrays do not fit each other, a number is not finite or too large to be
            compared, `k` or `distance` is out of range, all images are of one class, or no
            query has another image of its class.

    Example:
        >>> from keras_siamese.evaluation import recall_at_k
        >>> recall_at_k([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"])
        0.5
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, found_within, k)


def precision_at_k(
    embeddings: Any,
    labels: Any,
    k: int = 1,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the fraction of the `k` nearest that are of the query's class, averaged.

    A class of fewer than `k` other images cannot reach 1.

    Args:
        embeddings: As for `recall_at_k`.
        labels: As for `recall_at_k`.
        k: As for `recall_at_k`.
        gallery: As for `recall_at_k`.
        gallery_labels: As for `recall_at_k`.
        distance: As for `recall_at_k`.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `recall_at_k`.

    Example:
        >>> from keras_siamese.evaluation import precision_at_k
        >>> precision_at_k([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"], k=2)
        0.5
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, share_within, k)


def mean_average_precision(
    embeddings: Any,
    labels: Any,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the mean over the queries of the average precision over the whole gallery.

    A query's average precision is the mean, over the images of its class, of the precision at the
    rank of each (Manning et al. 2008, eq. 8.8).

    Args:
        embeddings: As for `recall_at_k`.
        labels: As for `recall_at_k`.
        gallery: As for `recall_at_k`.
        gallery_labels: As for `recall_at_k`.
        distance: As for `recall_at_k`.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `recall_at_k`.

    Example:
        >>> from keras_siamese.evaluation import mean_average_precision
        >>> mean_average_precision([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"])
        0.75
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, average_precision)


def map_at_r(
    embeddings: Any,
    labels: Any,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the mean average precision at R, where R is how many images a query's class has.

    `MAP@R = 1 / R sum_{i <= R} P(i)`, where P(i) is the precision at rank i if the image there is
    of the query's class, else 0 (Musgrave et al. 2020, sec. 3.2).

    Args:
        embeddings: As for `recall_at_k`.
        labels: As for `recall_at_k`.
        gallery: As for `recall_at_k`.
        gallery_labels: As for `recall_at_k`.
        distance: As for `recall_at_k`.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `recall_at_k`.

    Example:
        >>> from keras_siamese.evaluation import map_at_r
        >>> map_at_r([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"])
        0.5
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, average_precision_at_r)


def mean_reciprocal_rank(
    embeddings: Any,
    labels: Any,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the mean of one over the rank of the nearest image of the query's class.

    Args:
        embeddings: As for `recall_at_k`.
        labels: As for `recall_at_k`.
        gallery: As for `recall_at_k`.
        gallery_labels: As for `recall_at_k`.
        distance: As for `recall_at_k`.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `recall_at_k`.

    Example:
        >>> from keras_siamese.evaluation import mean_reciprocal_rank
        >>> mean_reciprocal_rank([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"])
        0.75
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, reciprocal_rank)


def r_precision(
    embeddings: Any,
    labels: Any,
    *,
    gallery: Any = None,
    gallery_labels: Any = None,
    distance: Any = "cosine",
) -> float:
    """Return the precision at R, where R is how many images a query's class has in the gallery.

    Source: Manning et al. 2008, sec. 8.4.

    Args:
        embeddings: As for `recall_at_k`.
        labels: As for `recall_at_k`.
        gallery: As for `recall_at_k`.
        gallery_labels: As for `recall_at_k`.
        distance: As for `recall_at_k`.

    Returns:
        Fraction in [0, 1].

    Raises:
        ValueError: As `recall_at_k`.

    Example:
        >>> from keras_siamese.evaluation import r_precision
        >>> r_precision([[1, 0], [3, 2], [0, 1], [2, 3]], ["a", "a", "b", "b"])
        0.5
    """
    return _mean(embeddings, labels, gallery, gallery_labels, distance, precision_at_r)


def found_within(ranks: np.ndarray, k: int) -> float:
    """Say whether a query's class is among its `k` nearest.

    Args:
        ranks: `(r,)`, integer, rising, the ranks of the images of its class, from 1.
        k: How many are looked at.

    Returns:
        1 or 0.
    """
    return float(ranks[0] <= k)


def share_within(ranks: np.ndarray, k: int) -> float:
    """Return the precision of a query's `k` nearest; see `found_within`."""
    return np.searchsorted(ranks, k, side="right") / k


def average_precision(ranks: np.ndarray) -> float:
    """Return a query's average precision; see `found_within`."""
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def average_precision_at_r(ranks: np.ndarray) -> float:
    """Return a query's average precision at R; see `found_within`."""
    within = ranks[: np.searchsorted(ranks, len(ranks), side="right")]
    return float(np.sum(np.arange(1, len(within) + 1) / within)) / len(ranks)


def reciprocal_rank(ranks: np.ndarray) -> float:
    """Return one over the first rank; see `found_within`."""
    return float(1 / ranks[0])


def precision_at_r(ranks: np.ndarray) -> float:
    """Return the precision of a query's R nearest; see `found_within`."""
    return share_within(ranks, len(ranks))


def _mean(
    embeddings: Any,
    labels: Any,
    gallery: Any,
    gallery_labels: Any,
    distance: Any,
    measure: Callable[..., float],
    k: Any = None,
) -> float:
    task = RetrievalTask.of(embeddings, labels, gallery, gallery_labels, distance)
    of_query = measure if k is None else partial(measure, k=task.check_k(k))
    return float(task.values([of_query]).mean())

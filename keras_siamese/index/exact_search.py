"""Exact search: a query is compared with every vector, and what is near in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from keras_siamese.evaluation.class_scores import row_logits
from keras_siamese.evaluation.nearest_rows import most_similar
from keras_siamese.evaluation.row_similarities import unit_rows
from keras_siamese.models.numpy_heads import plain_l1

# Scores of an exact search that are held at a time: 64 MB in float32.
_HELD_SCORES = 2**24
# Vectors of a file that are brought to memory at a time: 64 MB.
_TILE_NUMBERS = 2**24
# Numbers above 2**20, or all below 2**-20, are scaled before they are squared.
_WIDE_EXPONENT = 20


class Exact:
    """Compares a query with every vector, in NumPy or by faiss.

    Args:
        nearest_in_tile: Gives the places `(q, count)` and scores `(q, count)` of what is most
            similar to queries in a tile of vectors, of the queries, the tile and a count. The
            highest score comes first; of equal scores the first place.
    """

    def __init__(
        self,
        nearest_in_tile: Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]],
    ) -> None:
        """Store the arguments; see the class."""
        self.nearest_in_tile = nearest_in_tile

    def add(self, vectors: np.ndarray) -> None:
        """Do nothing: the vectors are given with each search."""

    def nearest(self, queries: np.ndarray, count: int, vectors: np.ndarray) -> np.ndarray:
        """Find the nearest vectors; see `Engine`. Of one score, the first rows come first."""
        rows = np.empty((len(queries), count), np.int64)
        height = max(count, _TILE_NUMBERS // vectors.shape[1])
        step = max(1, _HELD_SCORES // min(height, len(vectors)))
        for first in range(0, len(queries), step):
            asked = queries[first : first + step]
            best: np.ndarray = np.empty((len(asked), 0), np.float32)
            found: np.ndarray = np.empty((len(asked), 0), np.int64)
            for start in range(0, len(vectors), height):
                tile = np.asarray(vectors[start : start + height])
                places, scores = self.nearest_in_tile(asked, tile, min(count, len(tile)))
                best = np.concatenate([best, scores], axis=1)
                found = np.concatenate([found, places + start], axis=1)
                kept = most_similar(best, min(count, best.shape[1]))
                best, found = (np.take_along_axis(each, kept, axis=1) for each in (best, found))
            rows[first : first + step] = found
        return rows

    def to_bytes(self) -> bytes | None:
        """Return None; see `Engine`."""
        return None

    def restore(self, content: bytes, vectors: np.ndarray) -> None:
        """Do nothing, since nothing is kept; see `Engine`."""


def exact(distance: str, head: Any) -> Exact:
    """Make the engine "numpy".

    Args:
        distance: "cosine" (of unit vectors), "euclidean", "l1" or "learned".
        head: The network's head for "learned"; else not used.

    Returns:
        The engine. Where faiss is installed, it computes the L1 distances of many queries.
    """
    if distance in ("cosine", "euclidean"):
        return Exact(partial(_nearest_by_products, distance))

    def by_head(queries: np.ndarray, tile: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        compared = plain_l1(queries.shape[1]) if distance == "l1" else head
        logits = row_logits(compared, queries, tile)
        places = most_similar(logits, count)
        return places, np.take_along_axis(logits, places, axis=1)

    return Exact(by_head)


def similarities(distance: str, query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Compare a query with vectors in float64, where no large products nearly cancel.

    Args:
        distance: "cosine", "euclidean" or "l1".
        query: `(features,)`, float32.
        vectors: `(n, features)`, float32.

    Returns:
        `(n,)`, float64: the cosine, 0 for a vector of zeros, or minus the distance.
    """
    asked, found = query.astype(np.float64), vectors.astype(np.float64)
    if distance == "cosine":
        return np.clip((unit_rows(found) * unit_rows(asked[None])).sum(axis=1), -1, 1)
    apart = found - asked
    if distance == "euclidean":
        return 0 - np.sqrt(np.einsum("ij,ij->i", apart, apart))
    return 0 - np.abs(apart).sum(axis=1)


def _nearest_by_products(
    distance: str, queries: np.ndarray, tile: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Take what products in float32 leave as possible, and compare that in float64.

    A product of n terms is off by at most `n u` times the lengths, with u half the spacing of the
    numbers at 1 (Higham 2002, sec. 3.1).
    """
    features = tile.shape[1]
    bound = (features + 16) * np.finfo(np.float32).eps
    smallest = features * np.finfo(np.float32).tiny
    if distance == "cosine":
        scores, errors = queries @ tile.T, np.full((1, len(tile)), bound, np.float32)
    else:
        asked, moved = _near_the_origin(queries, tile)
        squares = np.einsum("ij,ij->i", moved, moved)
        lengths = np.linalg.norm(asked, axis=1)
        # Minus the squared distance, without the query's own length, which changes no order.
        scores = 2 * (asked @ moved.T) - squares
        errors = bound * (2 * lengths[:, None] * np.sqrt(squares) + squares) + smallest
    least = np.partition(scores - errors, len(tile) - count, axis=1)[:, len(tile) - count]
    possible = scores + errors >= least[:, None]
    places = np.empty((len(queries), count), np.int64)
    best = np.empty((len(queries), count))
    for row, query in enumerate(queries):
        columns = np.flatnonzero(possible[row])
        exactly = similarities(distance, query, tile[columns])
        taken = most_similar(exactly[None], count)[0]
        places[row], best[row] = columns[taken], exactly[taken]
    return places, best


def _near_the_origin(queries: np.ndarray, tile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Move the mean of a tile to the origin, and bring squares into float32's range.

    Neither changes the order of Euclidean distances. Powers of two change no digits.
    """
    largest = max(np.abs(queries).max(), np.abs(tile).max())
    exponent = int(np.frexp(largest)[1])
    if abs(exponent) > _WIDE_EXPONENT:
        queries, tile = np.ldexp(queries, -exponent), np.ldexp(tile, -exponent)
    centre = tile.mean(axis=0, dtype=np.float64).astype(np.float32)
    return queries - centre, tile - centre

"""Weighted L1 sums of a few vectors against a tile of others, by faiss where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_siamese.evaluation.embeddings import TILE_NUMBERS

# Bringing a tile into faiss's form costs as much as comparing it with a few queries in NumPy.
FAISS_QUERIES = 8

Sums = Callable[[np.ndarray, np.ndarray], None]


def weighted_sums(
    queries: np.ndarray, kernel: np.ndarray, *, one_order: bool = False
) -> tuple[int, Sums]:
    """Return how to compare queries with support images, tile by tile.

    Either way a pair's sum is taken in one order wherever it stands, so equal pairs tie to the last
    bit.

    Args:
        queries: `(n, features)`, float32.
        kernel: `(features,)`, float32, the weights alpha.
        one_order: Whether the order is to be the same for any number of queries: without faiss.

    Returns:
        The most support images of a tile, and a function of a tile `(m, features)`, float32, and an
        array `(n, m)`, float32, which it fills with `sum_j alpha_j |query_j - reference_j|`.
    """
    faiss = _faiss() if len(queries) >= FAISS_QUERIES and not one_order else None
    if faiss is not None:
        return _faiss_sums(faiss, queries, kernel)
    return _numpy_sums(queries, kernel)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        return None
    return faiss


def _faiss_sums(faiss: Any, queries: np.ndarray, kernel: np.ndarray) -> tuple[int, Sums]:
    """Sum with faiss's L1 distance, which subtracts, takes the modulus and adds in one pass.

    It knows no weights. With `alpha_j >= 0`, `alpha_j |q_j - r_j| = |alpha_j q_j - alpha_j r_j|`:
    the L1 distance of weighted vectors. So the features of positive and of negative weights make
    two distances, and their difference is the sum.
    """
    parts = []
    for sign in (1, -1):
        # NaN weights stay in, so the result is NaN.
        features = np.flatnonzero(~(sign * kernel <= 0))
        if len(features):
            weights = np.abs(kernel[features])
            parts.append((sign, features, weights, queries[:, features] * weights))

    def compare(tile: np.ndarray, sums: np.ndarray) -> None:
        sums[:] = 0
        for sign, features, weights, weighted in parts:
            weighted_tile = tile[:, features]
            weighted_tile *= weights
            distances = faiss.pairwise_distances(weighted, weighted_tile, metric=faiss.METRIC_L1)
            sums += distances if sign > 0 else -distances

    return max(1, TILE_NUMBERS // len(kernel)), compare


def _numpy_sums(queries: np.ndarray, kernel: np.ndarray) -> tuple[int, Sums]:
    """Sum in three passes over a tile that stays in a core's own cache."""
    height = max(1, TILE_NUMBERS // 4 // len(kernel))
    buffer = np.empty((height, len(kernel)), np.float32)
    column = kernel[:, None]

    def compare(tile: np.ndarray, sums: np.ndarray) -> None:
        difference = buffer[: len(tile)]
        for query, row in zip(queries, sums, strict=True):
            np.subtract(tile, query, out=difference)
            np.abs(difference, out=difference)
            # One dot product a row: a product of the whole tile would sum by a row's place in it.
            row[:] = np.matmul(difference[:, None], column)[:, 0, 0]

    return height, compare

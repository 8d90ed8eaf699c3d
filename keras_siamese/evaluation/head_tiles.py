"""Queries against a tile of support embeddings, for any head that NumPy knows."""

from __future__ import annotations

import numpy as np

from keras_siamese.evaluation.embeddings import TILE_NUMBERS
from keras_siamese.evaluation.weighted_sums import Sums, weighted_sums
from keras_siamese.models.numpy_heads import COSINE, WEIGHTED_L1, NumpyHead


def tile_logits(
    head: NumpyHead, queries: np.ndarray, *, one_order: bool = False
) -> tuple[int, Sums]:
    """Return how to compare queries with support images, tile by tile.

    A pair's sum is taken in one order wherever it stands, so equal pairs tie to the last bit.

    Args:
        head: The head.
        queries: `(n, features)`, float32.
        one_order: As for `weighted_sums`.

    Returns:
        The most support images of a tile, and a function of a tile `(m, features)`, float32, and an
        array `(n, m)`, float32, which it fills with the logits without the bias.
    """
    if head.kind == WEIGHTED_L1:
        return weighted_sums(queries, head.factors, one_order=one_order)
    height = max(1, TILE_NUMBERS // 4 // queries.shape[1])
    return height, _cosines(head, queries) if head.kind == COSINE else _distances(head, queries)


def _distances(head: NumpyHead, queries: np.ndarray) -> Sums:
    def compare(tile: np.ndarray, logits: np.ndarray) -> None:
        for query, row in zip(queries, logits, strict=True):
            difference = tile - query
            row[:] = np.sqrt(_row_products(difference, difference))
        logits *= -head.factors

    return compare


def _cosines(head: NumpyHead, queries: np.ndarray) -> Sums:
    units = _units(queries)

    def compare(tile: np.ndarray, logits: np.ndarray) -> None:
        tile = _units(tile)
        for query, row in zip(units, logits, strict=True):
            row[:] = _row_products(tile, np.broadcast_to(query, tile.shape))
        logits *= head.factors

    return compare


def _units(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1; those without a length as they are."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    vectors = vectors / np.where(largest > 0, largest, np.float32(1))
    lengths = np.sqrt(_row_products(vectors, vectors))[:, None]
    return vectors / np.where(lengths > 0, lengths, np.float32(1))


def _row_products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return one scalar product a row: that of whole tiles would sum by a row's place in it."""
    return np.matmul(first[:, None], second[:, :, None])[:, 0, 0]

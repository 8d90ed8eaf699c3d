"""Euclidean distances and cosines of pairs of rows, in tiles."""

from __future__ import annotations

import numpy as np

from keras_siamese.evaluation.embeddings import TILE_NUMBERS


def row_similarities(
    embeddings: np.ndarray, left: np.ndarray, right: np.ndarray, metric: str
) -> np.ndarray:
    """Compare pairs of rows; equal pairs get equal numbers to the last bit, so ties are seen.

    Args:
        embeddings: `(n, features)`, numbers.
        left: Any shape, integer, row of each pair's first embedding.
        right: Same shape, integer, row of the second.
        metric: "l2" for minus the Euclidean distance, "cosine" for the cosine, which is 0
            for a vector without length.

    Returns:
        The similarities, float64, of `left`'s shape, higher is more similar.
    """
    vectors = embeddings.astype(np.float64)
    if metric == "cosine":
        vectors = unit_rows(vectors)
    first, second = left.reshape(-1), right.reshape(-1)
    similar = np.empty(first.shape)
    rows = max(1, TILE_NUMBERS // embeddings.shape[1])
    for start in range(0, len(first), rows):
        tile = slice(start, start + rows)
        one, other = vectors[first[tile]], vectors[second[tile]]
        if metric == "l2":
            similar[tile] = -np.sqrt(((one - other) ** 2).sum(axis=1))
        else:
            similar[tile] = (one * other).sum(axis=1)
    return similar.reshape(left.shape)


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1; a vector without length stays, as its cosine to all others is 0.

    Args:
        vectors: `(n, features)`, float64: of float32, no square leaves its range.

    Returns:
        The same shape and type.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)

"""What finds candidates among vectors: NumPy, faiss or usearch, exactly or approximately.

An engine finds the rows that are nearest to a query. `EmbeddingIndex` computes their scores itself,
so that these are the same whichever engine found them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from keras_siamese.evaluation.learned_distance import LEARNED
from keras_siamese.index.exact_search import exact
from keras_siamese.index.libraries import Faiss, Usearch
from keras_siamese.models.numpy_heads import NumpyHead

# The distances of each engine.
ENGINES = {
    "numpy": (LEARNED, "cosine", "euclidean", "l1"),
    "faiss": (LEARNED, "cosine", "euclidean", "l1"),
    "faiss-hnsw": (LEARNED, "cosine", "euclidean", "l1"),
    "usearch": ("cosine", "euclidean"),
}


class Engine(Protocol):
    """Finds the rows of vectors that are nearest to queries."""

    def add(self, vectors: np.ndarray) -> None:
        """Add vectors after those that are there.

        Args:
            vectors: `(n, features)`, float32.
        """
        ...

    def nearest(self, queries: np.ndarray, count: int, vectors: np.ndarray) -> np.ndarray:
        """Find the nearest vectors.

        Args:
            queries: `(q, features)`, float32.
            count: How many to find for each, at most as many as there are.
            vectors: `(n, features)`, float32, all that were added.

        Returns:
            `(q, count)`, int64, rows of `vectors`; -1 where fewer were found.
        """
        ...

    def to_bytes(self) -> bytes | None:
        """Return what is to be kept besides the vectors; None for nothing."""
        ...

    def restore(self, content: bytes, vectors: np.ndarray) -> None:
        """Take what `to_bytes` gave, where that is not None.

        Args:
            content: What it gave.
            vectors: `(n, features)`, float32, all that had been added.

        Raises:
            ValueError: If it is not such content, or of other vectors.
        """
        ...


def make_engine(engine: str, distance: str, features: int, head: NumpyHead | None) -> Engine:
    """Make an empty engine.

    Args:
        engine: One of `ENGINES`.
        distance: One of its distances.
        features: Length of a vector.
        head: The network's head, for "learned"; else not used.

    Returns:
        The engine.

    Raises:
        ImportError: If its package is missing.
    """
    if engine == "usearch":
        return Usearch(features, distance)
    # faiss knows no weights, and no distance of both signs.
    if engine == "numpy" or (engine, distance) == ("faiss", LEARNED):
        return exact(distance, head)
    graph = engine == "faiss-hnsw"
    if distance == LEARNED and head is not None:
        return Faiss(features, "l1", graph=graph, weights=np.abs(head.factors))
    return Faiss(features, distance, graph=graph)

"""The engines of other packages: faiss, and usearch."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

# Neighbours of each vector in a graph, and candidates that are held while it is built or searched.
_CONNECTIVITY, _BUILD_WIDTH, _SEARCH_WIDTH = 32, 128, 128


class Faiss:
    """An index of faiss: flat, which is exact, or HNSW.

    Source: Malkov and Yashunin 2018 (HNSW).

    Args:
        features: Length of a vector.
        distance: "cosine" (of unit vectors), "euclidean" or "l1".
        graph: Whether it is HNSW.
        weights: `(features,)`, float32, what vectors are multiplied by first; None for 1.

    Raises:
        ImportError: If faiss is missing.
    """

    def __init__(
        self, features: int, distance: str, *, graph: bool, weights: np.ndarray | None = None
    ) -> None:
        """Make an empty index; see the class."""
        self._faiss = _imported("faiss", "faiss")
        self.graph, self.weights = graph, weights
        self._metric = {
            "cosine": self._faiss.METRIC_INNER_PRODUCT,
            "euclidean": self._faiss.METRIC_L2,
            "l1": self._faiss.METRIC_L1,
        }[distance]
        if graph:
            self._index = self._faiss.IndexHNSWFlat(features, _CONNECTIVITY, self._metric)
            self._index.hnsw.efConstruction = _BUILD_WIDTH
        else:
            self._index = self._faiss.IndexFlat(features, self._metric)

    def add(self, vectors: np.ndarray) -> None:
        """Add vectors; see `Engine`."""
        self._index.add(self._weighted(vectors))

    def nearest(self, queries: np.ndarray, count: int, vectors: np.ndarray) -> np.ndarray:
        """Find the nearest vectors; see `Engine`."""
        if self.graph:
            self._index.hnsw.efSearch = max(_SEARCH_WIDTH, count)
        asked = self._weighted(queries)
        # faiss takes products for as many queries as this, whose rounding hides small distances.
        by_products = self._metric == self._faiss.METRIC_L2 and not self.graph
        limit = self._faiss.cvar.distance_compute_blas_threshold - 1
        step = max(1, limit if by_products else len(asked))
        parts = (asked[start : start + step] for start in range(0, len(asked), step))
        return np.concatenate([self._index.search(part, count)[1] for part in parts])

    def _weighted(self, vectors: np.ndarray) -> np.ndarray:
        weighted = vectors if self.weights is None else vectors * self.weights
        return np.ascontiguousarray(weighted, np.float32)

    def to_bytes(self) -> bytes | None:
        """Return the graph without its vectors; see `Engine`."""
        if not self.graph:
            return None
        kept = self._faiss.serialize_index(self._index, self._faiss.IO_FLAG_SKIP_STORAGE)
        return kept.tobytes()

    def restore(self, content: bytes, vectors: np.ndarray) -> None:
        """Take the graph that `to_bytes` gave; see `Engine`."""
        faiss, storage = self._faiss, self._faiss.IndexFlat(vectors.shape[1], self._metric)
        try:
            read = faiss.deserialize_index(np.frombuffer(content, np.uint8).copy())
            count = read.hnsw.levels.size()
        # faiss raises errors of other kinds.
        except Exception as error:
            raise ValueError(f"its graph cannot be read: {error}") from error
        fits = (read.d, read.metric_type, count) == (vectors.shape[1], self._metric, len(vectors))
        if not fits:
            raise ValueError(f"its graph is of {count} vectors of {read.d} features")
        storage.add(self._weighted(vectors))
        read.storage, read.own_fields, read.ntotal = storage, True, count
        storage.this.disown()
        read.hnsw.efConstruction = _BUILD_WIDTH
        self._index = read


class Usearch:
    """An index of usearch, a graph as HNSW's.

    Args:
        features: Length of a vector.
        distance: "cosine" or "euclidean".

    Raises:
        ImportError: If usearch is missing.
    """

    def __init__(self, features: int, distance: str) -> None:
        """Make an empty index; see the class."""
        self._usearch = _imported("usearch.index", "usearch")
        self._metric = {"cosine": "cos", "euclidean": "l2sq"}[distance]
        self._index = self._usearch.Index(
            ndim=features,
            metric=self._metric,
            dtype="f32",
            connectivity=_CONNECTIVITY,
            expansion_add=_BUILD_WIDTH,
            expansion_search=_SEARCH_WIDTH,
        )

    def add(self, vectors: np.ndarray) -> None:
        """Add vectors in one thread; see `Engine`.

        With several threads, usearch 2 leaves vectors in the graph that no search finds: about one
        in a thousand of 20,000.
        """
        if len(vectors):
            first = len(self._index)
            keys = np.arange(first, first + len(vectors), dtype=np.uint64)
            self._index.add(keys, vectors, threads=1)

    def nearest(self, queries: np.ndarray, count: int, vectors: np.ndarray) -> np.ndarray:
        """Find the nearest vectors; see `Engine`."""
        rows = np.full((len(queries), count), -1, np.int64)
        self._index.expansion_search = max(_SEARCH_WIDTH, count)
        for row, query in zip(rows, queries, strict=True):
            keys = self._index.search(query, count).keys
            row[: len(keys)] = keys
        return rows

    def to_bytes(self) -> bytes | None:
        """Return the index with its vectors; see `Engine`."""
        return bytes(self._index.save())

    def restore(self, content: bytes, vectors: np.ndarray) -> None:
        """Take what `to_bytes` gave; see `Engine`."""
        try:
            self._index.load(content)
        except Exception as error:
            raise ValueError(f"its graph cannot be read: {error}") from error
        if len(self._index) != len(vectors) or self._index.ndim != vectors.shape[1]:
            raise ValueError(
                f"its graph is of {len(self._index)} vectors of {self._index.ndim} features"
            )


def _imported(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"The engine needs {extra}. Install it: pip install 'keras_siamese[{extra}]'"
        ) from error

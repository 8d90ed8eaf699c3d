"""The embeddings of an index, as its engine compares them."""

from __future__ import annotations

import numpy as np


class StoredVectors:
    """Vectors that are added in parts, and read as one array.

    Where the cosine compares, they are unit vectors, and their lengths are kept, too.

    Args:
        cosine: Whether the cosine compares.
    """

    def __init__(self, *, cosine: bool) -> None:
        """Hold nothing yet."""
        self._cosine = cosine
        self._parts: list[np.ndarray] = []
        self._lengths: list[np.ndarray] = []

    @property
    def features(self) -> int | None:
        """Length of a vector's row; None where there is none yet."""
        return self._parts[0].shape[1] if self._parts else None

    @property
    def vectors(self) -> np.ndarray:
        """All vectors, `(n, features)`, float32, as they are compared."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    @property
    def lengths(self) -> np.ndarray | None:
        """All lengths before they became 1, `(n,)`, float32; None where the cosine is not used."""
        if len(self._lengths) > 1:
            self._lengths = [np.concatenate(self._lengths)]
        return self._lengths[0] if self._lengths else None

    def as_compared(self, vectors: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return what the engine compares: unit vectors for the cosine, float32.

        Args:
            vectors: `(n, features)`, float.
            lengths: `(n,)`, of the rows.
        """
        if self._cosine:
            vectors = vectors / np.where(lengths > 0, lengths, 1)[:, None]
        return vectors.astype(np.float32)

    def add(self, vectors: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Keep vectors behind the others.

        Args:
            vectors: `(n, features)`, float.
            lengths: `(n,)`, of the rows.

        Returns:
            What is kept, as it is compared.
        """
        compared = self.as_compared(vectors, lengths)
        if self._cosine:
            self._lengths.append(lengths.astype(np.float32))
        self._parts.append(compared)
        return compared

    def restore(self, vectors: np.ndarray, lengths: np.ndarray | None) -> None:
        """Hold what `vectors` and `lengths` gave before.

        Args:
            vectors: `(n, features)`, float32; may be mapped from a file.
            lengths: `(n,)`, float32, or None.
        """
        self._parts = [vectors]
        self._lengths = [] if lengths is None else [lengths]

    def given(self, rows: np.ndarray) -> np.ndarray:
        """Return some vectors as they were given, `(len(rows), features)`, float32.

        Args:
            rows: Their places.
        """
        found, lengths = self.vectors[rows], self.lengths
        return found if lengths is None else found * lengths[rows, None]


def row_lengths(vectors: np.ndarray) -> np.ndarray:
    """Return the Euclidean length of each row.

    Args:
        vectors: `(n, features)`, float.

    Returns:
        `(n,)`, float64.
    """
    # Scaled first, since squares of large numbers are not finite in float64.
    largest = np.abs(vectors).max(axis=1).astype(np.float64)
    scaled = vectors / np.where(largest > 0, largest, 1)[:, None]
    with np.errstate(over="ignore"):
        return largest * np.linalg.norm(scaled, axis=1)

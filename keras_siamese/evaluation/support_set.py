"""The encoded images of known classes, which queries are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.evaluation.examples import as_labels


@dataclass(frozen=True)
class SupportSet:
    """Encoded images, sorted by class.

    Attributes:
        classes: `(classes,)`, strings or whole numbers, sorted.
        counts: `(classes,)`, int64, images of each class.
        embeddings: `(m, features)`, float32, sorted by class.
        sources: `(m,)`, strings, the file of each image; "" where it was none.

    Raises:
        ValueError: If they do not fit each other.
    """

    classes: np.ndarray
    counts: np.ndarray
    embeddings: np.ndarray
    sources: np.ndarray

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        count = int(self.counts.sum()) if self.counts.dtype.kind in "iu" else -1
        faults = {
            "classes": self.classes.ndim != 1
            or not len(self.classes)
            or self.classes.dtype.kind not in "biufU"
            or not np.array_equal(np.unique(self.classes), self.classes),
            "counts": self.counts.shape != self.classes.shape or (self.counts < 1).any(),
            "embeddings": self.embeddings.dtype != np.float32
            or self.embeddings.shape[:-1] != (count,)
            or not np.isfinite(self.embeddings).all(),
            "sources": self.sources.shape != (count,) or self.sources.dtype.kind != "U",
        }
        wrong = [name for name, fault in faults.items() if fault]
        if wrong:
            raise ValueError(f"a support set's parts must fit, but not so: {', '.join(wrong)}")

    @classmethod
    def of(cls, embeddings: np.ndarray, labels: Any, sources: Sequence[str]) -> SupportSet:
        """Sort encoded images by class.

        Args:
            embeddings: `(m, features)`, float32.
            labels: `(m,)`, the class of each: strings or whole numbers.
            sources: `(m,)`, the file of each, or "".

        Returns:
            The support set.

        Raises:
            ValueError: If the labels are no such list.
        """
        given = as_labels(labels, len(embeddings), "labels")
        classes, place, counts = np.unique(given, return_inverse=True, return_counts=True)
        order = np.argsort(place, kind="stable")
        return cls(classes, counts, embeddings[order], np.array(sources, np.str_)[order])

    @property
    def names(self) -> list[Any]:
        """The classes as Python's strings or numbers."""
        return self.classes.tolist()

    @property
    def labels(self) -> list[Any]:
        """The class of each image."""
        return np.repeat(self.classes, self.counts).tolist()

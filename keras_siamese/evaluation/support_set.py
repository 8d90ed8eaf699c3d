"""The encoded images of known classes, which queries are compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.evaluation.equal_rows import first_of_each
from keras_siamese.evaluation.input_checks import as_labels


@dataclass(frozen=True)
class SupportSet:
    """Encoded images, sorted by class.

    Attributes:
        classes: `(classes,)`, strings or whole numbers, sorted.
        counts: `(classes,)`, int64, images of each class.
        embeddings: `(m, features)`, float32, sorted by class.
        sources: `(m,)`, strings, the file of each image; "" where it came from no file.

    Raises:
        ValueError: If they do not fit each other.
    """

    classes: np.ndarray
    counts: np.ndarray
    embeddings: np.ndarray
    sources: np.ndarray

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        count = len(self.embeddings) if self.embeddings.ndim else -1
        faults = class_faults(self.classes, self.counts, self.embeddings)
        faults["sources"] = self.sources.shape != (count,) or self.sources.dtype.kind != "U"
        wrong = [name for name, fault in faults.items() if fault]
        if wrong:
            raise ValueError(
                f"parts of a support set that do not fit each other: {', '.join(wrong)}"
            )

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
        classes, counts, order = by_class(given)
        return cls(classes, counts, embeddings[order], np.array(sources, np.str_)[order])

    @property
    def names(self) -> list[Any]:
        """The classes as Python's strings or numbers."""
        return self.classes.tolist()

    @property
    def labels(self) -> list[Any]:
        """The class of each image."""
        return np.repeat(self.classes, self.counts).tolist()


def encode_support(encode: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> np.ndarray:
    """Encode each different image once, so that equal images tie to the last bit.

    The last bits of an embedding depend on its place in a batch.

    Args:
        encode: Gives the embeddings of images, `(n, features)`, float32.
        images: `(m, ...)`, as `encode` takes them.

    Returns:
        `(m, features)`, float32, in the order of the images.
    """
    kept, kind = first_of_each(hashlib.sha256(image.tobytes()).digest() for image in images)
    # All of them, in one piece, where none is there twice.
    return encode(images) if len(kept) == len(images) else encode(images[kept])[kind]


def by_class(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Say how images are sorted by class, in their order inside each.

    Args:
        labels: `(m,)`, the class of each, as `as_labels` gives them.

    Returns:
        The classes, sorted; how many images each has; and `(m,)`, the place of each sorted image
        among those given.
    """
    classes, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return classes, counts, np.argsort(place, kind="stable")


def class_faults(
    classes: np.ndarray, counts: np.ndarray, embeddings: np.ndarray
) -> dict[str, bool]:
    """Say which of the arrays of a support set cannot be right, as after a change by hand.

    Args:
        classes: Should be `(classes,)`, strings or numbers, sorted, each once, at least one.
        counts: Should be `(classes,)`, whole numbers from 1 on.
        embeddings: Should be `(sum of counts, features)`, float32, finite.

    Returns:
        Whether each is wrong, by its name.
    """
    labels = classes.ndim == 1 and len(classes) and classes.dtype.kind in "biufU"
    counted = counts.shape == classes.shape and counts.dtype.kind in "iu" and (counts > 0).all()
    # A 64-bit sum in NumPy could wrap to a small number.
    count = sum(counts.tolist()) if counted else -1
    return {
        "classes": not labels or not np.array_equal(np.unique(classes), classes),
        "counts": not counted,
        "embeddings": embeddings.dtype != np.float32
        or embeddings.ndim != 2
        or len(embeddings) != count
        or not np.isfinite(embeddings).all(),
    }

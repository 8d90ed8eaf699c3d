"""Check of what a classifier's file holds: changed by hand, it must not be believed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_siamese.evaluation.support_set import class_faults


def check_support(
    path: str | os.PathLike[str],
    input_shape: Sequence[int | None],
    width: int,
    num_features: Any,
    classes: np.ndarray,
    references: np.ndarray,
    counts: np.ndarray,
    order: np.ndarray,
) -> None:
    """Check that the parts of a saved classifier fit each other.

    Args:
        path: The file, for errors.
        input_shape: Shape of one example; None is an unknown size.
        width: Length of an embedding.
        num_features: Numbers in one example.
        classes: The labels.
        references: The encoded support images.
        counts: Support images of each class.
        order: Place of each support image in the order in which they were given.

    Raises:
        ValueError: If they do not; says which.
    """
    pixels: list[Any] = list(input_shape)
    of_classes = class_faults(classes, counts, references)
    faults = {
        "n_features_in": type(num_features) is not int
        or (None not in pixels and num_features != np.prod(pixels)),
        "classes": of_classes["classes"],
        "counts": of_classes["counts"],
        "references": of_classes["embeddings"] or references.shape[1] != width,
        "order": order.dtype.kind not in "iu"
        or order.ndim != 1
        or references.ndim == 0
        or not np.array_equal(np.sort(order, axis=None), np.arange(len(references))),
    }
    wrong = [name for name, fault in faults.items() if fault]
    if wrong:
        raise ValueError(
            "`path` must be a file whose parts fit each other. Received: "
            f"{os.fspath(path)!r}, whose {', '.join(wrong)} do not fit. Save it again with this "
            "package; do not change it by hand."
        )

"""What is added to an index, checked: embeddings, names and labels."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_siamese.argument_checks import flat_labels
from keras_siamese.evaluation.embedding_checks import check_sizes, checked_embeddings
from keras_siamese.index.stored_vectors import row_lengths

# The longest embedding whose sums, and whose squares, stay in the range of float32. The shortest is
# one over it.
_LONGEST, _LONGEST_SQUARED = 1e36, 1e18


def checked_vectors(
    embeddings: Any, features: int | None, *, engine: str, distance: str
) -> tuple[np.ndarray, np.ndarray]:
    """Check embeddings that are added to an index, or looked for in it.

    Args:
        embeddings: What was given.
        features: Length of those in the index; None where that is not known.
        engine: The engine of the index.
        distance: Its distance.

    Returns:
        `(n, features)`, float32 or float64, and their lengths, `(n,)`, float64.

    Raises:
        ValueError: If they are no embeddings, or do not fit the index or its engine.
    """
    vectors = checked_embeddings(embeddings, "embeddings")
    if features is not None and vectors.shape[1] != features:
        raise ValueError(
            f"`embeddings` must have {features} features, as those in the index. Received: "
            f"{vectors.shape[1]}. Embed with the index's own network."
        )
    # faiss and usearch square the numbers in float32.
    squared = engine != "numpy" and distance == "euclidean"
    most = _LONGEST_SQUARED if squared else _LONGEST
    lengths = row_lengths(vectors)
    where = f" in an index of {engine}, which keeps them in float32"
    check_sizes("embeddings", lengths, most, "of a length", where)
    return vectors, lengths


def checked_names(names: Any, count: int) -> list[str]:
    """Check the names of embeddings.

    Args:
        names: What was given.
        count: How many embeddings there are.

    Returns:
        A string for each.

    Raises:
        ValueError: If they are not so many strings.
    """
    given = [names] if isinstance(names, str) else list(names)
    wrong = [name for name in given if not isinstance(name, str | os.PathLike)]
    if len(given) != count or wrong:
        raise ValueError(
            f"`names` must be {count} strings, one for each embedding. Received: {len(given)}"
            + (f", among them {wrong[0]!r}" if wrong else "")
            + ". Name each."
        )
    return [str(os.fspath(name)) for name in given]


def checked_labels(labels: Any, count: int) -> list[Any]:
    """Check the labels of embeddings.

    Args:
        labels: What was given; None for none.
        count: How many embeddings there are.

    Returns:
        A string or a whole number for each; None for each without labels.

    Raises:
        ValueError: If they are not so many strings or whole numbers.
    """
    if labels is None:
        return [None] * count
    # Of objects, since NumPy makes strings of numbers next to strings.
    given = flat_labels(labels, object).tolist()
    wrong = [label for label in given if not isinstance(label, str | int | np.integer)]
    if len(given) != count or wrong:
        raise ValueError(
            f"`labels` must be {count} strings or whole numbers, one for each embedding. Received: "
            f"{len(given)}{f', among them {wrong[0]!r}' if wrong else ''}. Give each a label, or "
            "none."
        )
    return [label if isinstance(label, str) else int(label) for label in given]

"""The names and labels of embeddings, checked."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_siamese.argument_checks import flat_labels


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

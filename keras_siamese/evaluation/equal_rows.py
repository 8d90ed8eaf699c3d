"""Rows that are equal, so that each is computed once and ties to the last bit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def first_of_each(keys: Iterable[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Find the keys that are equal.

    Args:
        keys: n of them.

    Returns:
        `(m,)`, int64, the first place of each kind; and `(n,)`, int64, the kind of each key.
    """
    kinds: dict[bytes, int] = {}
    firsts: list[int] = []
    kind_of: list[int] = []
    for place, key in enumerate(keys):
        kind = kinds.setdefault(key, len(firsts))
        if kind == len(firsts):
            firsts.append(place)
        kind_of.append(kind)
    return np.array(firsts, np.int64), np.array(kind_of, np.int64)


def unique_rows(embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the rows that are equal.

    Args:
        embeddings: `(n, features)`, float32.

    Returns:
        As `first_of_each`.
    """
    # Minus zero equals zero, in other bits.
    return first_of_each((vector + np.float32(0)).tobytes() for vector in embeddings)

"""A digest of a network's weights, the same for each way that the network is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np


def weights_digest(weights: Iterable[np.ndarray]) -> str:
    """Return a digest of weights that does not depend on their order or names.

    Args:
        weights: Arrays of any shape; float32 is what counts of a number.

    Returns:
        SHA-256, 64 hexadecimal digits.
    """
    single = sorted(
        hashlib.sha256(str(array.shape).encode() + array.tobytes()).hexdigest()
        for array in (np.ascontiguousarray(weight, "<f4") for weight in weights)
    )
    return hashlib.sha256("".join(single).encode()).hexdigest()

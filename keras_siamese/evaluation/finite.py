"""What a network computes must be finite before anything is decided by it."""

from __future__ import annotations

import numpy as np


def check_finite(values: np.ndarray, what: str) -> np.ndarray:
    """Refuse NaN and infinity.

    Args:
        values: Any shape, float.
        what: What they are, for the error.

    Returns:
        `values`.

    Raises:
        ValueError: If one is not finite.
    """
    if not np.isfinite(values).all():
        wrong = np.count_nonzero(~np.isfinite(values))
        raise ValueError(
            f"The network's {what} must be finite. Received: NaN or inf in {wrong} of "
            f"{values.size} numbers. Its weights are damaged, or too large for what it computes "
            "in: train it again, or take an earlier file."
        )
    return values

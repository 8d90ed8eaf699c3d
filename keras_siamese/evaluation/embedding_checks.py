"""Checks of embeddings as people hand them in."""

from __future__ import annotations

from typing import Any

import numpy as np


def checked_embeddings(embeddings: Any, argument: str, *, least: int = 1) -> np.ndarray:
    """Return embeddings as an array of floats.

    Args:
        embeddings: `(n, features)`, numbers, at least one feature.
        argument: Name of the argument, for errors.
        least: The least that `n` may be.

    Returns:
        The same, float32 or float64.

    Raises:
        ValueError: If they are not such an array, or one is not finite.
    """
    given = np.asarray(embeddings)
    enough = given.ndim == 2 and len(given) >= least and given.size
    if not enough or given.dtype.kind not in "biuf":
        count = "one of each" if least == 1 else f"{least} rows"
        raise ValueError(
            f"`{argument}` must be numbers of shape (n, features), at least {count}. Received: "
            f"{given.dtype} of shape {given.shape}. Give those that `embed` returns for images."
        )
    if given.dtype not in (np.float32, np.float64):
        given = given.astype(np.float32 if given.dtype == np.float16 else np.float64)
    finite = np.isfinite(given).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"`{argument}` must be finite. Received: NaN or inf in {np.sum(~finite)} of "
            f"{len(given)} rows, the first at {int(finite.argmin())}. Look for damaged images, or "
            "weights of the network."
        )
    return given


def check_sizes(argument: str, sizes: np.ndarray, most: float, size: str, where: str = "") -> None:
    """Refuse embeddings too large or too small to be compared.

    Args:
        argument: Name of the argument, for errors.
        sizes: `(n,)`, float64, how large each embedding is, from 0 on.
        most: The largest that one may be. The smallest above 0 is one over it.
        size: What of an embedding that is, for errors, such as "of a length".
        where: What sets these limits, for errors.

    Raises:
        ValueError: If one is out of range.
    """
    wrong = (sizes > most) | ((sizes > 0) & (sizes < 1 / most))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"`{argument}` must be zero or {size} from {1 / most:g} to {most:g}{where}. "
            f"Received: {sizes[row]:g} in row {row}. Scale all embeddings by one number."
        )

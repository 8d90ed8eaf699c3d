"""Raw pictures that are given as arrays: what they may be, and what to do about the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.data.array_advice import advise_values
from keras_siamese.data.sixteen_bits import high_bits

# Rows that are turned grey at once.
_STRIP = 64
_EXPECTED = (
    "A picture must be a path, the bytes of a file, a PIL image, or an array (height, width) or "
    "(height, width, channels) with 1, 3 or 4 channels"
)


def as_picture(source: Any, color: str = "rgb") -> Any:
    """Return a picture as a PIL image.

    Args:
        source: A PIL image; or an array `(height, width)` or `(height, width, channels)` with 1, 3
            or 4 channels, uint8 in [0, 255], uint16, bool, or float in [0, 1].
        color: "grey" turns an array of colours grey, which takes less memory than an image of it.

    Returns:
        A PIL image, of 16 bits where the array has them.

    Raises:
        ValueError: If the source is of another type, shape or range.
    """
    from PIL import Image

    if isinstance(source, Image.Image):
        return source
    if source is None or isinstance(source, int | float | list | tuple | dict | set):
        raise ValueError(f"{_EXPECTED}. Received: {type(source).__name__}. {_remedy(source)}")
    given = np.asarray(source)
    _check_shape(given)
    if given.dtype == np.uint16 and (given.ndim == 2 or given.shape[2] == 1):
        return Image.fromarray(np.ascontiguousarray(given.reshape(given.shape[:2])))
    levels = _from_sixteen_bits(given) if given.dtype == np.uint16 else _levels(given)
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[..., 0]
    if color == "grey" and levels.ndim == 3 and levels.shape[2] == 3:
        levels = _grey(levels)
    return Image.fromarray(np.ascontiguousarray(levels))


def _grey(colors: np.ndarray) -> np.ndarray:
    """Return the brightness as Pillow reckons it, strip by strip: large images cost much time."""
    from PIL import Image

    grey = np.empty(colors.shape[:2], np.uint8)
    for start in range(0, len(colors), _STRIP):
        strip = np.ascontiguousarray(colors[start : start + _STRIP])
        grey[start : start + _STRIP] = np.asarray(Image.fromarray(strip).convert("L"))
    return grey


def _remedy(source: Any) -> str:
    if isinstance(source, list | tuple):
        return "Read a list of pictures with `read_batch`; make a list of numbers an array."
    return "Give one of these."


def _check_shape(given: np.ndarray) -> None:
    shape = given.shape
    if (
        not given.size
        or len(shape) not in (2, 3)
        or (len(shape) == 3 and shape[2] not in (1, 3, 4))
    ):
        remedy = "Reshape it"
        if len(shape) == 4:
            remedy = "For a batch use `read_batch`"
        elif len(shape) == 3:
            remedy = "Where it is a batch of grey pictures, add the channel: images[..., None]"
            if shape[0] in (1, 3, 4):
                remedy += (
                    ". Where the channels come first, as in PyTorch, put them last: "
                    "np.moveaxis(x, 0, -1)"
                )
        raise ValueError(f"{_EXPECTED}. Received: an array of shape {shape}. {remedy}.")


def _from_sixteen_bits(given: np.ndarray) -> np.ndarray:
    """Return colours of 16 bits per channel as uint8, and their opacity by its own bits."""
    parts = (given[..., :3], given[..., 3:])
    return np.concatenate([high_bits(part) for part in parts if part.size], axis=-1)


def _levels(given: np.ndarray) -> np.ndarray:
    """Return uint8, [0, 255]."""
    if given.dtype == np.uint8:
        return given
    if given.dtype == bool:
        return given.astype(np.uint8) * np.uint8(255)
    values = "An array of a picture must be uint8 in [0, 255], bool, or float in [0, 1]"
    if given.dtype.kind != "f":
        raise ValueError(
            f"{values}. Received: {given.dtype}. Where its values go from 0 to 255, convert it "
            "with astype('uint8')."
        )
    if not np.isfinite(given).all():
        raise ValueError(f"{values}. Received: NaN or inf among the values. Mend the picture.")
    low, high = float(given.min()), float(given.max())
    if low < 0 or high > 1:
        raise ValueError(
            f"{values}. Received: values from {low:g} to {high:g}. {advise_values(low, high)}"
        )
    return np.rint(255 * given).astype(np.uint8)

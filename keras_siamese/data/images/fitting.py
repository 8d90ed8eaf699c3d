"""Whether a preprocessing gives the images that a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_siamese.data.images.preprocessing import Preprocessing


def check_fitting(preprocessing: Any, shape: Sequence[int | None]) -> None:
    """Check that a preprocessing gives images of a network's shape.

    Args:
        preprocessing: A `Preprocessing`; or None, which fits all.
        shape: Height, width and channels of the network's images; None is any size.

    Raises:
        ValueError: If it is another type, or gives images of another shape.
    """
    if preprocessing is None:
        return
    if not isinstance(preprocessing, Preprocessing):
        raise ValueError(
            f"`preprocessing` must be a Preprocessing. Received: {preprocessing!r}. Give "
            "Preprocessing(size)."
        )
    if not has_shape(preprocessing, shape):
        raise ValueError(
            "`preprocessing` must give images of the network's shape "
            f"{tuple(shape)} (height, width, channels). Received: {preprocessing}, which gives "
            f"{preprocessing.shape}. Change its size or color."
        )


def fitting_preprocessing(preprocessing: Any, shape: Sequence[int | None]) -> Preprocessing:
    """Return a preprocessing that gives images of a network's shape.

    Args:
        preprocessing: A `Preprocessing`; or None for that of the network's size and colour.
        shape: Height, width and channels of the network's images; None is any size.

    Returns:
        The preprocessing.

    Raises:
        ValueError: As `check_fitting`, or if nothing says the size.
    """
    check_fitting(preprocessing, shape)
    if preprocessing is not None:
        return preprocessing
    height, width, channels = shape
    if height is None or width is None:
        raise ValueError(
            "`preprocessing` must say the size of the images, since the network takes any. "
            "Received: None. Give Preprocessing(size)."
        )
    return Preprocessing((height, width), color_of(channels))


def has_shape(preprocessing: Preprocessing, shape: Sequence[int | None]) -> bool:
    """Say whether a preprocessing gives images of a shape.

    Args:
        preprocessing: The preprocessing.
        shape: Height, width and channels; None is any size.

    Returns:
        Whether all three fit.
    """
    got = preprocessing.shape
    return len(shape) == len(got) and all(
        want in (None, side) for want, side in zip(shape, got, strict=True)
    )


def color_of(channels: int | None) -> str:
    """Return the colour of images with 1 or 3 channels: "grey" or "rgb"."""
    return "grey" if channels == 1 else "rgb"

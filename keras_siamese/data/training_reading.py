"""How the images of a training are read: as told, as the network takes them, or as they look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.fitting import color_of, has_shape
from keras_siamese.data.image_reading import as_preprocessing, ink_words
from keras_siamese.data.photographed import choose_paper
from keras_siamese.data.preprocessing import Preprocessing

# Side of the images, in pixels, unless told otherwise.
SIDE = 35


def choose_preprocessing(
    data: Any,
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    ink: str | None = None,
    paper: str | None = None,
    known: Preprocessing | None = None,
    shape: tuple[int | None, int | None, int] | None = None,
) -> Preprocessing:
    """Choose how images are read that are no data set yet.

    Args:
        data: The images, as for `choose_paper`.
        size: Side of the images in pixels, or (height, width). None for what the network takes, or
            35 where it takes any.
        color: "grey" or "rgb"; None for what the network takes.
        ink: The older word for polarity and paper, as for `read_image`.
        paper: As `Preprocessing` has it. None, without `ink`, for what the network's images were
            read with or, where that is not known, for what grey images look like: see
            `choose_paper`.
        known: How the network's images are read, where that is known.
        shape: Height, width and channels that the network takes, None for an axis of any length.
            None for those of `known`, or for a network that is still to be made, of one channel.

    Returns:
        The choice. What is not told is as in `known`; without that, paper is "find" where most
        images are photographs of drawings.

    Raises:
        ValueError: If a value is unknown, two of them contradict each other, or the images would
            not have the network's shape.
    """
    if known is not None and shape is None:
        shape = known.shape
    if known is not None and color in (None, known.color):
        told = {"size": size, "paper": paper} | ({} if ink is None else ink_words(ink, paper=paper))
        given: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        return _checked_shape(replace(known, **given), shape)
    height, width, channels = shape or (SIDE, SIDE, 1)
    if size is None:
        size = (height or SIDE, width or SIDE)
    color = color or color_of(channels)
    if known is None and ink is None and paper is None and color == "grey":
        paper = choose_paper(data)
    reading = as_preprocessing(size, color=color, ink=ink, paper=paper)
    return _checked_shape(reading, shape)


def training_preprocessing(
    data: Any,
    *,
    size: int | tuple[int, int] | None,
    color: str | None,
    paper: str | None,
    preprocessing: Preprocessing | None,
    known: Preprocessing | None,
    shape: tuple[int | None, int | None, int] | None,
) -> Preprocessing:
    """Return how images are read, from what the caller, the data and the network say.

    Args:
        data: The images, or an `ImageDataset`.
        size: Side of the images in pixels, or (height, width), from the caller, or None.
        color: "grey" or "rgb", from the caller, or None.
        paper: As `Preprocessing` has it, from the caller, or None.
        preprocessing: All of it in one value, from the caller, or None.
        known: How the network's images are read, where it is known.
        shape: Height, width and channels that the network takes, None for an axis of any length;
            None for a network that is still to be made.

    Returns:
        The preprocessing, of the network's shape.

    Raises:
        ValueError: If two of them contradict each other, or a value is unknown.
    """
    told = any(value is not None for value in (size, color, paper))
    if preprocessing is not None:
        if told:
            raise ValueError(
                "`preprocessing` says size, colour and paper already. Received: `size`, `color` or "
                "`paper` as well. Leave them out."
            )
        chosen = preprocessing
    elif isinstance(data, ImageDataset):
        if told:
            raise ValueError(
                "`size`, `color` and `paper` are for images that are still to be read. Received: "
                f"the data set {data.name!r}. Leave them out, or take data.resized(size)."
            )
        chosen = _dataset_preprocessing(data)
    else:
        return choose_preprocessing(
            data, size=size, color=color, paper=paper, known=known, shape=shape
        )
    _checked_shape(chosen, shape)
    read_by = data.preprocessing if isinstance(data, ImageDataset) else None
    if read_by is not None and chosen != read_by:
        raise ValueError(
            f"`preprocessing` must be that of the data set, {read_by}. Received: {chosen}. Leave "
            "it out."
        )
    return chosen


def _dataset_preprocessing(data: ImageDataset) -> Preprocessing:
    channels = data.images.shape[3]
    if data.preprocessing is None and channels not in (1, 3):
        raise ValueError(
            f"`data` must hold images with 1 or 3 channels. Received: {channels}. Train such "
            "networks with train_episodes."
        )
    return data.preprocessing or Preprocessing(data.image_size, color_of(channels))


def _checked_shape(
    reading: Preprocessing, shape: tuple[int | None, int | None, int] | None
) -> Preprocessing:
    """Return a preprocessing that gives images of a network's shape; None is any shape."""
    if shape is not None and not has_shape(reading, shape):
        raise ValueError(
            f"Images must have the network's shape {shape} (height, width, channels). "
            f"Received: {reading.shape}. Leave `size` and `color` out, and read data sets with "
            "that size and colour."
        )
    return reading

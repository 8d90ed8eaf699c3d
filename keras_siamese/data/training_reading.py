"""How the images of a training are read: as told, as the network takes them, or as they look."""

from __future__ import annotations

from typing import Any

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.image_reading import as_preprocessing
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
    shape: tuple[int | None, int | None, int] | None = None,
) -> Preprocessing:
    """Choose how images are read that no network and no data set says it of.

    Args:
        data: The images, as for `choose_paper`.
        size: Side of the images in pixels, or (height, width). None for what the network takes, or
            35 where it takes any.
        color: "grey" or "rgb"; None for what the network takes.
        ink: The older word for polarity and paper, as for `read_image`.
        paper: As `Preprocessing` has it. None, without `ink`, for what grey images look like: see
            `choose_paper`.
        shape: Height, width and channels that the network takes, None for an axis of any length;
            None for a network that is still to be made, with one channel.

    Returns:
        The choice; its paper is "find" where nothing was told and most images are photographs of
        drawings.

    Raises:
        ValueError: If a value is unknown, or two of them contradict each other.
    """
    height, width, channels = shape or (SIDE, SIDE, 1)
    if size is None:
        size = (height or SIDE, width or SIDE)
    color = color or color_of(channels)
    if ink is None and paper is None and color == "grey":
        paper = choose_paper(data)
    return as_preprocessing(size, color=color, ink=ink, paper=paper)


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
        wanted = preprocessing
    elif isinstance(data, ImageDataset):
        if told:
            raise ValueError(
                "`size`, `color` and `paper` are for images that are still to be read. Received: "
                f"the data set {data.name!r}. Leave them out, or take data.resized(size)."
            )
        wanted = _dataset_preprocessing(data)
    elif known is not None and not told:
        wanted = known
    else:
        wanted = choose_preprocessing(data, size=size, color=color, paper=paper, shape=shape)
    fits = shape is None or all(
        side in (None, got) for side, got in zip(shape, wanted.shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"Images must have the network's shape {shape} (height, width, channels). "
            f"Received: {wanted.shape}. Leave `size` and `color` out, and read data sets with that "
            "size and colour."
        )
    read_by = data.preprocessing if isinstance(data, ImageDataset) else None
    if read_by is not None and wanted != read_by:
        raise ValueError(
            f"`preprocessing` must be that of the data set, {read_by}. Received: {wanted}. Leave "
            "it out."
        )
    return wanted


def color_of(channels: int) -> str:
    """Return the colour of images with 1 or 3 channels, "grey" or "rgb"."""
    return "grey" if channels == 1 else "rgb"


def _dataset_preprocessing(data: ImageDataset) -> Preprocessing:
    channels = data.images.shape[3]
    if data.preprocessing is None and channels not in (1, 3):
        raise ValueError(
            f"`data` must hold images with 1 or 3 channels. Received: {channels}. Train such "
            "networks with train_episodes."
        )
    return data.preprocessing or Preprocessing(data.image_size, color_of(channels))

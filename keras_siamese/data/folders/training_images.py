"""The images of a training: what people hand over, as one data set, and how they are read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.arrays import load_arrays
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.drawing import read_drawing
from keras_siamese.data.folders.folder import load_folder
from keras_siamese.data.folders.folder_layout import find_images
from keras_siamese.data.images.fitting import color_of, has_shape
from keras_siamese.data.images.image_reading import as_preprocessing
from keras_siamese.data.images.picture_source import source_pixels
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.pictures import read_labelled
from keras_siamese.data.unreadable import all_reasons


def load_training_images(
    data: Any,
    labels: Any,
    preprocessing: Preprocessing,
    *,
    skip_unreadable: bool,
    **folder_options: Any,
) -> tuple[ImageDataset, list[Exception]]:
    """Read what is trained on.

    Args:
        data: A folder, a mapping from name to images, `(images, labels)`, images, or an
            `ImageDataset`, as for `train_recognizer`.
        labels: `(n,)`, the class of each image, or None; for a folder, as for `load_folder`.
        preprocessing: How the images are read.
        skip_unreadable: Leave out images that cannot be read.
        **folder_options: Further arguments of `load_folder`, for a folder.

    Returns:
        The data set, and an error for each image that was left out.

    Raises:
        ValueError: If images cannot be read, which one error lists, or `data` and `labels` are
            none of these.
        OSError: If a folder cannot be read.
    """
    if isinstance(data, ImageDataset) and labels is None and not folder_options:
        return data, []
    unreadable: list[Exception] = []
    if isinstance(data, str | os.PathLike):
        if labels is not None:
            folder_options["labels"] = labels
        images = load_folder(
            data, preprocessing=preprocessing, on_unreadable=unreadable.append, **folder_options
        )
    else:
        pictures, names = read_labelled(
            data,
            labels,
            preprocessing,
            argument="data",
            on_unreadable=unreadable.append,
            **folder_options,
        )
        stack = pictures.images[pictures.rows]
        images = load_arrays(stack, np.asarray(names), name="images", preprocessing=preprocessing)
    if unreadable and not skip_unreadable:
        raise ValueError(
            f"`data` must hold images that can be read. Received: {all_reasons(unreadable)} "
            "Replace them, or give skip_unreadable=True."
        )
    return images, unreadable


# Side of the images, in pixels, unless told otherwise.
SIDE = 35


def choose_preprocessing(
    data: Any,
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    polarity: str | None = None,
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
        polarity: As `Preprocessing` has it; None for what the network's images were read with.
        paper: As `Preprocessing` has it. None for what the network's images were read with or,
            where neither that nor `polarity` is given, for what grey images look like: see
            `choose_paper`.
        known: How the network's images are read, where that is known.
        shape: Height, width and channels that the network takes, None for an axis of any length.
            None for those of `known`, or for a network that is still to be made, of one channel.

    Returns:
        The choice. What is not given is as in `known`; without that, paper is "find" where most
        images are photographs of drawings.

    Raises:
        ValueError: If a value is unknown, two of them contradict each other, or the images would
            not have the network's shape.
    """
    if known is not None and shape is None:
        shape = known.shape
    if known is not None and color in (None, known.color):
        told = {"size": size, "polarity": polarity, "paper": paper}
        given: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        return _checked_shape(replace(known, **given), shape)
    height, width, channels = shape or (SIDE, SIDE, 1)
    if size is None:
        size = (height or SIDE, width or SIDE)
    color = color or color_of(channels)
    if known is None and polarity is None and paper is None and color == "grey":
        paper = choose_paper(data)
    reading = as_preprocessing(size, color=color, polarity=polarity, paper=paper)
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


# Pictures that are looked at, taken evenly from all.
_LOOKED_AT = 24
# Side of the images that they are read to, which are not used.
_SIDE = 32


def choose_paper(data: Any) -> str:
    """Choose how grey pictures are read, by a look at up to 24 of them.

    A picture counts as the photograph of a drawing where its margin is unevenly lit and one drawing
    is found in it, without anything that would be warned of.

    Args:
        data: A folder of images; a mapping from name to image or images; `(images, labels)`; or
            images: paths, PIL images, or arrays as in a file. What cannot be read does not count.

    Returns:
        "find" where more than half are such photographs, else "level", as `Preprocessing` has it.
    """
    pictures = _pictures(data)
    step = max(1, len(pictures) // _LOOKED_AT)
    looked_at = pictures[::step][:_LOOKED_AT]
    needed, found = len(looked_at) // 2 + 1, 0
    for looks, picture in enumerate(looked_at, 1):
        found += _is_photographed(picture)
        # Once the others cannot change it, they need not be looked at.
        if found >= needed or found + len(looked_at) - looks < needed:
            break
    return "find" if found >= needed else "level"


def _pictures(data: Any) -> Sequence[Any]:
    if isinstance(data, str | os.PathLike):
        try:
            return find_images(Path(data), lambda skipped: None)
        except (ValueError, OSError):
            return []
    if isinstance(data, tuple) and len(data) == 2:
        data = data[0]
    if hasattr(data, "values") and not isinstance(data, np.ndarray):
        return [picture for value in data.values() for picture in _several(value)]
    return list(data) if isinstance(data, list | tuple | np.ndarray) else []


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _is_photographed(picture: Any) -> bool:
    try:
        grey, _ = source_pixels(picture, color="grey", polarity="auto")
        _, notes, found = read_drawing(grey, (_SIDE, _SIDE), "auto")
    except (ValueError, OSError):
        return False
    # What is drawn on a sheet lies inside of it; marks up to the border are some other picture.
    return not (found.paper.even or found.ink.touching > 0 or notes)

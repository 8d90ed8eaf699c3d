"""One raw picture or a batch of them, as people hand them in, read for a network."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.preprocessing import OnUnreadable, Preprocessing, ReadingWarning


@dataclass(frozen=True)
class Pictures:
    """Pictures as a network takes them, each of them once.

    Attributes:
        images: `(m, height, width, channels)`, uint8, ink 255: the different pictures.
        rows: `(n,)`, the row of `images` for each picture given; -1 where it could not be read.
        sources: Path of each picture given; "" for those that are no files.
        single: Whether one picture was given, and not a batch.
        notes: Of each of `images`, the text of every `ReadingWarning`.
    """

    images: np.ndarray
    rows: np.ndarray
    sources: tuple[str, ...]
    single: bool
    notes: tuple[tuple[str, ...], ...]


def is_picture(source: Any) -> bool:
    """Tell one picture from a batch.

    Args:
        source: A path, the bytes of a file, a PIL image or an array of up to three dimensions is
            one picture; a list and an array of four dimensions are batches.

    Returns:
        Whether it is one picture.
    """
    if isinstance(source, str | bytes | bytearray | memoryview | os.PathLike):
        return True
    if isinstance(source, np.ndarray) and source.dtype == object:
        return False
    dimensions = getattr(source, "ndim", None)
    return dimensions <= 3 if isinstance(dimensions, int) else not isinstance(source, Iterable)


def read_pictures(
    pictures: Any,
    preprocessing: Preprocessing,
    *,
    argument: str = "images",
    on_unreadable: OnUnreadable | None = None,
) -> Pictures:
    """Read a picture or a batch of them; one that is given several times is read once.

    Args:
        pictures: One picture as for `Preprocessing.read`; or a batch: a list (or any iterable) of
            them, of any sizes, or an array `(n, height, width, channels)`. Or an `ImageDataset`
            that was read with the same preprocessing.
        preprocessing: How they are read.
        argument: Name of the argument, for errors.
        on_unreadable: Called with the error of each picture that cannot be read. None raises it.

    Returns:
        The pictures.

    Warns:
        ReadingWarning: As `Preprocessing.read`; `notes` holds the texts, too.

    Raises:
        ValueError: If there are none, they are no pictures, or a data set was read otherwise.
        OSError: If a file cannot be read.
    """
    if isinstance(pictures, ImageDataset):
        return _of_dataset(pictures, preprocessing, argument)
    single = is_picture(pictures)
    if isinstance(pictures, Mapping):
        raise ValueError(
            f"`{argument}` must be an image or a list of images. Received: a mapping. Give "
            "list(mapping.values()), or call `fit` with it."
        )
    images: list[np.ndarray] = []
    notes: list[tuple[str, ...]] = []
    known: dict[Any, int] = {}
    rows: list[int] = []
    sources: list[str] = []
    # What is identified by its place in memory must stay there.
    kept = []
    for picture in [pictures] if single else _batch(pictures):
        path = isinstance(picture, str | os.PathLike)
        kept.append(picture)
        key = os.fspath(picture) if path else id(picture)
        if key not in known:
            read = _read(picture, preprocessing, on_unreadable)
            known[key] = -1 if read is None else len(images)
            if read is not None:
                images.append(read[0])
                notes.append(read[1])
        rows.append(known[key])
        sources.append(os.fsdecode(picture) if path else "")
    if not rows:
        raise ValueError(
            f"`{argument}` must hold at least one image. Received: an empty "
            f"{type(pictures).__name__}. Give a path, a PIL image, an array, or a list of them."
        )
    stack = np.stack(images) if images else np.zeros((0, *preprocessing.shape), np.uint8)
    return Pictures(stack, np.array(rows), tuple(sources), single, tuple(notes))


def _read(
    picture: Any, preprocessing: Preprocessing, on_unreadable: OnUnreadable | None
) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """Read a picture with what is to be noted of it; None where it cannot be read."""
    try:
        image, notes = preprocessing.read_noted(picture)
    except (ValueError, OSError) as error:
        if on_unreadable is None:
            raise
        on_unreadable(error)
        return None
    for note in notes:
        warnings.warn(note, ReadingWarning, stacklevel=4)
    return image, notes


def _batch(pictures: Any) -> Iterable[Any]:
    """Yield the pictures of a batch; rows of one array are different pictures."""
    dimensions = getattr(pictures, "ndim", None)
    if dimensions is not None and dimensions > 4:
        raise ValueError(
            "A batch of images must be a list, or an array (n, height, width, channels). Received: "
            f"an array of shape {tuple(pictures.shape)}. Reshape it."
        )
    return np.asarray(pictures) if dimensions == 4 else pictures


def _of_dataset(dataset: ImageDataset, preprocessing: Preprocessing, argument: str) -> Pictures:
    read_by = getattr(dataset, "preprocessing", None)
    if read_by != preprocessing:
        how = "by hand" if read_by is None else f"with {read_by}"
        raise ValueError(
            f"`{argument}` must be read as the network's images are, with {preprocessing}. "
            f"Received: {dataset.name!r}, made {how}. Give the files or arrays themselves; they "
            "are read as they should be."
        )
    count = len(dataset)
    return Pictures(dataset.images, np.arange(count), ("",) * count, False, ((),) * count)

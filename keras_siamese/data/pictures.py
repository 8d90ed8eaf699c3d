"""Raw pictures as people hand them in, with or without classes, read for a network."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.folders.folder import support_files
from keras_siamese.data.images.preprocessing import OnUnreadable, Preprocessing, ReadingWarning
from keras_siamese.data.unreadable import all_reasons, first_reason, keeping


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
        ValueError: If there are none, they are not pictures, or a data set was read otherwise.
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


def read_labelled(
    labelled: Any,
    labels: Any,
    preprocessing: Preprocessing,
    *,
    argument: str,
    on_unreadable: OnUnreadable | None = None,
    **folder_options: Any,
) -> tuple[Pictures, list[Any]]:
    """Read pictures of classes.

    Args:
        labelled: A folder of known classes, as for `load_support`; a mapping from name to a picture
            or several; `(pictures, labels)`; an `ImageDataset` that was read with the same
            preprocessing; or pictures, with `labels` as well. With a label for each, an array
            `(n, height, width)` is a batch of grey pictures.
        labels: `(n,)`, the class of each picture, or None; for a folder, as for `load_folder`.
        preprocessing: How they are read.
        argument: Name of the first argument, for errors.
        on_unreadable: Called with the error of each picture that cannot be read, which is then
            left out. None raises it; of several, one error that lists them.
        **folder_options: Further arguments of `load_support`, for a folder.

    Returns:
        The pictures that could be read, and the class of each.

    Raises:
        ValueError: If it is not one of these, pictures and labels do not fit each other, or none
            can be read.
        OSError: If a file cannot be read.
    """
    if isinstance(labelled, str | os.PathLike) and not os.path.isfile(labelled):
        if labels is not None:
            folder_options["labels"] = labels
        files = support_files(labelled, on_unreadable=on_unreadable, **folder_options)
        given: Any = [file for _, file in files]
        names: list[Any] = [name for name, _ in files]
        if not files:
            raise ValueError(
                f"`{argument}` must be a folder of images. Received: {os.fspath(labelled)!r}, "
                "which holds none. Add one image of each class."
            )
    elif folder_options:
        raise ValueError(
            f"{', '.join(map(repr, folder_options))} must be given with a folder only. Received: "
            f"`{argument}` as {type(labelled).__name__}. Leave it out."
        )
    else:
        given, names = _parted(labelled, labels, argument)
    errors: list[Exception] = []
    keep = keeping(on_unreadable, errors) or errors.append
    pictures = read_pictures(given, preprocessing, argument=argument, on_unreadable=keep)
    if errors and on_unreadable is None:
        raise _one_error(errors, argument)
    if len(names) != len(pictures.rows):
        raise ValueError(
            f"`labels` must name each image. Received: {len(names)} labels for "
            f"{len(pictures.rows)} images. Give as many labels as images."
        )
    kept = np.flatnonzero(pictures.rows >= 0)
    if not len(kept):
        raise ValueError(
            f"`{argument}` must hold images that can be read. Received: {first_reason(errors)}"
        )
    sources = tuple(pictures.sources[place] for place in kept)
    read = replace(pictures, rows=pictures.rows[kept], sources=sources)
    return read, [names[place] for place in kept]


def _one_error(errors: list[Exception], argument: str) -> Exception:
    if len(errors) == 1:
        return errors[0]
    return ValueError(
        f"`{argument}` must hold images that can be read. Received: {all_reasons(errors)} Replace "
        "them, or leave them out: on_unreadable=print."
    )


def _parted(labelled: Any, labels: Any, argument: str) -> tuple[Any, list[Any]]:
    """Return pictures and the class of each."""
    if labels is None and isinstance(labelled, ImageDataset):
        return labelled, labelled.labels.tolist()
    if labels is None and isinstance(labelled, Mapping):
        return _from_mapping(labelled, argument)
    if labels is None:
        if not isinstance(labelled, tuple | list) or len(labelled) != 2 or not _many(labelled[1]):
            raise ValueError(
                f"`{argument}` must be a folder, a mapping from name to images, or (images, "
                f"labels). Received: {type(labelled).__name__} without labels. Give the class of "
                "each image."
            )
        labelled, labels = labelled
    if _is_grey_batch(labelled, labels):
        labelled = list(np.asarray(labelled))
    elif is_picture(labelled):
        labelled, labels = [labelled], labels if _many(labels) else [labels]
    names = np.asarray(labels)
    if names.ndim != 1:
        raise ValueError(
            "`labels` must be a list, the class of each image. Received: "
            f"{type(labels).__name__} of shape {names.shape}. Give one label per image."
        )
    return labelled, names.tolist()


def _is_grey_batch(pictures: Any, labels: Any) -> bool:
    """Say whether an array of three dimensions is a batch `(n, height, width)`, by its labels."""
    if getattr(pictures, "ndim", None) != 3 or not _many(labels) or len(np.shape(labels)) != 1:
        return False
    if pictures.shape[2] in (1, 3, 4):
        return len(pictures) == len(labels) > 1
    return len(labels) > 1 or len(pictures) == len(labels)


def _many(labels: Any) -> bool:
    """Say whether something is a list of labels, by its kind."""
    return isinstance(labels, Iterable) and not isinstance(labels, str | bytes | os.PathLike)


def _from_mapping(labelled: Mapping[Any, Any], argument: str) -> tuple[list[Any], list[Any]]:
    pictures: list[Any] = []
    names: list[Any] = []
    for name, of_class in labelled.items():
        several = [of_class] if is_picture(of_class) else list(of_class)
        if not several:
            raise ValueError(
                f"`{argument}` must hold at least one image of each class. Received: none of "
                f"{name!r}. Add one, or leave the class out."
            )
        pictures += several
        names += [name] * len(several)
    return pictures, names

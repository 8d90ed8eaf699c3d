"""Raw pictures with the class of each, in all the ways in which people hand them in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.pictures import Pictures, is_picture, read_pictures
from keras_siamese.data.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.support import support_files
from keras_siamese.data.unreadable import all_reasons, first_reason, keeping


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
        ValueError: If it is none of these, pictures and labels do not fit each other, or none can
            be read.
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

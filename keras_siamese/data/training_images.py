"""The images of a training as one data set, from all that people hand over."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_siamese.data.arrays import load_arrays
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.folder import load_folder
from keras_siamese.data.labelled_pictures import read_labelled
from keras_siamese.data.preprocessing import Preprocessing
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

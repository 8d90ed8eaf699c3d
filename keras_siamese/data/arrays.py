"""A user's own images, as arrays: the images, and the class of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_siamese.argument_checks import flat_labels
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.images.picture_source import advise_values
from keras_siamese.data.images.preprocessing import Preprocessing


def load_arrays(
    images: Any,
    labels: Sequence[Any] | np.ndarray,
    *,
    groups: Sequence[Any] | np.ndarray | None = None,
    name: str = "arrays",
    preprocessing: Preprocessing | None = None,
) -> ImageDataset:
    """Make a data set of images and labels.

    The values are taken as they are: ink must be bright, as in MNIST. Where it is dark, as on
    paper, give `255 - images`.

    Args:
        images: `(n, height, width)` or `(n, height, width, channels)`, uint8, [0, 255], or float,
            [0, 1], which is rounded to 255 steps, or bool.
        labels: `(n,)` or `(n, 1)`, strings or whole numbers, the class of each image.
        groups: `(n,)`, strings or whole numbers, what classes belong together, as the letters of an
            alphabet do; None for one group. A class is a label within a group.
        name: Name of the data set, and of the group where `groups` is None.
        preprocessing: How pictures must be read to be like these images, for their size and colour;
            networks that are trained on them keep it. None stands for `Preprocessing`'s defaults,
            where the images have 1 or 3 channels.

    Returns:
        A data set with the images in their order. The drawer is a running number from 1 inside each
        class.

    Raises:
        ValueError: If the images have another shape, type or range, or hold NaN, or there are none;
            if labels or groups are no such lists; or if `preprocessing` is for other images.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import load_arrays
        >>> images = np.zeros((4, 28, 28), np.uint8)
        >>> load_arrays(images, ["bolt", "nut", "bolt", "nut"], name="parts")
        ImageDataset('parts', 4 images of 28x28, 1 alphabets, 2 characters, 2 drawers)
    """
    stack = _as_bytes(images)
    group_of = np.full(len(stack), name) if groups is None else groups
    group_names, alphabet = _numbered("groups", group_of, len(stack))
    label_names, label = _numbered("labels", labels, len(stack))
    classes, character = np.unique(alphabet * len(label_names) + label, return_inverse=True)
    pairs = zip(*np.divmod(classes, len(label_names)), strict=True)
    return ImageDataset(
        images=stack,
        alphabet=alphabet.astype(np.int32),
        character=character.astype(np.int32),
        drawer=_running_numbers(character),
        alphabet_names=tuple(group_names),
        character_names=tuple(f"{group_names[g]}/{label_names[c]}" for g, c in pairs),
        name=name,
        preprocessing=preprocessing or _default(stack),
    )


def _default(images: np.ndarray) -> Preprocessing | None:
    _, height, width, channels = images.shape
    color = {1: "grey", 3: "rgb"}.get(channels)
    return Preprocessing((height, width), color) if color else None


def _running_numbers(character: np.ndarray) -> np.ndarray:
    """Return 1, 2, ... for the images of each character, in their order."""
    order = np.argsort(character, kind="stable")
    _, starts, counts = np.unique(character[order], return_index=True, return_counts=True)
    numbers = np.empty(len(character), np.int32)
    numbers[order] = np.arange(len(character)) - np.repeat(starts, counts) + 1
    return numbers


def _as_bytes(images: Any) -> np.ndarray:
    """Return images as uint8 `(n, height, width, channels)`, or raise."""
    given = np.asarray(images)
    if given.ndim == 3:
        given = given[..., None]
    if given.ndim != 4 or not given.size:
        raise ValueError(
            "`images` must have shape (n, height, width) or (n, height, width, channels), with at "
            f"least one image. Received: shape {np.shape(images)}. Reshape them."
        )
    if given.shape[1] in (1, 3) and given.shape[3] > 4 and given.shape[2] > 4:
        raise ValueError(
            "`images` must have shape (n, height, width, channels). Received: shape "
            f"{given.shape}, whose channels come first, as in PyTorch. Give "
            "np.moveaxis(images, 1, -1)."
        )
    if given.dtype == np.uint8:
        return given
    if given.dtype == bool:
        return given.astype(np.uint8) * np.uint8(255)
    if given.dtype.kind not in "iuf":
        raise ValueError(
            f"`images` must be uint8 from 0 to 255 or float from 0 to 1. Received: {given.dtype}. "
            "Give an array of numbers; files are read by `load_folder`."
        )
    low, high = given.min(), given.max()
    if not np.isfinite([low, high]).all():
        raise ValueError(
            "`images` must be uint8 from 0 to 255 or float from 0 to 1, without NaN. Received: "
            f"{given.dtype} from {low} to {high}. Take out or mend those images."
        )
    if given.dtype.kind != "f" or low < 0 or high > 1:
        raise ValueError(
            "`images` must be uint8 from 0 to 255 or float from 0 to 1, without NaN. Received: "
            f"{given.dtype} from {low} to {high}. {advise_values(low, high, given.dtype.kind)}"
        )
    return np.rint(255 * given).astype(np.uint8)


def _numbered(argument: str, values: Any, count: int) -> tuple[list[str], np.ndarray]:
    """Return the different values, sorted, as names, and the place of each image's among them."""
    given = flat_labels(values)
    if given is None or given.shape != (count,) or given.dtype.kind not in "iubU":
        raise ValueError(
            f"`{argument}` must be {count} strings or whole numbers, one for each image. Received: "
            f"{np.asarray(values).dtype} of shape {np.shape(values)}. Give each image one."
        )
    different, places = np.unique(given, return_inverse=True)
    return [str(value) for value in different.tolist()], places

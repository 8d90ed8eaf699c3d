"""Checks of examples and labels as people hand them in: what an encoder takes, or an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_siamese.data.images.picture_source import advise_shape, advise_values


def checked_inputs(examples: Any, input_shape: Sequence[int | None], argument: str) -> np.ndarray:
    """Return examples in the shape and type that `encode_images` and the encoder take.

    Args:
        examples: `(n, *input_shape)`, or `(n, pixels)`, each example laid out flat as
            scikit-learn's tools do. Images are uint8, ink 255, or float in [0, 1], or boolean;
            vectors are any finite numbers.
        input_shape: Shape of one example without the batch; None is an unknown size.
        argument: Name of the argument, for errors.

    Returns:
        `(n, *input_shape)`, uint8 (images only) or float32.

    Raises:
        ValueError: If the examples are not such an array.
        TypeError: If an element of an array of objects is no number.
    """
    given = _as_numbers(examples, argument)
    shape = tuple(input_shape)
    known = [size for size in shape if size is not None]
    wanted = f"(n, {', '.join('any' if size is None else str(size) for size in shape)})"
    if given.ndim < 2 or (given.ndim == len(shape) and given.ndim > 2):
        raise ValueError(
            f"`{argument}` must be a batch of shape {wanted}. Received: shape "
            f"{given.shape}. Reshape your data: x[None] is a batch of one example, "
            + (
                f"np.repeat(x[..., None], {shape[2]}, axis=-1) makes grey images coloured."
                if len(shape) == 3 and shape[2] != 1
                else "x[..., None] gives grey images their channel."
            )
        )
    if not len(given) or not given[0].size:
        empty = "sample" if not len(given) else "feature"
        raise ValueError(
            f"`{argument}` must be a batch of shape {wanted}. Received: 0 {empty}(s) "
            f"(shape={given.shape}) while a minimum of 1 is required. Give at least one example."
        )
    if given.ndim == 2 and len(shape) > 1 and len(known) == len(shape):
        pixels = int(np.prod(known))
        if given.shape[1] == pixels:
            given = given.reshape(-1, *known)
    fits = len(given.shape) == len(shape) + 1 and all(
        want in (None, got) for want, got in zip(shape, given.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"`{argument}` must have the encoder's shape {wanted}. Received: shape "
            f"{given.shape}. "
            + (
                advise_shape(given.shape, shape)
                if len(shape) == 3
                else "Bring the examples to it, or use a network made for their size."
            )
        )
    return _as_image_values(given, argument) if len(shape) == 3 else given.astype(np.float32)


def as_labels(labels: Any, count: int, argument: str) -> np.ndarray:
    """Return one class label an example, of one native type.

    Args:
        labels: `(count,)`, all strings, or all whole numbers or booleans.
        count: Number of examples.
        argument: Name of the argument, for errors.

    Returns:
        `(count,)`, of a string, integer, boolean or (where given as whole floats) float type.

    Raises:
        ValueError: If the labels are not such a list.
    """
    expected = f"`{argument}` must give each example a class, a string or whole number"
    if labels is None:
        raise ValueError(
            f"{expected}. Received: None; it requires {argument} to be passed, but the target "
            f"{argument} is None. Give the class of each example."
        )
    given = np.asarray(labels)
    if given.shape != (count,):
        raise ValueError(
            f"{expected}: {argument} should be a 1d array of length {count}. Received: shape "
            f"{given.shape}. Give as many labels as examples, in one row."
        )
    if given.dtype == object:
        kinds = sorted({type(label).__name__ for label in given.tolist()})
        if len(kinds) > 1:
            raise ValueError(
                f"{expected}. Received: a mixture of {kinds}. Unknown label type: make all labels "
                "strings."
            )
        given = np.asarray(given.tolist())
    if given.dtype.kind not in "biufU":
        raise ValueError(
            f"{expected}. Received: dtype {given.dtype}. Unknown label type: make the labels "
            "strings or integers."
        )
    if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.rint(given))).all():
        raise ValueError(
            f"{expected}. Received: continuous values or NaN, such as {given[:3].tolist()}. "
            "Unknown label type: make the labels strings or integers."
        )
    return given


def _as_numbers(examples: Any, argument: str) -> np.ndarray:
    """Return a numeric array without NaN and infinity."""
    if hasattr(examples, "toarray"):
        raise ValueError(
            f"`{argument}` must be a dense array. Received: a sparse "
            f"{type(examples).__name__}, which is not supported. Pass its toarray()."
        )
    try:
        given = np.asarray(examples)
    except ValueError as error:
        raise ValueError(
            f"`{argument}` must be one array. Received: examples of different shapes "
            f"({error}). Bring all to one size first: `Preprocessing(size).read_batch` does."
        ) from error
    if given.dtype == object and given.ndim == 0:
        raise ValueError(
            f"`{argument}` must be one array. Received: {type(examples).__name__}. Make "
            "an array of it: `Preprocessing(size).read_batch` does of images."
        )
    if given.dtype == object:
        given = given.astype(np.float64)
    if given.dtype.kind == "c":
        raise ValueError(
            f"`{argument}` must hold real numbers. Received: dtype {given.dtype}. "
            "Complex data not supported; pass real values."
        )
    if given.dtype.kind not in "biuf":
        raise ValueError(
            f"`{argument}` must hold numbers. Received: dtype {given.dtype}. Read image "
            "files with `load_folder`."
        )
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise ValueError(
            f"`{argument}` must be finite. Received: NaN or inf among the values. Take "
            "out or mend those examples."
        )
    return given


def _as_image_values(images: np.ndarray, argument: str) -> np.ndarray:
    """Return images as uint8 or as float32 in [0, 1]."""
    if images.dtype == np.uint8:
        return images
    low, high = images.min(), images.max()
    if (images.dtype.kind not in "fb") or low < 0 or high > 1:
        raise ValueError(
            f"`{argument}` must hold images of uint8 (ink 255) or of floats in [0, 1] "
            f"(ink 1). Received: {images.dtype} from {low} to {high}. "
            f"{advise_values(low, high, images.dtype.kind)}"
        )
    return images.astype(np.float32)

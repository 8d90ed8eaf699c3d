"""Where a raw picture comes from: a file, its bytes, a PIL image or an array.

What is no picture gets an error that says what to do, one answer for each cause.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_siamese.data.images.image_files import decode_image, picture_pixels
from keras_siamese.data.images.sixteen_bits import high_bits
from keras_siamese.data.unreadable import what_is_at

# Largest file that is read, in bytes.
_MAX_BYTES = 256_000_000
_OWN_PIPES = r"/dev/(stdin|fd/\d+)|/proc/self/fd/\d+"


def source_pixels(source: Any, *, color: str, polarity: str) -> tuple[np.ndarray, str]:
    """Return the pixels of a raw picture.

    Args:
        source: As for `Preprocessing.read`.
        color: "grey" or "rgb".
        polarity: As `Preprocessing` has it.

    Returns:
        `(height, width, channels)`, uint8, [0, 255] as in the file; and what errors call the
        source.

    Raises:
        ValueError: If the source is no picture, damaged, animated or too large.
        OSError: If a file cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        name, content = os.fspath(source), _content(source)
    elif isinstance(source, bytes | bytearray | memoryview):
        name, content = f"{len(source)} bytes", bytes(source)
    else:
        name = "picture"
        return picture_pixels(as_picture(source, color), name, color=color, polarity=polarity), name
    return decode_image(content, name, color=color, polarity=polarity), name


def _content(path: str | os.PathLike[str]) -> bytes:
    expected = "An image must be a file"
    if os.path.isdir(path):
        raise IsADirectoryError(
            f"{expected}. Received: the folder {str(path)!r}. Name one of its images; "
            "`keras_siamese.data.find_images` lists them."
        )
    if not os.path.exists(path):
        remedy = "Download it first." if "://" in str(path) else "Correct the path."
        raise FileNotFoundError(
            f"{expected}. Received: {str(path)!r}, which is {what_is_at(path)}. {remedy}"
        )
    _check_kind(path, expected)
    with open(path, "rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(
            f"{str(path)!r} must have at most {_MAX_BYTES} bytes. Received: more. Reduce it."
        )
    return content


def _check_kind(path: str | os.PathLike[str], expected: str) -> None:
    """Check that reading a path ends: a pipe may wait for ever, and a device may never stop."""
    mode = os.stat(path).st_mode
    is_pipe = stat.S_ISFIFO(mode)
    # A shell's <(command) and | are pipes of this process alone.
    if stat.S_ISREG(mode) or (is_pipe and re.fullmatch(_OWN_PIPES, os.fspath(path))):
        return
    kind = "named pipe" if is_pipe else "socket" if stat.S_ISSOCK(mode) else "device"
    raise OSError(
        f"{expected}. Received: the {kind} {str(path)!r}. Write its content into a file, or give "
        "its bytes."
    )


# Rows that are turned grey at once.
_STRIP = 64
_EXPECTED = (
    "A picture must be a path, the bytes of a file, a PIL image, or an array (height, width) or "
    "(height, width, channels) with 1, 3 or 4 channels"
)


def as_picture(source: Any, color: str = "rgb") -> Any:
    """Return a picture as a PIL image.

    Args:
        source: A PIL image; or an array `(height, width)` or `(height, width, channels)` with 1, 3
            or 4 channels, uint8 in [0, 255], uint16, bool, or float in [0, 1].
        color: "grey" turns an array of colours grey, which takes less memory than an image of it.

    Returns:
        A PIL image, of 16 bits where the array has them.

    Raises:
        ValueError: If the source is of another type, shape or range.
    """
    from PIL import Image

    if isinstance(source, Image.Image):
        return source
    if source is None or isinstance(source, int | float | list | tuple | dict | set):
        raise ValueError(f"{_EXPECTED}. Received: {type(source).__name__}. {_remedy(source)}")
    given = np.asarray(source)
    _check_shape(given)
    if given.dtype == np.uint16 and (given.ndim == 2 or given.shape[2] == 1):
        return Image.fromarray(np.ascontiguousarray(given.reshape(given.shape[:2])))
    levels = _from_sixteen_bits(given) if given.dtype == np.uint16 else _levels(given)
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[..., 0]
    if color == "grey" and levels.ndim == 3 and levels.shape[2] == 3:
        levels = _grey(levels)
    return Image.fromarray(np.ascontiguousarray(levels))


def _grey(colors: np.ndarray) -> np.ndarray:
    """Return the brightness as Pillow reckons it, strip by strip: large images cost much time."""
    from PIL import Image

    grey = np.empty(colors.shape[:2], np.uint8)
    for start in range(0, len(colors), _STRIP):
        strip = np.ascontiguousarray(colors[start : start + _STRIP])
        grey[start : start + _STRIP] = np.asarray(Image.fromarray(strip).convert("L"))
    return grey


def _remedy(source: Any) -> str:
    if isinstance(source, list | tuple):
        return "Read a list of pictures with `read_batch`; make a list of numbers an array."
    return "Give one of these."


def _check_shape(given: np.ndarray) -> None:
    shape = given.shape
    if (
        not given.size
        or len(shape) not in (2, 3)
        or (len(shape) == 3 and shape[2] not in (1, 3, 4))
    ):
        remedy = "Reshape it"
        if len(shape) == 4:
            remedy = "For a batch use `read_batch`"
        elif len(shape) == 3:
            remedy = "Where it is a batch of grey pictures, add the channel: images[..., None]"
            if shape[0] in (1, 3, 4):
                remedy += (
                    ". Where the channels come first, as in PyTorch, put them last: "
                    "np.moveaxis(x, 0, -1)"
                )
        raise ValueError(f"{_EXPECTED}. Received: an array of shape {shape}. {remedy}.")


def _from_sixteen_bits(given: np.ndarray) -> np.ndarray:
    """Return colours of 16 bits per channel as uint8, and their opacity by its own bits."""
    parts = (given[..., :3], given[..., 3:])
    return np.concatenate([high_bits(part) for part in parts if part.size], axis=-1)


def _levels(given: np.ndarray) -> np.ndarray:
    """Return uint8, [0, 255]."""
    if given.dtype == np.uint8:
        return given
    if given.dtype == bool:
        return given.astype(np.uint8) * np.uint8(255)
    values = "An array of a picture must be uint8 in [0, 255], bool, or float in [0, 1]"
    if given.dtype.kind != "f":
        raise ValueError(
            f"{values}. Received: {given.dtype}. Where its values go from 0 to 255, convert it "
            "with astype('uint8')."
        )
    if not np.isfinite(given).all():
        raise ValueError(f"{values}. Received: NaN or inf among the values. Mend the picture.")
    low, high = float(given.min()), float(given.max())
    if low < 0 or high > 1:
        raise ValueError(
            f"{values}. Received: values from {low:g} to {high:g}. {advise_values(low, high)}"
        )
    return np.rint(255 * given).astype(np.uint8)


def advise_values(low: float, high: float, kind: str = "f") -> str:
    """Say how to bring values to uint8 in [0, 255] or float in [0, 1].

    Args:
        low: The lowest value.
        high: The highest value.
        kind: Of the array's dtype: "f" for floats, "i" or "u" for whole numbers.

    Returns:
        One or two sentences.
    """
    if -1 <= low < 0 and high <= 1 and kind == "f":
        return (
            "Values from -1 to 1, as `preprocess_input` of many networks makes them, become right "
            "by (x + 1) / 2. Where the encoder needs them so, start it with "
            "keras.layers.Rescaling(2, -1)."
        )
    if low < 0:
        return (
            "Values below 0 come from subtracting a mean: give the original images, and put that "
            "step into the encoder (keras.layers.Normalization)."
        )
    if high <= 255:
        return "Values up to 255 become right by astype('uint8')" + (
            ", or by x / 255." if kind == "f" else "."
        )
    if high <= 65535:
        return "Values of 16 bits become right by x / 65535, or by the largest that they can have."
    return "Divide by the largest value that they can have."


def advise_shape(got: Sequence[int], wanted: Sequence[int | None]) -> str:
    """Say how to bring images to a network's shape.

    Args:
        got: Shape of the batch, `(n, ...)`.
        wanted: Height, width and channels; None is any size.

    Returns:
        One or two sentences.
    """
    sides, channels = tuple(wanted[:2]), wanted[2]
    image = tuple(got[1:])
    if len(image) != 3:
        return "Reshape them: x[None] is a batch of one, x[..., None] adds the channel."
    if image[0] == channels != image[2] and _fit(image[1:], sides):
        return "The channels come first, as in PyTorch: give np.moveaxis(x, 1, -1)."
    if not _fit(image[:2], sides):
        return (
            f"Bring them to {sides[0]}x{sides[1]}: `Preprocessing` reads pictures of any size so, "
            "`resized` does it to a data set. Or use a network made for their size."
        )
    if image[2] == 1:
        return (
            f"Grey images for a network of colour: give np.repeat(x, {channels}, axis=-1), or "
            "read the files with color='rgb'."
        )
    if channels == 1 and image[2] in (3, 4):
        return (
            "Coloured images for a network of grey ones: read the files with color='grey', or "
            "give np.dot(x[..., :3], [0.299, 0.587, 0.114])[..., None], as uint8 where x is."
        )
    return f"Give images with {channels} channels, or use a network made for theirs."


def _fit(got: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return all(want in (None, have) for have, want in zip(got, wanted, strict=True))

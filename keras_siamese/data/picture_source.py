"""Where a raw picture comes from: a file, its bytes, a PIL image or an array."""

from __future__ import annotations

import os
import re
import stat
from typing import Any

import numpy as np

from keras_siamese.data.image_files import decode_image, picture_pixels
from keras_siamese.data.raw_arrays import as_picture
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

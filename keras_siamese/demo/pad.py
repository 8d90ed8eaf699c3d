"""What a pad holds, as the data URL of an image: a drawing made on it, or a photograph."""

from __future__ import annotations

import base64
import binascii
import io
import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.images.image_files import decode_image
from keras_siamese.data.images.picture_source import source_pixels

# Side of a pad, in pixels: four for each of Omniglot's, so that its pen is drawn smoothly.
PAD_SIDE = 420
# Largest uploaded file, in bytes: phones make some of 25 million.
MAX_UPLOAD_BYTES = 32_000_000
# The most pixels of what a pad holds, and bytes of a file that it holds unchanged.
MAX_PAD_PIXELS = 4_000_000
MAX_PAD_BYTES = 4_000_000
# Kinds of files that browsers show, by their first bytes.
_SHOWN = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpeg": rb"\xff\xd8\xff",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF....WEBP",
    "bmp": rb"BM....\x00\x00\x00\x00",
}
_DATA_URL = re.compile(rf"data:image/({'|'.join(_SHOWN)});base64,")
# Enough for a PNG of so many pixels in colour.
_MAX_CHARACTERS = 5 * MAX_PAD_PIXELS


def decode_pad(value: str | None) -> bytes:
    """Decode what the browser sends of a pad.

    Args:
        value: A data URL of an image, of what was drawn or uploaded; None or "" of a pad not yet
            drawn on.

    Returns:
        The image file, of at most 4 million pixels: a picture as `Recognizer` takes it.

    Raises:
        ValueError: If nothing was drawn yet, or a pad does not make such a value.
    """
    if not value:
        raise ValueError("The pad is empty. Draw on it, or upload a picture.")
    start = _DATA_URL.match(value) if isinstance(value, str) else None
    if start is None or len(value) > _MAX_CHARACTERS:
        raise ValueError(
            "A pad must hold an image as a data URL. Received: something else, or too much. Clear "
            "it and draw again."
        )
    try:
        content = base64.b64decode(value[start.end() :], validate=True)
    except binascii.Error as error:
        raise ValueError(
            f"A pad must hold base64. Received: text with an error: {error}. Clear it and draw "
            "again."
        ) from error
    decode_image(content, "pad", color="grey", max_pixels=MAX_PAD_PIXELS)
    return content


def encode_pad(pixels: np.ndarray) -> str:
    """Encode an image for a pad, or for any other place on the page.

    Args:
        pixels: `(height, width)` or `(height, width, 3)`, uint8, [0, 255], paper bright.

    Returns:
        A data URL of a PNG.
    """
    return _encoded(pixels, "png")


def thumbnail(picture: Any, side: int = 96) -> np.ndarray:
    """Show a small copy of a picture, unchanged.

    Args:
        picture: As `Recognizer` takes it.
        side: The longer side of the result, in pixels.

    Returns:
        `(height, width, 3)`, uint8, [0, 255].

    Raises:
        ValueError: If it is no picture.
    """
    from PIL import Image

    pixels, _ = source_pixels(picture, color="rgb", polarity="auto")
    small = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0]).convert("RGB")
    small.thumbnail((side, side))
    return np.asarray(small)


def read_upload(path: str | os.PathLike[str]) -> str:
    """Put an uploaded file onto a pad.

    The pad holds the file itself, so that the answer is the command line's for that file. Of a kind
    that browsers do not show, such as HEIC and TIFF, it holds a PNG with the same pixels. A picture
    of more than 4 million pixels, such as a phone's, is reduced to the means of square blocks.

    Args:
        path: The file, of any kind that `Recognizer` reads.

    Returns:
        A data URL, which `decode_pad` decodes.

    Raises:
        ValueError: If the file is no image, has more than 32 million bytes, or more pixels than
            `set_max_pixels` allows; names the file.
    """
    name = Path(path).name
    num_bytes = os.path.getsize(path)
    if num_bytes > MAX_UPLOAD_BYTES:
        raise ValueError(
            f"{name!r} must have at most {MAX_UPLOAD_BYTES} bytes. Received: {num_bytes}. "
            "Reduce it."
        )
    content = Path(path).read_bytes()
    pixels = decode_image(content, name, color="rgb")
    if pixels[..., 0].size > MAX_PAD_PIXELS:
        return _encoded(pixels, "jpeg", math.ceil(math.sqrt(pixels[..., 0].size / MAX_PAD_PIXELS)))
    for kind, signature in _SHOWN.items():
        if num_bytes <= MAX_PAD_BYTES and re.match(signature, content, re.DOTALL):
            return _data_url(kind, content)
    return encode_pad(pixels)


def _encoded(pixels: np.ndarray, kind: str, reduction: int = 1) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    # The quality is JPEG's; nothing is lost in a PNG.
    Image.fromarray(pixels).reduce(reduction).save(buffer, format=kind, quality=95)
    return _data_url(kind, buffer.getvalue())


def _data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"

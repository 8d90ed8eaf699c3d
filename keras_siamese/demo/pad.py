"""What a pad holds, as the data URL of an image: a drawing of its own, or an uploaded file."""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
from pathlib import Path

import numpy as np

from keras_siamese.data.image_files import decode_image

# Side of a pad, in pixels: four for each of Omniglot's, so that its pen is drawn smoothly.
PAD_SIDE = 420
# Largest uploaded file, in bytes, and the most pixels that are decoded of one.
MAX_UPLOAD_BYTES = 4_000_000
MAX_UPLOAD_PIXELS = 16_000_000
# Kinds of files that browsers show, by their first bytes.
_SHOWN = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpeg": rb"\xff\xd8\xff",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF....WEBP",
    "bmp": rb"BM....\x00\x00\x00\x00",
}
_DATA_URL = re.compile(rf"data:image/({'|'.join(_SHOWN)});base64,")
# A PNG of an upload that browsers do not show may be larger than the file.
_MAX_CHARACTERS = 6 * MAX_UPLOAD_BYTES


def decode_pad(value: str | None) -> bytes:
    """Decodes what the browser sends of a pad.

    Args:
        value: A data URL of an image, of what was drawn or uploaded; None or "" of a pad not yet
            drawn on.

    Returns:
        The image file, of at most 16 million pixels: a picture as `Recognizer` takes it.

    Raises:
        ValueError: If nothing was drawn yet, or the value is none that a pad makes.
    """
    if not value:
        raise ValueError("The pad is empty. Draw on it, or upload an image.")
    start = _DATA_URL.match(value) if isinstance(value, str) else None
    if start is None or len(value) > _MAX_CHARACTERS:
        raise ValueError("A pad must hold an image as a data URL. Clear it and draw again.")
    try:
        content = base64.b64decode(value[start.end() :], validate=True)
    except binascii.Error as error:
        raise ValueError(f"A pad must hold base64, but: {error}. Clear it, draw again.") from error
    decode_image(content, "pad", color="grey", max_pixels=MAX_UPLOAD_PIXELS)
    return content


def encode_pad(grey: np.ndarray) -> str:
    """Encodes an image for a pad, or for any other place on the page.

    Args:
        grey: `(height, width)`, uint8, [0, 255], paper bright.

    Returns:
        A data URL of a PNG.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, format="PNG", optimize=True)
    return _data_url("png", buffer.getvalue())


def read_upload(path: str | os.PathLike[str]) -> str:
    """Puts an uploaded file onto a pad, as it is.

    The pad holds the file itself, so that the answer is the command line's for that file. Of a kind
    that browsers do not show, such as TIFF, it holds a PNG with the same grey pixels.

    Args:
        path: The file, of any kind that `Recognizer` reads.

    Returns:
        A data URL, which `decode_pad` decodes.

    Raises:
        ValueError: If the file is no image, has more than 4 million bytes, or more than 16 million
            pixels; names the file.
    """
    name = Path(path).name
    num_bytes = os.path.getsize(path)
    if num_bytes > MAX_UPLOAD_BYTES:
        raise ValueError(
            f"{name!r} must have at most {MAX_UPLOAD_BYTES} bytes, but has {num_bytes}. Reduce it."
        )
    content = Path(path).read_bytes()
    grey = decode_image(content, name, color="grey", max_pixels=MAX_UPLOAD_PIXELS)
    for kind, signature in _SHOWN.items():
        if re.match(signature, content, re.DOTALL):
            return _data_url(kind, content)
    return encode_pad(grey[..., 0])


def _data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"

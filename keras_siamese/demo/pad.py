"""What a pad holds: a square white sheet with dark ink, as the data URL of a PNG or as an array."""

from __future__ import annotations

import base64
import binascii
import io
import os
from pathlib import Path

import numpy as np

from keras_siamese.data.image_files import decode_image
from keras_siamese.data.resampling import resize_images

# Side of a pad, in pixels: four for each of Omniglot's, so that its pen is drawn smoothly.
PAD_SIDE = 420
# Largest uploaded file, in bytes, and the most pixels that are decoded of one.
MAX_UPLOAD_BYTES = 4_000_000
MAX_UPLOAD_PIXELS = 16_000_000
# A pad's PNG has some 20,000 characters; only a request that no pad made has more than this.
_MAX_CHARACTERS = 1_000_000
_PREFIX = "data:image/png;base64,"


def decode_pad(value: str | None) -> np.ndarray:
    """Decodes what the browser sends of a pad.

    Args:
        value: A data URL, `data:image/png;base64,...`; None or "" of a pad not yet drawn on.

    Returns:
        `(420, 420)`, uint8, [0, 255], paper 255 and ink 0.

    Raises:
        ValueError: If nothing was drawn yet, or the value is none that a pad makes.
    """
    if not value:
        raise ValueError("The pad is empty. Draw on it, or upload an image.")
    if not isinstance(value, str) or not value.startswith(_PREFIX) or len(value) > _MAX_CHARACTERS:
        raise ValueError("A pad must hold a PNG as a data URL. Clear it and draw again.")
    try:
        content = base64.b64decode(value[len(_PREFIX) :], validate=True)
    except binascii.Error as error:
        raise ValueError(f"A pad must hold base64, but: {error}. Clear it, draw again.") from error
    grey = decode_image(content, "pad", color="grey", max_pixels=PAD_SIDE**2)[..., 0]
    if grey.shape != (PAD_SIDE, PAD_SIDE):
        raise ValueError(
            f"A pad must be {PAD_SIDE} pixels wide and high, but got {grey.shape[1]}x"
            f"{grey.shape[0]}. Clear it and draw again."
        )
    return grey


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
    return _PREFIX + base64.b64encode(buffer.getvalue()).decode("ascii")


def read_upload(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads an uploaded image onto a pad: as large as fits, in the middle of its own ground.

    The file is decoded as `load_folder` decodes one. What it leaves of the pad gets the middle
    brightness of its border, so that no edge is taken for a stroke.

    Args:
        path: The file, of any kind that Pillow knows.

    Returns:
        `(420, 420)`, uint8, [0, 255], paper bright.

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
    grey = decode_image(
        content, name, color="grey", polarity="dark_on_light", max_pixels=MAX_UPLOAD_PIXELS
    )
    scale = PAD_SIDE / max(grey.shape[:2])
    height, width = (max(1, round(side * scale)) for side in grey.shape[:2])
    shrunk = resize_images(grey[None], (height, width))[0, ..., 0]
    border = np.concatenate([shrunk[0], shrunk[-1], shrunk[:, 0], shrunk[:, -1]])
    sheet: np.ndarray = np.full((PAD_SIDE, PAD_SIDE), np.median(border), np.uint8)
    top, left = (PAD_SIDE - height) // 2, (PAD_SIDE - width) // 2
    sheet[top : top + height, left : left + width] = shrunk
    return sheet

"""Decoding of image files, bounded in size, with errors that name the file."""

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np

# A photograph of a large camera has 60 million pixels; more is a mistake or an attack.
_MAX_PIXELS = 64_000_000


def decode_binary(content: bytes, name: str, size: tuple[int, int]) -> np.ndarray:
    """Decodes a one-bit image whose ink is 0 in the file, as Omniglot's are.

    Args:
        content: The file.
        name: The file's name, for errors.
        size: Expected height and width in pixels.

    Returns:
        `(height, width)`, bool, True where there is ink.

    Raises:
        ValueError: If the content is no image, not one-bit, or of another size.
    """
    pixels = _decode(content, name, mode=None, size=size)
    if pixels.dtype != bool:
        raise ValueError(
            f"{name!r} must be a one-bit image, but has {pixels.dtype} pixels of shape "
            f"{pixels.shape}. Fetch the original file again, or read your own images with "
            "`load_folder`."
        )
    return ~pixels


def decode_image(
    content: bytes, name: str, *, color: str, max_pixels: int = _MAX_PIXELS
) -> np.ndarray:
    """Decodes an image file of any kind that Pillow knows.

    Args:
        content: The file.
        name: The file's name, for errors.
        color: "grey" or "rgb".
        max_pixels: The most pixels that are decoded, at most 64 million.

    Returns:
        `(height, width, channels)`, uint8, [0, 255] as in the file; 1 or 3 channels.

    Raises:
        ValueError: If the content is no image, or has more than `max_pixels`.
    """
    mode = {"grey": "L", "rgb": "RGB"}[color]
    pixels = _decode(content, name, mode=mode, size=None, max_pixels=min(max_pixels, _MAX_PIXELS))
    return pixels.reshape(*pixels.shape[:2], -1)


def _decode(
    content: bytes,
    name: str,
    *,
    mode: str | None,
    size: tuple[int, int] | None,
    max_pixels: int = _MAX_PIXELS,
) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content))
        height, width = image.height, image.width
        # The header is checked before the pixels are decoded, so a false size costs no memory.
        if (size is None and height * width <= max_pixels) or (height, width) == size:
            with image:
                return np.asarray(image if mode is None else _converted(image, mode))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{name!r} must have at most {max_pixels} pixels, but: {error} Reduce the image."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        reason = "unknown format" if isinstance(error, UnidentifiedImageError) else error
        raise ValueError(
            f"{name!r} must be an image file, but decoding its {len(content)} bytes failed: "
            f"{reason}. Replace the file or take it out."
        ) from error
    expected = f"{size[0]}x{size[1]}" if size else f"at most {max_pixels}"
    raise ValueError(
        f"{name!r} must have {expected} pixels, but has {height}x{width}. Replace the file by one "
        "of the right size."
    )


def _converted(image: Any, mode: str) -> Any:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    # Transparent pixels are paper; without a white ground their hidden colour would show.
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    # Of sixteen bits the high eight are kept; Pillow's own conversion would clip at 255.
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert(mode)

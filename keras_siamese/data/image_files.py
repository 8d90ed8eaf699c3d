"""Decoding of image files, bounded in size, with errors that name the file."""

import io
import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np

from keras_siamese.data.heif import is_heif, open_heif
from keras_siamese.data.sixteen_bits import high_bits, spread_high_bytes
from keras_siamese.data.transparency import laid_on_paper
from keras_siamese.data.unreadable import sentence

COLORS = ("grey", "rgb")

# A photograph of a large camera has 60 million pixels; more is a mistake or an attack.
_MAX_PIXELS = 64_000_000
# Resizing takes memory in proportion to a side, so a thin strip is bounded, too.
_MAX_SIDE = 32_767
# The tag of EXIF data that says how a picture is turned.
_ORIENTATION = 0x0112
_WITH_OPACITY = ("LA", "La", "PA", "RGBA", "RGBa")
# Files of 16 bits whose pixels Pillow gives as 32.
_SIXTEEN_BITS = (("I", "PNG"), ("I", "PPM"))


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
    pixels = np.asarray(_decode(content, name, raw=True, size=size))
    if pixels.dtype != bool:
        raise ValueError(
            f"{name!r} must be a one-bit image, but has {pixels.dtype} pixels of shape "
            f"{pixels.shape}. Fetch the original file again, or read your own images with "
            "`load_folder`."
        )
    return ~pixels


def decode_image(
    content: bytes,
    name: str,
    *,
    color: str,
    polarity: str | None = None,
    max_pixels: int = _MAX_PIXELS,
) -> np.ndarray:
    """Decodes an image file of any kind that Pillow knows.

    Args:
        content: The file.
        name: The file's name, for errors.
        color: "grey" or "rgb".
        polarity: As `Preprocessing` has it, by which transparent pixels become paper
            (`laid_on_paper`). None makes them white.
        max_pixels: The most pixels that are decoded, at most 64 million.

    Returns:
        `(height, width, channels)`, uint8, [0, 255] as in the file; 1 or 3 channels.

    Raises:
        ValueError: If the content is no image, has several frames, more than `max_pixels` or more
            than 32,767 on a side.
    """
    return _picture(content, name, color, polarity, max_pixels)


def picture_pixels(image: Any, name: str, *, color: str, polarity: str | None = None) -> np.ndarray:
    """Returns the pixels of a PIL image, as `decode_image` returns those of a file.

    Args:
        image: The PIL image.
        name: What errors call it.
        color: "grey" or "rgb".
        polarity: As for `decode_image`.

    Returns:
        As `decode_image`.

    Raises:
        ValueError: As `decode_image`.
    """
    return _picture(image, name, color, polarity, _MAX_PIXELS)


def _picture(
    source: Any, name: str, color: str, polarity: str | None, max_pixels: int
) -> np.ndarray:
    mode = {"grey": "L", "rgb": "RGB"}[color]
    image = _decode(source, name, max_pixels=min(max_pixels, _MAX_PIXELS))
    try:
        transparent = image.mode == "RGBA"
        pixels = laid_on_paper(image, mode, polarity) if transparent else image.convert(mode)
    except ValueError as error:
        raise ValueError(
            f"{name!r} must show a drawing, but {error}. Replace it or take it out."
        ) from error
    array = np.asarray(pixels)
    return array.reshape(*array.shape[:2], -1)


def _decode(
    source: Any,
    name: str,
    *,
    raw: bool = False,
    size: tuple[int, int] | None = None,
    max_pixels: int = _MAX_PIXELS,
) -> Any:
    """Decodes a file's bytes, or takes a PIL image.

    Args:
        source: Bytes, or a PIL image.
        name: What errors call it.
        raw: Whether the pixels stay as they are in the file.
        size: Height and width that it must have, or None.
        max_pixels: The most pixels that are decoded.

    Returns:
        A PIL image, unless raw with 8 bits a channel, turned upright, of mode "RGBA" where it has
        transparent pixels.
    """
    from PIL import Image, UnidentifiedImageError

    is_file = isinstance(source, bytes)
    try:
        with warnings.catch_warnings():
            # A damaged remark inside a file, such as its EXIF data, is no matter here.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # The header is checked before the pixels are decoded, so a false size costs no memory.
            with _opened(source) if is_file else nullcontext(source) as image:
                misfit = _misfit(image, size, max_pixels)
                if misfit is None and raw:
                    image.load()
                    return image.copy()
                if misfit is None:
                    return _converted(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{name!r} must have at most {max_pixels} pixels, but: {sentence(error)} "
            "Reduce the image."
        ) from error
    # Damage shows as nearly any error, by the kind of file.
    except Exception as error:
        reason = "unknown format" if isinstance(error, UnidentifiedImageError) else error
        raise ValueError(
            f"{name!r} must be an image file, but decoding "
            f"{f'its {len(source)} bytes ' if is_file else ''}failed: {sentence(reason)} "
            "Replace the file or take it out."
        ) from error
    raise ValueError(f"{name!r} {misfit}")


def _opened(content: bytes) -> Any:
    from PIL import Image

    return open_heif(content) if is_heif(content) else Image.open(io.BytesIO(content))


def _misfit(image: Any, size: tuple[int, int] | None, max_pixels: int) -> str | None:
    """Says what is wrong with an opened image, by its header, or None."""
    height, width = image.height, image.width
    if size is not None and (height, width) != size:
        return (
            f"must have {size[0]}x{size[1]} pixels, but has {height}x{width}. Replace the file by "
            "one of the right size."
        )
    if not 0 < height * width <= max_pixels or max(height, width) > _MAX_SIDE:
        return (
            f"must have at most {max_pixels} pixels, on each side from 1 to {_MAX_SIDE}, but has "
            f"{height}x{width}. Replace the file by one of the right size."
        )
    # A camera's MPO file has the picture first, then previews or the other eye's view.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        return "must be a single picture, but has several frames. Save the one that you mean."
    return None


def _converted(image: Any) -> Any:
    """Returns 8 bits a channel, upright; mode "RGBA" where pixels may be transparent."""
    from PIL import ImageOps

    sixteen = image.mode.startswith("I;16") or (image.mode, image.format) in _SIXTEEN_BITS
    # Of several channels of 16 bits, Pillow gives the high bytes; only here it says that it does.
    halved = image.mode in ("RGB", "RGBA") and ";16" in str(getattr(image, "tile", ""))
    image.load()
    # Turning copies the pixels, which takes longer than all that follows.
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if sixteen:
        return _from_sixteen_bits(image)
    if image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits have no known range, so save 8 or 16 bits a channel")
    if halved:
        return _spread(image)
    if image.mode in _WITH_OPACITY or "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _from_sixteen_bits(image: Any) -> Any:
    """Keeps the highest eight bits in use; Pillow's own conversion would clip at 255."""
    from PIL import Image

    levels = np.asarray(image)
    grey = Image.fromarray(high_bits(levels))
    if "transparency" not in image.info:
        return grey
    opaque = np.where(levels == image.info["transparency"], 0, 255).astype(np.uint8)
    return Image.merge("LA", (grey, Image.fromarray(opaque))).convert("RGBA")


def _spread(image: Any) -> Any:
    from PIL import Image

    pixels = np.asarray(image).copy()
    pixels[..., :3] = spread_high_bytes(pixels[..., :3])
    return Image.fromarray(pixels)

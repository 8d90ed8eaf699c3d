"""Decoding of image files, bounded in size, with errors that name the file."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np

from keras_siamese.data.images.image_formats import (
    LARGEST_MAX_PIXELS,
    READ,
    allowed_pixels,
    check_effort,
    check_format,
    decoded_sizes,
    open_image,
)
from keras_siamese.data.images.sixteen_bits import high_bits, spread_high_bytes
from keras_siamese.data.images.transparency import laid_on_paper
from keras_siamese.data.unreadable import sentence

COLORS = ("grey", "rgb")

# Resizing takes memory in proportion to a side, so a thin strip is bounded, too.
_MAX_SIDE = 32_767
# The tag of EXIF data that says how a picture is turned.
_ORIENTATION = 0x0112
_WITH_OPACITY = ("LA", "La", "PA", "RGBA", "RGBa")
# Files of 16 bits whose pixels Pillow gives as 32.
_SIXTEEN_BITS = (("I", "PNG"), ("I", "PPM"))


def decode_binary(content: bytes, name: str, size: tuple[int, int]) -> np.ndarray:
    """Decode a one-bit image whose ink is 0 in the file, as Omniglot's are.

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
            f"{name!r} must be a one-bit image. Received: {pixels.dtype} pixels of shape "
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
    max_pixels: int | None = None,
) -> np.ndarray:
    """Decode an image file of a kind that `image_formats` lists.

    Args:
        content: The file.
        name: The file's name, for errors.
        color: "grey" or "rgb".
        polarity: As `Preprocessing` has it, by which transparent pixels become paper
            (`laid_on_paper`). None makes them white.
        max_pixels: The most pixels that are decoded, where fewer than `set_max_pixels` allows.

    Returns:
        `(height, width, channels)`, uint8, [0, 255] as in the file; 1 or 3 channels.

    Raises:
        ValueError: If the content is no image of these kinds, has several frames, more pixels than
            are allowed or more than 32,767 on a side.
    """
    return _picture(content, name, color, polarity, max_pixels)


def picture_pixels(image: Any, name: str, *, color: str, polarity: str | None = None) -> np.ndarray:
    """Return the pixels of a PIL image, as `decode_image` returns those of a file.

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
    return _picture(image, name, color, polarity, None)


def _picture(
    source: Any, name: str, color: str, polarity: str | None, max_pixels: int | None
) -> np.ndarray:
    mode = {"grey": "L", "rgb": "RGB"}[color]
    image = _decode(source, name, max_pixels=max_pixels)
    try:
        if image.mode == "RGBA":
            pixels: Any = laid_on_paper(image, mode, polarity)
        else:
            # A conversion to the same mode would be a copy.
            pixels = image if image.mode == mode else image.convert(mode)
    except ValueError as error:
        raise ValueError(
            f"{name!r} must show a drawing or a picture. Received: one that shows nothing: "
            f"{error}. Replace it or take it out."
        ) from error
    array = np.asarray(pixels)
    return array.reshape(*array.shape[:2], -1)


def _decode(
    source: Any,
    name: str,
    *,
    raw: bool = False,
    size: tuple[int, int] | None = None,
    max_pixels: int | None = None,
) -> Any:
    """Decode a file's bytes, or take a PIL image.

    Args:
        source: Bytes, or a PIL image.
        name: What errors call it.
        raw: Whether the pixels stay as they are in the file.
        size: Height and width that it must have, or None.
        max_pixels: As for `decode_image`.

    Returns:
        A PIL image, unless raw with 8 bits per channel, turned upright, of mode "RGBA" where it has
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
            with open_image(source) if is_file else nullcontext(source) as image:
                check_format(image)
                misfit = _misfit(image, size, max_pixels)
                if misfit is None:
                    check_effort(image)
                if misfit is None and raw:
                    image.load()
                    return image.copy()
                if misfit is None:
                    return _converted(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{name!r} must have at most {_allowed(max_pixels)} pixels. Received: "
            f"{sentence(error)} Reduce the image."
        ) from error
    # Damage shows as nearly any error, by the kind of file.
    except Exception as error:
        reason = f"it is not one of {READ}" if isinstance(error, UnidentifiedImageError) else error
        raise ValueError(
            f"{name!r} must be an image file. Received: "
            f"{f'{len(source)} bytes' if is_file else 'one'} that cannot be decoded: "
            f"{sentence(reason)} Replace the file or take it out."
        ) from error
    raise ValueError(f"{name!r} {misfit}")


def _misfit(image: Any, size: tuple[int, int] | None, max_pixels: int | None) -> str | None:
    """Say what is wrong with an opened image, by its header, or None."""
    height, width = image.height, image.width
    if size is not None and (height, width) != size:
        return (
            f"must have {size[0]}x{size[1]} pixels. Received: {height}x{width}. Replace the file "
            "by one of the right size."
        )
    allowed = _allowed(max_pixels)
    for height, width in decoded_sizes(image):
        if not 0 < height * width <= allowed or max(height, width) > _MAX_SIDE:
            return (
                f"must have at most {allowed} pixels, on each side from 1 to {_MAX_SIDE}. "
                f"Received: {height}x{width}. {_remedy(height, width, max_pixels)}"
            )
    # A camera's MPO file has the picture first, then previews or the other eye's view.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        return "must be a single picture. Received: several frames. Save the one that you mean."
    return None


def _allowed(max_pixels: int | None) -> int:
    return allowed_pixels() if max_pixels is None else min(max_pixels, allowed_pixels())


def _remedy(height: int, width: int, max_pixels: int | None) -> str:
    """Say what to do about a picture that is too large, or empty."""
    may_be_allowed = allowed_pixels() < height * width <= LARGEST_MAX_PIXELS and max_pixels is None
    if may_be_allowed and max(height, width) <= _MAX_SIDE:
        return (
            "Reduce it, or allow larger pictures: keras_siamese.data.set_max_pixels"
            f"({height * width}), or --max-pixels {height * width} on the command line."
        )
    return "Reduce it." if height and width else "Replace the file by a picture."


def _converted(image: Any) -> Any:
    """Return 8 bits per channel, upright; mode "RGBA" where pixels may be transparent."""
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
        raise ValueError("pixels of 32 bits have no known range, so save 8 or 16 bits per channel")
    if halved:
        return _spread(image)
    if image.mode in _WITH_OPACITY or "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _from_sixteen_bits(image: Any) -> Any:
    """Keep the highest eight bits in use; Pillow's own conversion would clip at 255."""
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

"""Decoding of image files, bounded in size, with errors that name the file.

Transparent pictures are laid on a ground on which their drawing shows. Of files of 16 bits per
channel many use fewer bits, and reading keeps their dark detail.
"""

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
        reason = f"it is none of {READ}" if isinstance(error, UnidentifiedImageError) else error
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


# Below this opacity of 255, a pixel's colour is a remnant of an edge.
VISIBLE = 64
# Colours that differ by no more levels in any channel are one.
ONE_COLOR = 32
# Share of what is visible that must be light for the ground to be dark, and from which level on.
LIGHT = {"L": (0.75, 128), "RGB": (0.99, 192)}


def laid_on_paper(image: Any, mode: str, polarity: str | None) -> np.ndarray:
    """Lay a transparent picture on paper; transparent pixels are paper.

    Where all that is visible has one colour, the drawing is the opacity: of a grey one the ink is
    made as dark, or for polarity "light_on_dark" as light, as the pixel is opaque. Else, as with an
    opaque picture, the colours are what shows, and the paper is white; where what is visible is
    light and the border mostly transparent, as with a logo for dark pages, it is black.

    Args:
        image: A PIL image of mode "RGBA".
        mode: "L" or "RGB".
        polarity: As `Preprocessing` has it; None lays it on white, whatever it shows.

    Returns:
        `(height, width)` or `(height, width, 3)`, uint8, [0, 255].

    Raises:
        ValueError: If every pixel is transparent.
    """
    opacity = np.asarray(image.getchannel("A"))
    lowest, highest = int(opacity.min()), int(opacity.max())
    if lowest == 255:
        return np.asarray(image.convert(mode))
    if polarity is None:
        return _composite(image, "white", mode)
    if not highest:
        raise ValueError("every pixel of it is transparent")
    visible = opacity >= min(VISIBLE, highest)
    colors = np.asarray(image)[..., :3][visible]
    one_color = bool((np.ptp(colors, axis=0) <= ONE_COLOR).all()) and lowest < highest
    if one_color and mode == "L":
        return opacity if polarity == "light_on_dark" else 255 - opacity
    luma = np.asarray(image.convert("RGB").convert("L"))[visible]
    if one_color:
        dark = luma.mean() >= 128
    else:
        share, level = LIGHT[mode]
        border = np.concatenate([opacity[0], opacity[-1], opacity[:, 0], opacity[:, -1]])
        light = np.average(luma >= level, weights=opacity[visible]) >= share
        dark = polarity != "dark_on_light" and np.mean(border < 128) >= 0.5 and light
    return _composite(image, "black" if dark else "white", mode)


def _composite(image: Any, ground: str, mode: str) -> np.ndarray:
    from PIL import Image

    paper = Image.new("RGBA", image.size, ground)
    return np.asarray(Image.alpha_composite(paper, image).convert(mode))


# Fewest and most bits that a file is thought to use; with more it uses all.
FEWEST_BITS, MOST_BITS = 8, 14
# Of so many pixels, one may exceed the bits in use: a hot pixel of a camera.
PIXELS_PER_OUTLIER = 10_000


def high_bits(levels: np.ndarray) -> np.ndarray:
    """Return the eight highest bits in use, where a fixed shift would lose a scan of 12 bits.

    The bits in use are the fewest from 8 to 14 that hold all levels but one of 10,000; where 14 do
    not hold them, all 16 are. Levels beyond are 255.

    Args:
        levels: Any shape, integers in [0, 65535].

    Returns:
        The same shape, uint8, [0, 255].
    """
    return np.minimum(levels >> (bits_in_use(levels) - 8), 255).astype(np.uint8)


def spread_high_bytes(pixels: np.ndarray) -> np.ndarray:
    """Return levels of which only the high bytes are known, spread over the bits in use.

    Args:
        pixels: `(height, width, channels)`, uint8, [0, 255], the high bytes.

    Returns:
        The same shape and type; `pixels` itself where all bits are in use.

    Raises:
        ValueError: If the bits in use are the lower 8.
    """
    bits = bits_in_use(pixels.astype(np.uint16) << 8)
    if bits == 16:
        return pixels
    if bits == FEWEST_BITS:
        raise ValueError(
            "of its 16 bits per channel only the lower 8 are in use, so it is black; save it with 8"
        )
    highest = 2 ** (bits - 8) - 1
    return np.minimum(np.rint(pixels * (255 / highest)), 255).astype(np.uint8)


def bits_in_use(levels: np.ndarray) -> int:
    """Return how many of 16 bits hold what is there: 8 to 14, or 16.

    Args:
        levels: Any shape, integers in [0, 65535].

    Returns:
        The number of bits.
    """
    for bits in range(FEWEST_BITS, MOST_BITS + 1):
        if np.count_nonzero(levels >> bits) <= levels.size // PIXELS_PER_OUTLIER:
            return bits
    return 16

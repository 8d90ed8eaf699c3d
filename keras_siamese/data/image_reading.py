"""Reading of image files as a network takes them: colour, size, and ink bright."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from keras_siamese.data.image_files import decode_image
from keras_siamese.data.resampling import check_size, resize_images

COLORS = ("grey", "rgb")
INKS = ("dark", "bright", "auto")

# Called with the error of a file that cannot be read.
OnUnreadable = Callable[[Exception], None]

# Largest file that is read, in bytes.
_MAX_BYTES = 256_000_000


def read_image(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int],
    color: str = "grey",
    ink: str = "dark",
) -> np.ndarray:
    """Reads one image as a network takes it; `load_folder` reads each of its files so.

    The file may be of any kind that Pillow knows, with one frame. Transparent pixels are white
    paper, the orientation that a camera notes is followed, and of 16 bits a channel the high 8 are
    kept.

    Args:
        path: The file.
        size: Side of the result in pixels, or (height, width). An image of another shape is
            stretched: area mean where an axis shrinks, bilinear where it grows.
        color: "grey" for one channel or "rgb" for three.
        ink: "dark" where what is drawn is darker than the ground (the values are turned, so that
            ink is 255), "bright" where it is brighter, and for photographs. "auto", for drawings,
            takes the brightness of most pixels for the ground's.

    Returns:
        `(height, width, channels)`, uint8, ink 255.

    Raises:
        ValueError: If an argument is unknown, or the file is no image, damaged, animated, or larger
            than 256 MB, 64 million pixels or 32,767 pixels a side; names the file.
        OSError: If the file cannot be read.
    """
    check_look(color, ink)
    shape = check_size(size)
    with open(path, "rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(
            f"{str(path)!r} must have at most {_MAX_BYTES} bytes, but has more. Reduce it."
        )
    pixels = decode_image(content, str(path), color=color)
    return with_ink_bright(resize_images(pixels[None], shape)[0], ink)


def read_images(
    files: Iterable[Path],
    size: tuple[int, int],
    *,
    color: str,
    ink: str,
    on_unreadable: OnUnreadable | None = None,
) -> dict[Path, np.ndarray]:
    """Reads several image files.

    Args:
        files: The files.
        size: As for `read_image`.
        color: As for `read_image`.
        ink: As for `read_image`.
        on_unreadable: As for `load_folder`.

    Returns:
        Images as `read_image` gives them, by file, without those that could not be read.

    Raises:
        ValueError: As `read_image`, without `on_unreadable`.
        OSError: Likewise.
    """
    images = {}
    for file in files:
        try:
            images[file] = read_image(file, size=size, color=color, ink=ink)
        except (ValueError, OSError) as error:
            if on_unreadable is None:
                raise
            on_unreadable(error)
    return images


def with_ink_bright(pixels: np.ndarray, ink: str) -> np.ndarray:
    """Returns an image whose ink is bright.

    Args:
        pixels: `(height, width, channels)`, uint8, [0, 255].
        ink: "dark", "bright" or "auto", as for `read_image`.

    Returns:
        The same shape and type.
    """
    dark = ink == "dark" or (ink == "auto" and np.median(pixels) > 127)
    return ~pixels if dark else pixels


def check_look(color: str, ink: str) -> None:
    """Checks how images are to be read.

    Args:
        color: "grey" or "rgb".
        ink: "dark", "bright" or "auto".

    Raises:
        ValueError: If one is unknown.
    """
    for argument, value, known in (("color", color, COLORS), ("ink", ink, INKS)):
        if value not in known:
            raise ValueError(
                f"`{argument}` must be one of {known}, but got {value!r}. Choose from that list."
            )

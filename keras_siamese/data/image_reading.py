"""Reading of image files as a network takes them: colour, size, and ink bright."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from keras_siamese.data.image_files import decode_image
from keras_siamese.data.omniglot_hand import like_omniglot
from keras_siamese.data.resampling import check_size, resize_images

COLORS = ("grey", "rgb")
INKS = ("dark", "bright", "auto", "redraw")

# Called with the error of a file that cannot be read.
OnUnreadable = Callable[[Exception], None]

# Longest side, in pixels, of a drawing that is redrawn; larger ones are reduced first.
_LARGEST_DRAWING = 1050
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
            takes the brightness of most pixels for the ground's. "redraw", for a drawing of one
            character of any place, size and pen, draws it again as Omniglot's drawers would have:
            central, as large, with the same pen.

    Returns:
        `(height, width, channels)`, uint8, ink 255.

    Raises:
        ValueError: If an argument is unknown, or the file is no image, damaged, animated, or larger
            than 256 MB, 64 million pixels or 32,767 pixels a side, or blank where it is to be
            redrawn; names the file.
        OSError: If the file cannot be read.
    """
    check_look(color, ink)
    shape = check_size(size)
    if os.path.isdir(path):
        raise IsADirectoryError(
            f"An image must be a file. Received: the folder {str(path)!r}. Name one of its images."
        )
    with open(path, "rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError(
            f"{str(path)!r} must have at most {_MAX_BYTES} bytes, but has more. Reduce it."
        )
    pixels = decode_image(content, str(path), color=color)
    if ink == "redraw":
        return resize_images(_redrawn(pixels, str(path))[None], shape)[0]
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


def _redrawn(pixels: np.ndarray, name: str) -> np.ndarray:
    """Draws a drawing again as Omniglot's drawers would have."""
    height, width = pixels.shape[:2]
    # Ten times Omniglot's side is fine enough, where thinning 64 million pixels takes minutes.
    reduction = _LARGEST_DRAWING / max(height, width)
    if reduction < 1:
        sides = tuple(max(1, round(side * reduction)) for side in (height, width))
        pixels = resize_images(pixels[None], sides)[0]
    try:
        return like_omniglot(pixels[..., 0])
    except ValueError as error:
        raise ValueError(f"{name!r} must show a drawing to be redrawn: {error}") from error


def check_look(color: str, ink: str) -> None:
    """Checks how images are to be read.

    Args:
        color: "grey" or "rgb".
        ink: "dark", "bright", "auto" or "redraw".

    Raises:
        ValueError: If one is unknown, or colour is to be redrawn.
    """
    for argument, value, known in (("color", color, COLORS), ("ink", ink, INKS)):
        if value not in known:
            raise ValueError(
                f"`{argument}` must be one of {known}, but got {value!r}. Choose from that list."
            )
    if ink == "redraw" and color != "grey":
        raise ValueError(
            f"`ink` must be 'bright' for colour, but got {ink!r}: only grey drawings are redrawn. "
            "Read them grey, or leave them as they are."
        )

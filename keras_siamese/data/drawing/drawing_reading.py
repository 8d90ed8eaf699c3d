"""A picture of paper, read as the drawing that is on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_siamese.data.drawing import content
from keras_siamese.data.drawing.canvas import SIDE
from keras_siamese.data.drawing.find import Found, find_drawing
from keras_siamese.data.drawing.notes import notes_on
from keras_siamese.data.drawing.numpy_operations import ArrayOperations
from keras_siamese.data.resampling import resize_images


class Reading(NamedTuple):
    """What was read from a picture.

    Attributes:
        image: `(height, width, 1)`, uint8, [0, 255], ink 255.
        notes: What may be wrong with the picture, each in some words; mostly none.
        found: Where it was found.
    """

    image: np.ndarray
    notes: tuple[str, ...]
    found: Found


def read_drawing(grey: np.ndarray, size: tuple[int, int], polarity: str) -> Reading:
    """Read the drawing on a picture of paper, such as a photograph, a scan or a screenshot.

    `find_drawing` says how it is found. A drawing of any place and size is moved to the middle and
    scaled, with its proportions kept, so that its longer side is 69 of 105 of the image.

    Args:
        grey: `(height, width, 1)`, uint8, [0, 255].
        size: Height and width of the result, in pixels.
        polarity: As `Preprocessing` has it.

    Returns:
        What was read.

    Raises:
        ValueError: If nothing is drawn; says what was seen.
    """
    height, width = np.float32(grey.shape[0]), np.float32(grey.shape[1])
    found = find_drawing(_seen(grey, SIDE)[..., 0], height, width, polarity, ArrayOperations())
    if not found.ink.drawn:
        raise ValueError(
            f"nothing is drawn on it that stands out from its paper (levels from {grey.min()} to "
            f"{grey.max()} of 255): it is blank, too faint or taken in the dark"
        )
    square = np.rint(255 * found.image).astype(np.uint8)[None, ..., None]
    side = min(size)
    image = np.zeros((*size, 1), np.uint8)
    top, left = (size[0] - side) // 2, (size[1] - side) // 2
    image[top : top + side, left : left + side] = resize_images(square, side)[0]
    return Reading(image, notes_on(found, int(grey.max()), grey.shape[:2]), found)


def cropped(pixels: np.ndarray) -> np.ndarray:
    """Crops the picture of a small sign on plain paper, as `sign_window` finds it.

    Args:
        pixels: `(height, width, channels)`, uint8, [0, 255].

    Returns:
        The part that shows the sign, `(height, width, channels)`, uint8; `pixels` itself where
        there is nothing to crop.
    """
    canvas = _seen(pixels, content.SIDE)
    height, width = np.float32(pixels.shape[0]), np.float32(pixels.shape[1])
    channels = [canvas[..., channel] for channel in range(canvas.shape[2])]
    window = content.sign_window(channels, height, width, ArrayOperations())
    top, bottom, left, right = map(int, window)
    return pixels[top:bottom, left:right]


def _seen(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return a picture stretched to a square, `(side, side, channels)`, float32, [0, 1]."""
    return resize_images(reduced(pixels, side)[None], (side, side))[0].astype(np.float32) / 255


def reduced(pixels: np.ndarray, canvas: int = SIDE) -> np.ndarray:
    """Reduce a large picture by whole numbers, to at least twice the canvas's side.

    Args:
        pixels: `(height, width, channels)`, uint8, of 1 or 3 channels.
        canvas: Side of the canvas.

    Returns:
        The means of blocks, `(height // k, width // l, channels)`, uint8; less than a block at the
        end of an axis is left out.
    """
    from PIL import Image

    rows, columns = (max(1, side // (2 * canvas)) for side in pixels.shape[:2])
    if rows == columns == 1:
        return pixels
    height, width = pixels.shape[0] // rows * rows, pixels.shape[1] // columns * columns
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    means = np.asarray(picture.reduce((columns, rows), box=(0, 0, width, height)))
    return means.reshape(*means.shape[:2], -1)

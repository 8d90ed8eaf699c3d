"""A picture of paper, read as the drawing that is on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_siamese.data.drawing import LEAST_AREA, SIDE, Found, find_drawing
from keras_siamese.data.drawing_numpy import ArrayOperations
from keras_siamese.data.resampling import resize_images

# Marks that are more than those of any character, as of a page of text.
_MANY_MARKS = 60
# Two groups of marks are two drawings where each has this share of the ink and at least so many
# pixels of the canvas on its longer side, and the gap between them is as long as the larger is.
_SHARE, _LEAST_SIDE = 0.25, 20
# Share of the canvas beyond which what was found is no drawing on paper.
_MOSTLY_INK = 0.45
# Share of the ink, in marks that reach the outermost pixels, from which on it may be cut off.
_CUT_OFF = 0.5
# And of so many pixels of the canvas's outline: a stroke that only just reaches it is whole.
_LEAST_CONTACT = 20
# Nothing in the picture is lighter than this level: it was taken in the dark.
_DARK = 48


class Reading(NamedTuple):
    """What was read from a picture.

    Attributes:
        image: `(height, width, 1)`, uint8, [0, 255], ink 255.
        notes: What may be wrong with the picture, each in some words; mostly none.
    """

    image: np.ndarray
    notes: tuple[str, ...]


def read_drawing(grey: np.ndarray, size: tuple[int, int], polarity: str) -> Reading:
    """Reads the drawing on a picture of paper, such as a photograph, a scan or a screenshot.

    `keras_siamese.data.drawing.find_drawing` says how it is found. A drawing of any place and size
    comes to the middle, with the proportions kept and its longer side at 69 of 105.

    Args:
        grey: `(height, width, 1)`, uint8, [0, 255].
        size: Height and width of the result, in pixels.
        polarity: As `Preprocessing` has it.

    Returns:
        The image and what may be wrong.

    Raises:
        ValueError: If nothing is drawn; says what was seen.
    """
    canvas = canvas_of(grey)
    height, width = np.float32(grey.shape[0]), np.float32(grey.shape[1])
    found = find_drawing(canvas, height, width, polarity, ArrayOperations())
    if not found.drawn:
        raise ValueError(
            f"nothing is drawn on it that stands out from its paper (levels from {grey.min()} to "
            f"{grey.max()} of 255): it is blank, too faint or taken in the dark"
        )
    square = np.rint(255 * found.image).astype(np.uint8)[None, ..., None]
    side = min(size)
    image = np.zeros((*size, 1), np.uint8)
    top, left = (size[0] - side) // 2, (size[1] - side) // 2
    image[top : top + side, left : left + side] = resize_images(square, side)[0]
    return Reading(image, tuple(_notes(found, int(grey.max()))))


def canvas_of(grey: np.ndarray) -> np.ndarray:
    """Returns the canvas that `find_drawing` looks at.

    Args:
        grey: `(height, width, 1)`, uint8, [0, 255].

    Returns:
        `(256, 256)`, float32, [0, 1].
    """
    return resize_images(reduced(grey)[None], (SIDE, SIDE))[0, ..., 0].astype(np.float32) / 255


def reduced(pixels: np.ndarray) -> np.ndarray:
    """Reduces a large picture by whole numbers, to at least twice the canvas's side.

    Args:
        pixels: `(height, width, 1)`, uint8.

    Returns:
        The means of blocks, `(height // k, width // l, 1)`, uint8; less than a block at the end of
        an axis is left out.
    """
    from PIL import Image

    rows, columns = (max(1, side // (2 * SIDE)) for side in pixels.shape[:2])
    if rows == columns == 1:
        return pixels
    height, width = pixels.shape[0] // rows * rows, pixels.shape[1] // columns * columns
    picture = Image.fromarray(pixels[:height, :width, 0])
    return np.asarray(picture.reduce((columns, rows)))[..., None]


def _notes(found: Found, brightest: int) -> list[str]:
    notes = []
    if brightest < _DARK:
        notes.append(f"it was taken in the dark: no pixel is lighter than {brightest} of 255")
    if found.kept.mean() > _MOSTLY_INK:
        notes.append(f"{found.kept.mean():.0%} of it is ink: it may not be a drawing on paper")
    if (
        found.touching > _CUT_OFF
        and found.kept.sum() - found.kept[1:-1, 1:-1].sum() > _LEAST_CONTACT
    ):
        notes.append("the ink runs up to the border: the drawing may be cut off")
    areas = np.bincount(found.marks[found.kept])
    count = int((areas >= LEAST_AREA).sum())
    if count > _MANY_MARKS:
        notes.append(f"it has {count} separate marks, as a page of text has: crop it to one sign")
    elif _is_two(found):
        notes.append("it shows two drawings far from each other: crop it to one")
    return notes


def _is_two(found: Found) -> bool:
    """Whether the ink parts into two large groups with a wide gap between them."""
    for axis in (0, 1):
        line = found.kept.sum(axis=axis)
        filled = np.flatnonzero(line)
        gaps = np.diff(filled)
        if not len(gaps):
            continue
        place = int(np.argmax(gaps))
        first, second = filled[: place + 1], filled[place + 1 :]
        share = line[first].sum() / line.sum()
        sides = [_longer_side(found.kept, part, axis) for part in (first, second)]
        apart = gaps[place] - 1 >= max(sides) and min(sides) >= _LEAST_SIDE
        if apart and _SHARE <= share <= 1 - _SHARE:
            return True
    return False


def _longer_side(kept: np.ndarray, places: np.ndarray, axis: int) -> int:
    part = kept[:, places] if axis == 0 else kept[places]
    across = np.flatnonzero(part.any(axis=1 - axis))
    return int(max(np.ptp(places), np.ptp(across))) + 1

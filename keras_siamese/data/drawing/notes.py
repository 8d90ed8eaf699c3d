"""What may be wrong with a picture of a drawing, in words."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.drawing.canvas import frame
from keras_siamese.data.drawing.find import Found
from keras_siamese.data.drawing.ink import LEAST_AREA

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


def notes_on(found: Found, brightest: int) -> tuple[str, ...]:
    """Say what may be wrong with a picture that a drawing was found in.

    Args:
        found: What was found, in NumPy arrays.
        brightest: Highest level of the picture, in [0, 255].

    Returns:
        Each in some words; mostly none.
    """
    kept, notes = found.ink.kept, []
    if brightest < _DARK:
        notes.append(f"it was taken in the dark: no pixel is lighter than {brightest} of 255")
    if kept.mean() > _MOSTLY_INK:
        notes.append(f"{kept.mean():.0%} of it is ink: it may not be a drawing on paper")
    if found.ink.touching > _CUT_OFF and kept[frame(1) > 0].sum() > _LEAST_CONTACT:
        notes.append("the ink runs up to the border: the drawing may be cut off")
    areas = np.bincount(found.ink.marks[kept])
    count = int((areas >= LEAST_AREA).sum())
    if count > _MANY_MARKS:
        notes.append(f"it has {count} separate marks, as a page of text has: crop it to one sign")
    elif _is_two(kept):
        notes.append("it shows two drawings far from each other: crop it to one")
    return tuple(notes)


def _is_two(kept: np.ndarray) -> bool:
    """Whether the ink parts into two large groups with a wide gap between them."""
    for axis in (0, 1):
        line = kept.sum(axis=axis)
        filled = np.flatnonzero(line)
        gaps = np.diff(filled)
        if not len(gaps):
            continue
        place = int(np.argmax(gaps))
        first, second = filled[: place + 1], filled[place + 1 :]
        share = line[first].sum() / line.sum()
        sides = [_longer_side(kept, part, axis) for part in (first, second)]
        apart = gaps[place] - 1 >= max(sides) and min(sides) >= _LEAST_SIDE
        if apart and _SHARE <= share <= 1 - _SHARE:
            return True
    return False


def _longer_side(kept: np.ndarray, places: np.ndarray, axis: int) -> int:
    part = kept[:, places] if axis == 0 else kept[places]
    across = np.flatnonzero(part.any(axis=1 - axis))
    return int(max(np.ptp(places), np.ptp(across))) + 1

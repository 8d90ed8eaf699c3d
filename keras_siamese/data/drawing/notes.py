"""What may be wrong with a picture of a drawing, in words."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from keras_siamese.data.drawing.canvas import SIDE, frame
from keras_siamese.data.drawing.find import Found
from keras_siamese.data.drawing.ink import LEAST_AREA

# Marks that are more than those of a character, as of a page of text or a word, where marks smaller
# than the second share of the largest one do not count. Omniglot's background set has up to 5.
_MANY_MARKS, _MARK = 7, 0.1
# Groups of marks are several drawings where each has this share of the ink, is so long in pixels of
# the canvas, has a longer side whose square is so many times the ink's area (a dot has not), and is
# as far from the others as the last share of the longer of the two. Few single drawings fall apart
# in this way.
_SHARE, _LEAST_SIDE, _NO_DOT, _APART = 0.15, 20, 1.8, 0.68
# Share of the canvas beyond which what was found is no drawing on paper.
_MOSTLY_INK = 0.45
# Share of the ink, in marks that reach the outermost pixels, from which on it may be cut off.
_CUT_OFF = 0.5
# And of so many pixels of the canvas's outline: a stroke that only just reaches it is whole.
_LEAST_CONTACT = 20
# Nothing in the picture is lighter than this level: it was taken in the dark.
_DARK = 48
# Of marks that the outermost pixels cut, which reach no corner and not from side to side as a table
# and a ruled line do, this share of the darkness is left out at most.
# Only those count that are nearly as dark as the drawing, by the second number: shadows are not.
_LEFT_OUT, _AS_DARK = 0.15, 0.85
# Outside the drawing and a margin of so many pixels, this share of the paper is darker than half of
# what ink is, and than the third number, in areas wider than ruled lines are.
_CLUTTER, _BESIDE, _DARKER, _LINE = 0.03, 8, 0.12, 7


class _Group(NamedTuple):
    """Marks that lie near each other: their ink, and their first and last row and column.

    All is in pixels of the picture, which is stretched to the canvas.
    """

    ink: float
    rows: tuple[float, float]
    columns: tuple[float, float]


def notes_on(found: Found, brightest: int, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Say what may be wrong with a picture that a drawing was found in.

    Args:
        found: What was found, in NumPy arrays.
        brightest: Highest level of the picture, in [0, 255].
        shape: Height and width of the picture in pixels.

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
    elif _left_out(found) > _LEFT_OUT:
        notes.append("ink at the border was left out: the drawing may be cut off")
    areas = np.bincount(found.ink.marks[kept])
    count = int((areas >= max(LEAST_AREA, _MARK * areas.max(initial=0))).sum())
    if count > _MANY_MARKS:
        notes.append(
            f"it has {count} separate marks, as a word or a page of text has: crop it to one sign"
        )
    elif (drawings := _count_drawings(np.where(kept, found.ink.marks, 0), shape)) > 1:
        number = "two" if drawings == 2 else drawings
        notes.append(f"it shows {number} drawings far from each other: crop it to one")
    elif _clutter(found) > _CLUTTER:
        notes.append("much of it is dark besides what was read: it may not be a drawing on paper")
    return tuple(notes)


def _left_out(found: Found) -> float:
    """Return the share of darkness that was left out with marks that the border cuts."""
    marks, kept = found.ink.marks, found.ink.kept
    weight = np.bincount(marks.ravel(), found.paper.darkness.ravel())
    area, own = np.bincount(marks.ravel()), np.unique(marks[kept])
    drawn = weight[own].sum()
    rows, columns = (marks[0], marks[-1]), (marks[:, 0], marks[:, -1])
    cut = np.zeros(len(weight), bool)
    cut[np.concatenate(rows + columns)] = True
    for first, last in (rows, columns):
        cut[[first[0], first[-1]]] = False
        cut[np.intersect1d(first, last)] = False
    cut[own] = False
    cut[0] = False
    lost = weight[cut & (weight * area[own].sum() >= _AS_DARK * area * drawn)].sum()
    return float(lost / max(lost + drawn, 1e-6))


def _clutter(found: Found) -> float:
    """Return the share of the paper around the drawing with areas nearly as dark as ink."""
    from scipy.ndimage import maximum_filter, minimum_filter

    around = maximum_filter(found.ink.kept, 2 * _BESIDE + 1) | (frame(_BESIDE) > 0)
    dark = found.paper.darkness > max(found.ink.threshold / 2, _DARKER)
    # An opening by a square; beyond the border nothing is dark.
    dark = maximum_filter(minimum_filter(dark, _LINE, mode="constant"), _LINE, mode="constant")
    return float((dark & ~around).mean())


def _count_drawings(marks: np.ndarray, shape: tuple[int, ...]) -> int:
    """Count the groups of marks that are large and far from each other.

    Args:
        marks: `(256, 256)`, int, number of the mark that each pixel belongs to; 0 for none.
        shape: Height and width of the picture, which is stretched to the canvas.
    """
    from scipy.ndimage import find_objects

    height, width = (side / SIDE for side in shape)
    areas = np.bincount(marks.ravel())
    groups = [
        _Group(
            float(areas[number]) * height * width,
            (place[0].start * height, place[0].stop * height),
            (place[1].start * width, place[1].stop * width),
        )
        for number, place in enumerate(find_objects(marks), 1)
        if place is not None
    ]
    while len(groups) > 1:
        pairs = itertools.combinations(range(len(groups)), 2)
        apart, first, second = min((_apart(groups[i], groups[j]), i, j) for i, j in pairs)
        if apart >= _APART:
            break
        groups[first] = _joined(groups[first], groups.pop(second))
    least_ink = _SHARE * sum(group.ink for group in groups)
    least_side = _LEAST_SIDE * (height + width) / 2
    return sum(
        group.ink >= least_ink
        and _longer_side(group) >= least_side
        and _longer_side(group) ** 2 >= _NO_DOT * group.ink
        for group in groups
    )


def _apart(first: _Group, second: _Group) -> float:
    """Return the gap between two groups by the longer of their sides."""
    gaps = [
        max(one[0], other[0]) - min(one[1], other[1])
        for one, other in ((first.rows, second.rows), (first.columns, second.columns))
    ]
    return max(*gaps, 0.0) / max(_longer_side(first), _longer_side(second))


def _joined(first: _Group, second: _Group) -> _Group:
    rows, columns = (
        (min(one[0], other[0]), max(one[1], other[1]))
        for one, other in ((first.rows, second.rows), (first.columns, second.columns))
    )
    return _Group(first.ink + second.ink, rows, columns)


def _longer_side(group: _Group) -> float:
    return max(end - start for start, end in (group.rows, group.columns))

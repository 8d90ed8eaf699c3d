"""The ink of a drawing: which of what is darker than the paper belongs to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.drawing.canvas import SIDE, Operations, frame, otsu, quantile
from keras_siamese.data.drawing.paper import MARGIN, Paper

# Ink is darker than the paper by at least this share, and by so many deviations of its noise.
_LEAST_DARKNESS, _ABOVE_NOISE = 0.03, 4.0
# Ink reaches this share of Otsu's threshold among all that is darker than the paper; so faint
# strokes are kept and ruled lines, which are fainter, are not.
_OF_THRESHOLD = 0.7
# Marks smaller than this share of the largest one are specks, and one so small is no drawing.
_SPECK, LEAST_AREA = 0.02, 6
# A mark so small and so faint, as shares of the heaviest one's area and darkness, is left of the
# edge of a shadow. What lies on ground darker than this share of the heaviest mark's is on a table.
_SMALL, _FAINT, _TABLE = 0.25, 0.7, 0.45
# Marks smaller than that share are no part of the drawing, either, where they lie farther from the
# others than this share of their longer side, as a button of a window, and have less than the
# second share of all ink, or they could be another drawing.
_FAR, _FEW = 0.9, 0.15
# What touches the border, within so many pixels, along more than the second number is the edge of a
# sheet, a table or a hand; what lies as near to it as the third belongs to it.
_EDGE, _LONG_CONTACT, _NEARBY = 4, SIDE // 4, 6
# Marks at the border are left out where the others have this share of the darkness: of a picture
# with an even margin, which may be cut out tightly, and of a photograph.
_FREE_SHARE, _FREE_SHARE_OF_PHOTOGRAPH = 0.5, 0.15


class Ink(NamedTuple):
    """What belongs to the drawing.

    Attributes:
        marks: `(256, 256)`, int, the connected parts of all that is dark; 0 elsewhere.
        kept: `(256, 256)`, bool, the marks that are the drawing.
        threshold: Darkness from which ink counts; scalar.
        drawn: Whether there is a mark that is larger than noise; scalar, bool.
        touching: Share of the drawing's darkness in marks that reach the outermost pixels; scalar.
    """

    marks: Any
    kept: Any
    threshold: Any
    drawn: Any
    touching: Any


class _Marks(NamedTuple):
    """The connected parts of all that is dark, and what is known of each; the first entry is void.

    Attributes:
        places: `(256, 256)`, int, the number of the mark at each pixel; 0 elsewhere.
        every: Whether an entry is a mark.
        area: Pixels.
        darkness: Sum of the darkness.
        ground: Sum of the brightness of the paper.
        contact: Pixels next to the border.
    """

    places: Any
    every: Any
    area: Any
    darkness: Any
    ground: Any
    contact: Any


def pick_ink(paper: Paper, ops: Operations) -> Ink:
    """Pick the marks that are the drawing.

    Ink is what reaches 0.7 of Otsu's threshold among all that is darker than the paper's noise.
    Edges of sheets with what is near them, what touches the border of a picture that also has a
    drawing inside, specks, small marks fainter than the heaviest or far from the others, and what
    is on a table are left out.

    Args:
        paper: What is known of the paper.
        ops: The operations.

    Returns:
        The ink.
    """
    threshold = _threshold(paper, ops)
    marks = _measured(ops.labels(paper.darkness > threshold), paper, ops)
    good = _without_edges(marks, ops)
    good = _without_border(good, marks, paper.even, ops)
    largest = ops.largest(marks.area * ops.number(good))
    good = good & (marks.area >= _SPECK * largest)
    good = _without_traces(good, marks, largest, ops)
    good = _without_far(good, marks, largest, ops)
    outermost = ops.sums(marks.places, ops.constant(frame(1))) > 0
    touching = _sum_over(good & outermost, marks.darkness, ops) / ops.higher(
        _sum_over(good, marks.darkness, ops), 1e-6
    )
    kept = ops.taken(good, marks.places)
    return Ink(marks.places, kept, threshold, largest >= LEAST_AREA, touching)


def _measured(places: Any, paper: Paper, ops: Operations) -> _Marks:
    return _Marks(
        places,
        ops.sums(places, ops.number(places > 0)) > 0,
        ops.sums(places, ops.constant(np.ones((SIDE, SIDE), np.float32))),
        ops.sums(places, paper.darkness),
        ops.sums(places, paper.level),
        ops.sums(places, ops.constant(frame(_EDGE))),
    )


def _without_edges(marks: _Marks, ops: Operations) -> Any:
    """Leave out edges of sheets and what is near them, where anything else is left."""
    long = marks.every & (marks.contact > _LONG_CONTACT)
    around = ops.widened(ops.number(ops.taken(long, marks.places)), 2 * _NEARBY + 1)
    near = ops.sums(marks.places, around) > 0
    # A drawing up to the border is better than none.
    return _first_with_any((marks.every & ~near, marks.every & ~long, marks.every), ops)


def _without_border(good: Any, marks: _Marks, even: Any, ops: Operations) -> Any:
    """Leave out what touches the border, where enough else is left."""
    free = good & (marks.contact <= 0)
    share = ops.where(even, _FREE_SHARE, _FREE_SHARE_OF_PHOTOGRAPH)
    rest, every = _sum_over(free, marks.darkness, ops), _sum_over(good, marks.darkness, ops)
    enough = rest >= share * every
    return (free & enough) | (good & ~enough)


def _without_traces(good: Any, marks: _Marks, largest: Any, ops: Operations) -> Any:
    """Leave out small marks that are faint next to the heaviest one, and what is on a table."""
    _, _, area, darkness, ground, _ = marks
    heaviest = good & (darkness >= ops.largest(darkness * ops.number(good)))
    its_area, its_darkness, its_ground = (
        _sum_over(heaviest, of_each, ops) for of_each in (area, darkness, ground)
    )
    faint = darkness * its_area < _FAINT * area * its_darkness
    table = ground * its_area < _TABLE * area * its_ground
    return good & ~(faint & (area < _SMALL * largest)) & ~table


def _without_far(good: Any, marks: _Marks, largest: Any, ops: Operations) -> Any:
    """Leave out small marks far from the large ones, where they are few."""
    large = ops.number(ops.taken(good & (marks.area >= _SMALL * largest), marks.places))
    far = good & (ops.sums(marks.places, _surroundings(large, ops)) <= 0)
    few = _sum_over(far, marks.area, ops) < _FEW * _sum_over(good, marks.area, ops)
    return good & ~(far & few)


def _surroundings(mask: Any, ops: Operations) -> Any:
    """Return the box of a mask, larger by `_FAR` of its longer side all around; 1 in it."""
    index = ops.constant(np.arange(SIDE, dtype=np.float32))
    places, longer = [], 0.0
    for axis in (1, 0):
        line = ops.largest(mask, axis)
        places.append((ops.first(line > 0), SIDE - 1 - ops.first(line[::-1] > 0)))
        longer = ops.higher(longer, places[-1][1] - places[-1][0] + 1)
    rows, columns = (
        ops.number((index >= first - _FAR * longer) & (index <= last + _FAR * longer))
        for first, last in places
    )
    return rows[:, None] * columns[None]


def _threshold(paper: Paper, ops: Operations) -> Any:
    darkness, there = paper.darkness, paper.there
    level = quantile(darkness, there, 0.5, ops)
    spread = ops.higher(darkness - level, level - darkness)
    # The deviation of normal noise is this many times its median distance from the median,
    # which strokes hardly change.
    noise = 1.4826 * quantile(spread, there, 0.5, ops)
    least = ops.higher(level + _ABOVE_NOISE * noise, level + _LEAST_DARKNESS)
    candidates = ops.number(darkness > least) * (1.0 - ops.constant(frame(MARGIN)))
    return ops.higher(_OF_THRESHOLD * otsu(darkness, candidates, ops), least)


def _sum_over(chosen: Any, values: Any, ops: Operations) -> Any:
    return ops.total(values * ops.number(chosen))


def _first_with_any(choices: tuple[Any, ...], ops: Operations) -> Any:
    """Return the first of several choices of marks that has any."""
    *others, last = choices
    for choice in reversed(others):
        some = ops.largest(ops.number(choice)) > 0
        last = (choice & some) | (last & ~some)
    return last

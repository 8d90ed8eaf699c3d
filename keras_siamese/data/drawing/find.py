"""Where the drawing is in a picture of paper, and the drawing as Omniglot would show it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.drawing.canvas import SIDE, Operations, quantile
from keras_siamese.data.drawing.ink import Ink, pick_ink
from keras_siamese.data.drawing.paper import Paper, see_paper


class Found(NamedTuple):
    """What was found.

    Attributes:
        image: `(210, 210)`, float32, [0, 1], the drawing, ink 1 and paper 0, in the middle and with
            the longer side of its box at 69 of 105; it says nothing where `ink.drawn` is false.
        paper: The paper.
        ink: The ink.
    """

    image: Any
    paper: Paper
    ink: Ink


def find_drawing(canvas: Any, height: Any, width: Any, polarity: str, ops: Operations) -> Found:
    """Find the drawing in a picture of paper, in three steps.

    The paper is separated from what is drawn (`see_paper`), so light, shadow and tint drop out. Of
    what is darker, the marks that are the drawing are picked (`pick_ink`). They are brought to the
    middle, to one size and to one pen (`centred`).

    Args:
        canvas: `(256, 256)`, float32, [0, 1], the whole picture, stretched.
        height: Height of the picture before, float32 scalar.
        width: Its width.
        polarity: As `Preprocessing` has it.
        ops: The operations.

    Returns:
        What was found.
    """
    paper = see_paper(canvas, polarity, ops)
    ink = pick_ink(paper, ops)
    return Found(centred(paper.darkness, ink, height, width, ops), paper, ink)


# Side of the square on which the drawing is drawn again, twice that of Omniglot's images.
FINE = 210
# The longer side of a drawing's box, as a share of the image: the median of Omniglot's background
# set, whose drawings have 69 of 105 pixels (`redraw`).
LONGER_SIDE = 69 / 105
# Thin and thick pens become as wide as those of Omniglot's drawings are in the fine square: the 25
# and 75 % quantiles of its strokes, measured with this reading. Drawings with lines wider than
# `FILLED`, such as filled signs, keep them.
THINNEST, THICKEST, FILLED = 10.5, 15.0, 42.0
# The darkness of full ink, as a share of that which a tenth of the drawing's pixels exceed.
_FULL_INK = 0.7
# Pixels around the drawing whose darkness counts, too.
_AROUND = 3


def centred(darkness: Any, ink: Ink, height: Any, width: Any, ops: Operations) -> Any:
    """Bring a drawing to the middle, to Omniglot's size and, where it differs much, to its pen.

    Args:
        darkness: `(256, 256)`, [0, 1], of the picture brought to a square.
        ink: What of it is the drawing.
        height: Height of the picture before, float32 scalar.
        width: Its width.
        ops: The operations.

    Returns:
        `(210, 210)`, float32, [0, 1], ink 1, proportions as in the picture.
    """
    kept, threshold = ops.number(ink.kept), ink.threshold
    full = _FULL_INK * quantile(darkness, kept, 0.9, ops)
    full_ink = ops.clip(darkness / ops.higher(full, 1e-3), 0.0, 1.0)
    full_ink = full_ink * ops.widened(kept, 2 * _AROUND + 1)
    # Of one canvas pixel, in pixels of the picture.
    steps = height / SIDE, width / SIDE
    outlined = darkness * ops.widened(kept, 3)
    boxes = [_extent(ops.largest(outlined, axis), threshold, ops) for axis in (1, 0)]
    sides = [step * (end - start) for step, (start, end) in zip(steps, boxes, strict=True)]
    longer = ops.higher(ops.higher(*sides), 1e-3)
    rows, columns = (
        _sampling((start + end) / 2, longer / step, ops)
        for step, (start, end) in zip(steps, boxes, strict=True)
    )
    return _with_pen(rows @ full_ink @ ops.turned(columns), ops)


def _extent(line: Any, threshold: Any, ops: Operations) -> tuple[Any, Any]:
    """Find where a vector first and last crosses a threshold, in pixels, linear between middles.

    So a box changes as little as the brightness does, and not by whole pixels.
    """
    return _crossing(line, threshold, ops), SIDE - _crossing(line[::-1], threshold, ops)


def _crossing(line: Any, threshold: Any, ops: Operations) -> Any:
    place = ops.first(line > threshold)
    index = ops.constant(np.arange(SIDE, dtype=np.float32))
    inside = ops.total(line * ops.number(index == place))
    outside = ops.total(line * ops.number(index == place - 1))
    return place + 0.5 - (inside - threshold) / ops.higher(inside - outside, 1e-6)


def _sampling(centre: Any, longer: Any, ops: Operations) -> Any:
    """Return weights `(210, 256)` that bring `longer` canvas pixels to the longer side.

    As in `resize_images`: the mean over the area of a pixel where the drawing shrinks, bilinear
    where it grows. What lies outside of the canvas is paper.
    """
    pixel = longer / (LONGER_SIDE * FINE)
    place = ops.constant(np.arange(FINE, dtype=np.float32)[:, None])
    index = ops.constant(np.arange(SIDE, dtype=np.float32)[None])
    low = (place - FINE / 2) * pixel + centre
    overlap = ops.lower(low + pixel, index + 1.0) - ops.higher(low, index)
    mean = ops.higher(overlap, 0.0) / ops.higher(pixel, 1e-6)
    distance = low + pixel / 2 - 0.5 - index
    linear = ops.higher(1.0 - ops.higher(distance, -distance), 0.0)
    return ops.where(pixel >= 1, mean, linear)


def _with_pen(ink: Any, ops: Operations) -> Any:
    """Bring the width of strokes to that of Omniglot's pen.

    The mean width of strokes is twice the ink's area by the length of its outline, and that length
    is the total variation.
    """
    down, right = ink[1:, :-1] - ink[:-1, :-1], ink[:-1, 1:] - ink[:-1, :-1]
    outline = ops.total(ops.root(down * down + right * right + 1e-12))
    # The outline of a long stroke is twice its length.
    width = 2 * ops.total(ink) / ops.higher(outline, 1e-3)
    thin = ops.higher(THINNEST - width, 0.0) / 2
    thick = ops.where(width <= FILLED, ops.higher(width - THICKEST, 0.0) / 2, 0.0)
    eroded = -ops.grown(-ink, thick)
    # Strokes that are thinner than what is taken off are kept.
    lost = ink - ops.grown(eroded, thick)
    return ops.grown(ops.higher(eroded, ops.where(thick > 0, lost, 0.0)), thin)

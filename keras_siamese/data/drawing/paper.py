"""The paper of a drawing: which side it is, how it is lit, and what is darker than it."""

from __future__ import annotations

from typing import Any, NamedTuple

from keras_siamese.data.drawing.canvas import SIDE, blurred, closed, frame, quantile
from keras_siamese.data.drawing.operations import Operations
from keras_siamese.data.drawing.sheet import on_sheet, without_table

# Standard deviations in pixels of the canvas: of the noise that is smoothed away, of the paper's
# light, and of the surroundings that a pixel is compared with to tell which side is the paper.
_NOISE, _LIGHT, _SURROUNDINGS = 1.0, 8.0, 16.0
# Strokes narrower than this, in pixels of the canvas, are told from changes of the light.
_WIDEST = 49
# Width of the margin by which the paper is judged.
MARGIN = 8
# Paper without light and noise, as on a screen: this share of the margin within so many levels.
_EVEN_SHARE, _EVEN = 0.9, 0.02
# Paper that is lit unevenly is rarely darker than the ink: light strokes must outweigh dark ones by
# so much.
_LIGHT_STROKES = 2.0


class Paper(NamedTuple):
    """What is known of the paper.

    Attributes:
        light: Whether it is lighter than the ink; scalar.
        even: Whether the margin is of one level, as on a screen, not as in a photograph; scalar.
        level: `(256, 256)`, [0, 1], how bright the paper is at each pixel, after the same turn.
        darkness: `(256, 256)`, [0, 1], how much darker than the paper each pixel is, relative to
            the paper, after light ink was turned dark; 0 where there is no paper.
        there: `(256, 256)`, float32, 1 on the paper and 0 on the table that it lies on.
    """

    light: Any
    even: Any
    level: Any
    darkness: Any
    there: Any


def see_paper(canvas: Any, polarity: str, ops: Operations) -> Paper:
    """Tell the paper from what is drawn on it.

    The brightness of the paper is the morphological closing of the picture, smoothed. Darkness is
    what a pixel lacks of it. Where the margin is even, the drawing is lighter or darker than the
    margin. Elsewhere the third moment of the brightness relative to its surroundings says on which
    side the strokes are: they are few and far from the mean.

    Args:
        canvas: `(256, 256)`, float32, [0, 1].
        polarity: As `Preprocessing` has it.
        ops: The operations.

    Returns:
        The paper.
    """
    margin = ops.constant(frame(MARGIN))
    middle = quantile(canvas, margin, 0.5, ops)
    near = ops.number((canvas - middle < _EVEN) & (middle - canvas < _EVEN))
    even = ops.total(near * margin) >= _EVEN_SHARE * float(frame(MARGIN).sum())
    there = on_sheet(blurred(canvas, _NOISE, ops), even, ops)
    # Of a sheet, only the paper is looked at from here on.
    even = even & (ops.total(there) >= SIDE * SIDE)
    canvas = without_table(canvas, there, ops)
    smooth = blurred(canvas, _NOISE, ops)
    # What is neither stroke nor gap between strokes: for light paper, and for dark paper.
    without_dark, without_light = closed(smooth, _WIDEST, ops), -closed(-smooth, _WIDEST, ops)
    if polarity == "auto":
        darker = ops.total((canvas - middle) * (1.0 - near)) <= 0
        residual = (smooth - blurred(canvas, _SURROUNDINGS, ops)) * (1.0 - margin)
        rare = _dark_is_rare(residual, smooth - without_light, smooth - without_dark, ops)
        light = (even & darker) | (~even & rare)
    else:
        light = polarity == "dark_on_light"
    bright = ops.where(light, smooth, 1.0 - smooth)
    background = ops.where(light, without_dark, 1.0 - without_light)
    # At the edge of a sheet, a mean with the brighter side would call the darker one ink.
    level = ops.lower(background, blurred(background, _LIGHT, ops))
    darkness = ops.clip(1.0 - bright / ops.higher(level, 0.05), 0.0, 1.0)
    return Paper(light, even, level, darkness * there, there)


def _dark_is_rare(residual: Any, above: Any, below: Any, ops: Operations) -> Any:
    """Say whether dark strokes outweigh light ones, by the third moment.

    Args:
        residual: `(256, 256)`, how much brighter each pixel is than its surroundings.
        above: `(256, 256)`, how much brighter than the picture without light strokes, from 0 on.
        below: `(256, 256)`, how much brighter than the picture without dark strokes, up to 0.
        ops: The operations.

    Returns:
        Scalar, bool.
    """
    # Edges of sheets and shadows differ from their surroundings, too, but not from these.
    cubes = ops.higher(ops.lower(residual, above), below) ** 3
    lighter, total = ops.total(ops.higher(cubes, 0.0)), ops.total(cubes)
    return lighter <= _LIGHT_STROKES * (lighter - total)

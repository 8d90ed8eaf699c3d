"""The paper of a drawing: its sheet on a table, which side it is, how it is lit, what is darker."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.drawing.canvas import (
    SIDE,
    Operations,
    blurred,
    closed,
    frame,
    otsu,
    quantile,
)

# The sheet is looked for in every second row and column; all lengths are in pixels of these.
_SMALL = SIDE // 2
# Strokes narrower than this are part of the sheet that they are on.
_WIDEST_PEN = 13
# A sheet has at least this share of the picture and of the rows by the columns that it is in. Of
# one side of the picture at most it has more than the third share, or it could be a patch of light.
_LEAST_AREA, _LEAST_FILLED, _OF_SIDE = 0.12, 0.6, 0.05
# On a screen, where the outline is of one level, a sheet is larger and is filled more, or it could
# be a filled sign; and it has so many pixels of ink, which are darker than it by the last factor.
_LEAST_ON_SCREEN, _LEAST_FILLED_ON_SCREEN, _LEAST_INK, _INK = 0.35, 0.7, 5, 0.7
# What is around a sheet is darker by this factor at its very edge, where light falls off slowly,
# and the step there is this share of the difference between sheet and table.
_DARKER, _STEP = 0.85, 0.5
# Width of what is compared on both sides of the edge, and of what is left out inside.
_NEAR, _EDGE = 3, 2
# Standard deviation of the mean of the sheet that replaces the table.
_AROUND = 8.0


def on_sheet(smooth: Any, even: Any, ops: Operations) -> Any:
    """Tell where the paper is, of a picture that shows a whole sheet of it on a darker table.

    Args:
        smooth: `(256, 256)`, [0, 1], the picture without noise.
        even: Whether the margin is of one level, as on a screen; scalar.
        ops: The operations.

    Returns:
        `(256, 256)`, float32, 1 on the sheet, without its edge, and 0 on the table; 1 everywhere
        where the picture shows no such sheet.
    """
    smooth = smooth[::2, ::2]
    everywhere = ops.constant(np.ones((_SMALL, _SMALL), np.float32))
    outline = ops.constant(frame(1, _SMALL))
    level = closed(smooth, _WIDEST_PEN, ops)
    parts = ops.labels(level > otsu(level, everywhere, ops))
    area = ops.sums(parts, ops.number(parts > 0))
    largest = ops.taken((area >= ops.largest(area)) & (area > 0), parts)
    # Thick strokes are holes in the sheet; what reaches the outline is the table.
    others = ops.labels(~largest)
    table = ops.taken(ops.sums(others, outline) > 0, others) & ~largest
    sheet = ops.number(~table)
    grown, shrunk = ops.widened(sheet, 2 * _NEAR + 1), _shrunk(sheet, _NEAR, ops)
    inside, outside = _mean(level, sheet, ops), _mean(level, 1.0 - sheet, ops)
    inner, outer = _mean(level, sheet - shrunk, ops), _mean(level, grown - sheet, ops)
    box = ops.total(ops.largest(sheet, 0)) * ops.total(ops.largest(sheet, 1))
    filled, size = ops.total(sheet) / ops.higher(box, 1.0), ops.total(sheet) / _SMALL**2
    ink = ops.total(ops.number(smooth < _INK * level) * shrunk)
    large = (size >= _LEAST_ON_SCREEN) & (filled >= _LEAST_FILLED_ON_SCREEN) & (ink >= _LEAST_INK)
    sides = sum(
        ops.number(ops.total(side) > _OF_SIDE * _SMALL)
        for side in (sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1])
    )
    seen = (
        (size >= _LEAST_AREA)
        & (filled >= _LEAST_FILLED)
        & (sides <= 1)
        & (outer <= _DARKER * inner)
        & (inner - outer >= _STEP * (inside - outside))
        & (large | ~even)
    )
    return _twice(ops.where(seen, _shrunk(sheet, _EDGE, ops), everywhere), ops)


def without_table(canvas: Any, there: Any, ops: Operations) -> Any:
    """Replace the table by paper in the light of the sheet.

    Args:
        canvas: `(256, 256)`, [0, 1], the picture.
        there: Where the sheet is, as `on_sheet` tells.
        ops: The operations.

    Returns:
        `(256, 256)`, as `canvas` on the sheet.
    """
    weights = there[::2, ::2]
    small = canvas[::2, ::2] * weights
    # Far from the sheet its mean counts, where rounding would leave nothing of the weights.
    mean, least = ops.total(small) / ops.higher(ops.total(weights), 1.0), 1e-3
    around = blurred(small, _AROUND, ops) + least * mean
    light = around / (blurred(weights, _AROUND, ops) + least)
    return ops.where(there > 0, canvas, _twice(light, ops))


def _twice(x: Any, ops: Operations) -> Any:
    """Give every pixel two rows and columns."""
    twice = ops.constant(np.eye(_SMALL, dtype=np.float32).repeat(2, axis=0))
    return twice @ x @ ops.turned(twice)


def _shrunk(mask: Any, pixels: int, ops: Operations) -> Any:
    return 1.0 - ops.widened(1.0 - mask, 2 * pixels + 1)


def _mean(values: Any, weights: Any, ops: Operations) -> Any:
    return ops.total(values * weights) / ops.higher(ops.total(weights), 1.0)


# Standard deviations in pixels of the canvas: of the noise that is smoothed away, of the paper's
# light, and of the surroundings that a pixel is compared with to tell which side is the paper.
_NOISE, _LIGHT, _SURROUNDINGS = 1.0, 8.0, 16.0
# Strokes narrower than this, in pixels of the canvas, are distinguished from changes of the light.
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

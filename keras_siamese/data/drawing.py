"""Where the drawing is in a picture of paper, and the drawing as Omniglot would show it.

The steps are written once, in terms of a few operations on arrays (`Operations`), so that NumPy and
the graph of a served network take the same ones: `keras_siamese.data.drawing_numpy` and
`keras_siamese.serving.decoding.drawing_tensors` say how.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, Protocol

import numpy as np

# A picture is looked at in this many rows and columns, whatever its size and shape.
SIDE = 256
# Side of the square on which the drawing is drawn again, twice that of Omniglot's images.
FINE = 210
# The longer side of a drawing's box, as a share of the image: the median of Omniglot's background
# set, whose drawings have 69 of 105 pixels (`omniglot_hand`).
LONGER_SIDE = 69 / 105
# Thin and thick pens become as wide as those of Omniglot's drawings are in the fine square: the 25
# and 75 % quantiles of its strokes as they are read here. Drawings with wider lines than the last,
# such as filled signs, keep them.
THINNEST, THICKEST, FILLED = 10.5, 15.0, 42.0

# Standard deviations in pixels of the canvas: of the noise that is smoothed away, of the paper's
# light, and of what is held against its surroundings to tell which side is the paper.
_NOISE, _LIGHT, _SURROUNDINGS = 1.0, 8.0, 16.0
# Strokes narrower than this, in pixels of the canvas, are told from changes of the light.
_WIDEST = 49
# Width of the margin that says nothing about the paper's side, and of the one that ink touches.
_MARGIN, _EDGE = 8, 4
# Paper without light and noise, as on a screen: this share of the margin within so many levels.
_EVEN_SHARE, _EVEN = 0.9, 0.02
# Paper that is lit unevenly is rarely darker than the ink: light strokes must outweigh dark ones by
# so much.
_LIGHT_STROKES = 2.0
# Ink is darker than the paper by at least this share, and by so many deviations of its noise.
_LEAST_DARKNESS, _ABOVE_NOISE = 0.03, 4.0
# Ink reaches this share of Otsu's threshold among all that is darker than the paper; so faint
# strokes are kept and ruled lines, which are fainter, are not.
_OF_THRESHOLD = 0.7
# The darkness of full ink, as a share of that which a tenth of the drawing's pixels exceed.
_FULL_INK = 0.7
# Marks smaller than this share of the largest one are specks, and one so small is no drawing.
_SPECK, LEAST_AREA = 0.02, 6
# What touches the margin along more than this many pixels is the edge of a sheet, a table or a
# hand; what lies so near to it belongs to it.
_LONG_CONTACT, _NEARBY = SIDE // 4, 6
# Marks at the margin are left out where the others have this share of the darkness: of a picture
# with an even margin, which may be cut out tightly, and of a photograph.
_FREE_SHARE, _FREE_SHARE_OF_PHOTOGRAPH = 0.5, 0.15
# Pixels around the drawing whose darkness counts, too.
_AROUND = 3
_LEVELS = 512


class Operations(Protocol):
    """What the steps need beyond the operators of arrays; all arrays are float32 but for labels."""

    def constant(self, value: np.ndarray) -> Any:
        """Return a NumPy array as one of these arrays."""

    def where(self, condition: Any, true: Any, false: Any) -> Any:
        """Choose by a condition."""

    def clip(self, x: Any, low: float, high: float) -> Any:
        """Bring to a range."""

    def number(self, x: Any) -> Any:
        """Return float32 for whole numbers and truth values."""

    def total(self, x: Any) -> Any:
        """Return the sum of everything."""

    def largest(self, x: Any, axis: int | None = None) -> Any:
        """Return the maximum of everything, or along an axis."""

    def first(self, condition: Any) -> Any:
        """Return the first place, float32, at which a vector is true."""

    def running(self, x: Any) -> Any:
        """Return the running sums of a vector."""

    def highest(self, x: Any) -> Any:
        """Return the place of a vector's maximum, float32."""

    def lower(self, x: Any, y: Any) -> Any:
        """Return the smaller of two, element by element."""

    def higher(self, x: Any, y: Any) -> Any:
        """Return the larger of two, element by element."""

    def root(self, x: Any) -> Any:
        """Return the square root."""

    def turned(self, x: Any) -> Any:
        """Return the transpose of a matrix."""

    def widened(self, x: Any, side: int) -> Any:
        """Return the maximum over squares of an odd side; beyond the border there is nothing."""

    def grown(self, x: Any, steps: Any) -> Any:
        """Return the maximum over octagons of a radius of so many pixels, whole or not."""

    def labels(self, mask: Any) -> Any:
        """Number the connected parts (eight neighbours) of a mask; 0 where there is none."""

    def sums(self, labels: Any, values: Any) -> Any:
        """Return the sum of values by label, a vector that begins with that of 0."""

    def taken(self, values: Any, labels: Any) -> Any:
        """Return the value of each label."""

    def histogram(self, x: Any, weights: Any, levels: int) -> Any:
        """Return the weights by level of x, which lies in [0, 1]."""


class Found(NamedTuple):
    """What was found.

    Attributes:
        image: `(210, 210)`, float32, [0, 1], the drawing, ink 1 and paper 0, in the middle and with
            the longer side of its box at 69 of 105.
        drawn: Whether anything was drawn; else the image says nothing.
        light: Whether the paper is lighter than the ink.
        kept: `(256, 256)`, bool, the ink in the canvas.
        marks: `(256, 256)`, int, the connected parts of the ink; 0 elsewhere.
        touching: Share of the ink's darkness in marks that reach the outermost pixels.
    """

    image: Any
    drawn: Any
    light: Any
    kept: Any
    marks: Any
    touching: Any


def find_drawing(canvas: Any, height: Any, width: Any, polarity: str, ops: Operations) -> Found:
    """Find the drawing in a picture of paper.

    The brightness of the paper is the morphological closing of the picture, smoothed; darkness is
    what is missing to it, relative to it, so that light, shadow and the tint of the paper drop out.
    Which side is the paper is judged, where the margin is even, by the margin, else by the third
    moment of the brightness relative to its surroundings: strokes are few and far from the mean.
    Ink is what reaches 0.7 of Otsu's threshold among all that is darker than the paper's noise.
    Edges of sheets, what touches the margin beside a drawing, and specks are left out. The box of
    the rest is brought to the middle and to Omniglot's size, with the proportions kept, and pens
    that are thinner or thicker than Omniglot's are made as wide as these.

    Args:
        canvas: `(256, 256)`, float32, [0, 1], the whole picture, stretched.
        height: Height of the picture before, float32 scalar.
        width: Its width.
        polarity: As `Preprocessing` has it.
        ops: The operations.

    Returns:
        What was found.
    """
    light = _light_paper(canvas, ops) if polarity == "auto" else polarity == "dark_on_light"
    bright = ops.where(light, canvas, 1.0 - canvas)
    darkness = _darkness(bright, ops)
    marks, kept, threshold = _ink(darkness, even_margin(canvas, ops), ops)
    image = _drawn(darkness, kept, threshold, height, width, ops)
    weight = ops.total(darkness * ops.number(kept))
    edge = darkness * ops.number(kept & _touching(marks, ops))
    drawn = (ops.largest(ops.sums(marks, ops.number(kept))[1:]) >= LEAST_AREA) & (
        threshold > _LEAST_DARKNESS
    )
    return Found(image, drawn, light, kept, marks, ops.total(edge) / ops.higher(weight, 1e-6))


def even_margin(canvas: Any, ops: Operations) -> Any:
    """Say whether the margin of a picture is of one level, as on a screen, not as in a photograph.

    Args:
        canvas: As for `find_drawing`.
        ops: The operations.

    Returns:
        Whether nine tenths of it are within 0.02 of its median; scalar, bool.
    """
    return _margin(canvas, ops)[1]


def _margin(canvas: Any, ops: Operations) -> tuple[Any, Any, Any]:
    """The median of the margin, whether it is even, and 1 where a pixel is near that median."""
    margin = np.ones((SIDE, SIDE), np.float32)
    margin[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 0.0
    count = float(margin.sum())
    middle = _quantile(canvas, ops.constant(margin), 0.5, ops)
    near = ops.number((canvas - middle < _EVEN) & (middle - canvas < _EVEN))
    return middle, ops.total(near * ops.constant(margin)) >= _EVEN_SHARE * count, near


def _light_paper(canvas: Any, ops: Operations) -> Any:
    middle, even, near = _margin(canvas, ops)
    inside = np.zeros((SIDE, SIDE), np.float32)
    inside[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 1.0
    smooth = _blurred(canvas, _NOISE, ops)
    residual = (smooth - _blurred(canvas, _SURROUNDINGS, ops)) * ops.constant(inside)
    # Edges of sheets and shadows differ from their surroundings, too, but neither from the closing
    # nor from the opening, which strokes do.
    darker_by, lighter_by = _closed(smooth, ops) - smooth, smooth + _closed(-smooth, ops)
    residual = ops.higher(ops.lower(residual, lighter_by), -darker_by)
    cubes = residual * residual * residual
    lighter, total = ops.total(ops.higher(cubes, 0.0)), ops.total(cubes)
    skewed = lighter <= _LIGHT_STROKES * (lighter - total)
    darker = ops.total((canvas - middle) * (1.0 - near)) <= 0
    return (even & darker) | (~even & skewed)


def _darkness(bright: Any, ops: Operations) -> Any:
    """Relative to the paper, `(256, 256)`, [0, 1], 0 for the paper's own level."""
    smooth = _blurred(bright, _NOISE, ops)
    closed = _closed(smooth, ops)
    # At the edge of a sheet, a mean with the brighter side would call the darker one ink.
    paper = ops.lower(closed, _blurred(closed, _LIGHT, ops))
    return ops.clip(1.0 - smooth / ops.higher(paper, 0.05), 0.0, 1.0)


def _closed(x: Any, ops: Operations) -> Any:
    """The morphological closing by a square that is wider than strokes."""
    # Beyond the border it goes on as at the border, so that a strip there is no stroke.
    beyond = ops.constant(_edge_repeated(_WIDEST - 1))
    wide = ops.widened(beyond @ x @ ops.turned(beyond), _WIDEST)
    return -ops.widened(-wide, _WIDEST)[_WIDEST - 1 : 1 - _WIDEST, _WIDEST - 1 : 1 - _WIDEST]


def _ink(darkness: Any, even: Any, ops: Operations) -> tuple[Any, Any, Any]:
    """The connected marks, which pixels are the drawing, and the darkness from which ink counts."""
    everywhere = ops.constant(np.ones((SIDE, SIDE), np.float32))
    level = _quantile(darkness, everywhere, 0.5, ops)
    spread = ops.higher(darkness - level, level - darkness)
    noise = 1.4826 * _quantile(spread, everywhere, 0.5, ops)
    least = ops.higher(level + _ABOVE_NOISE * noise, level + _LEAST_DARKNESS)
    inner = np.zeros((SIDE, SIDE), np.float32)
    inner[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = 1.0
    candidates = ops.number(darkness > least) * ops.constant(inner)
    threshold = ops.higher(_OF_THRESHOLD * _otsu(darkness, candidates, ops), least)
    marks = ops.labels(darkness > threshold)
    edge = np.ones((SIDE, SIDE), np.float32)
    edge[_EDGE:-_EDGE, _EDGE:-_EDGE] = 0.0
    area, contact = ops.sums(marks, everywhere), ops.sums(marks, ops.constant(edge))
    weight = ops.sums(marks, darkness)
    marked = ops.sums(marks, ops.number(marks > 0)) > 0
    long = marked & (contact > _LONG_CONTACT)
    around = ops.widened(ops.number(ops.taken(long, marks)), 2 * _NEARBY + 1)
    near = ops.sums(marks, around) > 0
    good = marked & ~near
    # A drawing up to the margin is better than none.
    good = _first_with_any((good, marked & ~long, marked), ops)
    free = good & (contact <= 0)
    share = ops.where(even, _FREE_SHARE, _FREE_SHARE_OF_PHOTOGRAPH)
    enough = ops.total(weight * ops.number(free)) >= share * ops.total(weight * ops.number(good))
    good = (free & enough) | (good & ~enough)
    good = good & (area >= _SPECK * ops.largest(area * ops.number(good)))
    return marks, ops.taken(good, marks), threshold


def _first_with_any(choices: tuple[Any, ...], ops: Operations) -> Any:
    *others, last = choices
    for choice in reversed(others):
        some = ops.largest(ops.number(choice)) > 0
        last = (choice & some) | (last & ~some)
    return last


def _touching(marks: Any, ops: Operations) -> Any:
    edge = np.ones((SIDE, SIDE), np.float32)
    edge[1:-1, 1:-1] = 0.0
    return ops.taken(ops.sums(marks, ops.constant(edge)) > 0, marks)


def _drawn(
    darkness: Any, kept: Any, threshold: Any, height: Any, width: Any, ops: Operations
) -> Any:
    """The drawing, `(210, 210)`, [0, 1]."""
    full = _FULL_INK * _quantile(darkness, ops.number(kept), 0.9, ops)
    ink = ops.clip(darkness / ops.higher(full, 1e-3), 0.0, 1.0)
    ink = ink * ops.widened(ops.number(kept), 2 * _AROUND + 1)
    # Of one canvas pixel, in pixels of the picture.
    steps = height / SIDE, width / SIDE
    outlined = darkness * ops.widened(ops.number(kept), 3)
    boxes = [_extent(ops.largest(outlined, axis), threshold, ops) for axis in (1, 0)]
    sides = [step * (end - start) for step, (start, end) in zip(steps, boxes, strict=True)]
    longer = ops.higher(ops.higher(*sides), 1e-3)
    rows, columns = (
        _sampling((start + end) / 2, longer / step, ops)
        for step, (start, end) in zip(steps, boxes, strict=True)
    )
    return _with_pen(rows @ ink @ ops.turned(columns), ops)


def _extent(line: Any, threshold: Any, ops: Operations) -> tuple[Any, Any]:
    """Where a vector first and last crosses a threshold, in pixels, linear between their middles.

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
    """Weights `(210, 256)` that bring `longer` canvas pixels to the longer side, centre to centre.

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
    """Brings the width of strokes to that of Omniglot's pen.

    The mean width of strokes is twice the ink's area by the length of its outline, and that length
    is the total variation.
    """
    down, right = ink[1:, :-1] - ink[:-1, :-1], ink[:-1, 1:] - ink[:-1, :-1]
    outline = ops.total(ops.root(down * down + right * right + 1e-12))
    width = 2 * ops.total(ink) / ops.higher(outline, 1e-3)
    thin = ops.higher(THINNEST - width, 0.0) / 2
    thick = ops.where(width <= FILLED, ops.higher(width - THICKEST, 0.0) / 2, 0.0)
    eroded = -ops.grown(-ink, thick)
    # Strokes that are thinner than what is taken off stay as they are.
    lost = ink - ops.grown(eroded, thick)
    return ops.grown(ops.higher(eroded, ops.where(thick > 0, lost, 0.0)), thin)


def _blurred(x: Any, deviation: float, ops: Operations) -> Any:
    kernel = ops.constant(_gaussian(deviation))
    return kernel @ x @ ops.turned(kernel)


@cache
def _edge_repeated(margin: int) -> np.ndarray:
    """The matrix that repeats the first and last pixel of an axis of the canvas."""
    place = np.clip(np.arange(SIDE + 2 * margin) - margin, 0, SIDE - 1)
    return np.eye(SIDE, dtype=np.float32)[place]


@cache
def _gaussian(deviation: float) -> np.ndarray:
    """The matrix of a Gaussian blur along an axis of the canvas; the border's pixels go on."""
    reach = int(4 * deviation + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    matrix = np.zeros((SIDE, SIDE))
    for offset, weight in zip(range(-reach, reach + 1), weights, strict=True):
        np.add.at(matrix, (np.arange(SIDE), np.clip(np.arange(SIDE) + offset, 0, SIDE - 1)), weight)
    return matrix.astype(np.float32)


def _quantile(x: Any, weights: Any, share: float, ops: Operations) -> Any:
    """The level, of 512 in [0, 1], that a share of the weights do not exceed."""
    running = ops.running(ops.histogram(x, weights, _LEVELS))
    return ops.first(running >= share * running[-1]) / _LEVELS


def _otsu(x: Any, weights: Any, ops: Operations) -> Any:
    """Otsu's threshold among the weighted values in [0, 1]."""
    counts = ops.histogram(x, weights, _LEVELS)
    levels = ops.constant((np.arange(_LEVELS, dtype=np.float32) + 0.5) / _LEVELS)
    number, mass = ops.running(counts), ops.running(counts * levels)
    rest = number[-1] - number
    apart = number[-1] * mass - mass[-1] * number
    between = apart * apart / ops.higher(number * rest, 1.0)
    return (ops.highest(between[:-1]) + 1) / _LEVELS

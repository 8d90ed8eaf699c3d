"""The square that a picture is looked at in, with the operations, filters and statistics of it."""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import numpy as np


class Operations(Protocol):
    """Operations on arrays of NumPy or tensors of a graph, float32 except for labels and masks.

    The steps are written once, in terms of these: `keras_siamese.data.drawing.numpy_operations` and
    `keras_siamese.serving.decoding.drawing_tensors` implement them.
    """

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

    def whole(self, x: Any) -> Any:
        """Return the nearest whole number, halves to the next even one."""

    def root(self, x: Any) -> Any:
        """Return the square root."""

    def turned(self, x: Any) -> Any:
        """Return the transpose of a matrix."""

    def widened(self, x: Any, side: int) -> Any:
        """Return the maximum over squares of an odd side; beyond the border there is nothing."""

    def grown(self, x: Any, steps: Any) -> Any:
        """Return the maximum over octagons of a radius of so many pixels, whole or not."""

    def labels(self, mask: Any) -> Any:
        """Label the connected parts (eight neighbours) of a mask; 0 where there is none."""

    def sums(self, labels: Any, values: Any) -> Any:
        """Return the sum of values by label, a vector that begins with that of 0."""

    def taken(self, values: Any, labels: Any) -> Any:
        """Return the value of each label."""

    def histogram(self, x: Any, weights: Any, levels: int) -> Any:
        """Return the weights by level of x, which lies in [0, 1]."""


# A picture is looked at in this many rows and columns, whatever its size and shape.
SIDE = 256
_LEVELS = 512


@cache
def frame(width: int, side: int = SIDE) -> np.ndarray:
    """Return where the outermost pixels of the canvas are.

    Args:
        width: How many pixels from the border count.
        side: Rows and columns of the canvas.

    Returns:
        `(side, side)`, float32, 1 there and 0 inside.
    """
    mask = np.ones((side, side), np.float32)
    mask[width:-width, width:-width] = 0.0
    return mask


def blurred(x: Any, deviation: float, ops: Operations) -> Any:
    """Return a Gaussian blur; pixels beyond the border equal those at the border.

    Args:
        x: `(n, n)`, 256 or any other number.
        deviation: Standard deviation in pixels.
        ops: The operations.

    Returns:
        `(n, n)`.
    """
    # By products of matrices, which NumPy and a graph both have.
    kernel = ops.constant(_gaussian(deviation, int(x.shape[0])))
    return kernel @ x @ ops.turned(kernel)


def closed(x: Any, side: int, ops: Operations) -> Any:
    """Return the morphological closing by a square.

    Pixels beyond the border equal those at the border, so that a strip along it is no stroke.

    Args:
        x: `(n, n)`, 256 or any other number.
        side: Side of the square in pixels, odd.
        ops: The operations.

    Returns:
        `(n, n)`.
    """
    beyond = ops.constant(_edge_repeated(side - 1, int(x.shape[0])))
    wide = ops.widened(beyond @ x @ ops.turned(beyond), side)
    return -ops.widened(-wide, side)[side - 1 : 1 - side, side - 1 : 1 - side]


def quantile(x: Any, weights: Any, share: float, ops: Operations) -> Any:
    """Return the level, of 512 in [0, 1], that a share of the weights do not exceed.

    Args:
        x: Any shape, [0, 1].
        weights: The same shape.
        share: In [0, 1].
        ops: The operations.

    Returns:
        Scalar.
    """
    running = ops.running(ops.histogram(x, weights, _LEVELS))
    return ops.first(running >= share * running[-1]) / _LEVELS


def otsu(x: Any, weights: Any, ops: Operations) -> Any:
    """Return Otsu's threshold.

    Args:
        x: Any shape, [0, 1].
        weights: The same shape.
        ops: The operations.

    Returns:
        Scalar, one of 512 levels in [0, 1].
    """
    counts = ops.histogram(x, weights, _LEVELS)
    levels = ops.constant((np.arange(_LEVELS, dtype=np.float32) + 0.5) / _LEVELS)
    number, mass = ops.running(counts), ops.running(counts * levels)
    rest = number[-1] - number
    apart = number[-1] * mass - mass[-1] * number
    between = apart * apart / ops.higher(number * rest, 1.0)
    return (ops.highest(between[:-1]) + 1) / _LEVELS


@cache
def _edge_repeated(margin: int, length: int) -> np.ndarray:
    """Return the matrix that repeats the first and last pixel of an axis."""
    place = np.clip(np.arange(length + 2 * margin) - margin, 0, length - 1)
    return np.eye(length, dtype=np.float32)[place]


@cache
def _gaussian(deviation: float, length: int) -> np.ndarray:
    """Return the matrix of a Gaussian blur along an axis, as `blurred` describes it."""
    reach = int(4 * deviation + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    weights /= weights.sum()
    matrix, index = np.zeros((length, length)), np.arange(length)
    for offset, weight in zip(range(-reach, reach + 1), weights, strict=True):
        np.add.at(matrix, (index, np.clip(index + offset, 0, length - 1)), weight)
    return matrix.astype(np.float32)

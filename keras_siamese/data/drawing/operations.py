"""What finding a drawing needs beyond the operators of arrays."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Operations(Protocol):
    """Operations on arrays of NumPy or tensors of a graph, float32 except for labels and masks.

    The steps are written once, in terms of these: `keras_siamese.data.drawing.arrays` and
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

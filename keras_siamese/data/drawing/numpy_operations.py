"""The operations of finding a drawing, in NumPy and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
_NEIGHBOURS = np.ones((3, 3), bool)


class ArrayOperations:
    """`Operations` on NumPy arrays."""

    def constant(self, value: np.ndarray) -> np.ndarray:
        """Return the array itself."""
        return value

    def where(self, condition: Any, true: Any, false: Any) -> Any:
        """Choose by a condition."""
        return np.where(condition, true, false)

    def clip(self, x: Any, low: float, high: float) -> Any:
        """Bring to a range."""
        return np.clip(x, low, high)

    def number(self, x: Any) -> Any:
        """Return float32."""
        return np.asarray(x, np.float32)

    def total(self, x: Any) -> Any:
        """Return the sum of everything."""
        return np.sum(x)

    def largest(self, x: Any, axis: int | None = None) -> Any:
        """Return the maximum; 0 of nothing."""
        return np.max(x, axis=axis, initial=0.0)

    def first(self, condition: Any) -> Any:
        """Return the first place at which a vector is true."""
        return np.float32(np.argmax(condition))

    def running(self, x: Any) -> Any:
        """Return the running sums of a vector."""
        return np.cumsum(x)

    def highest(self, x: Any) -> Any:
        """Return the place of a vector's maximum."""
        return np.float32(np.argmax(x))

    def lower(self, x: Any, y: Any) -> Any:
        """Return the smaller of two."""
        return np.minimum(x, y)

    def higher(self, x: Any, y: Any) -> Any:
        """Return the larger of two."""
        return np.maximum(x, y)

    def whole(self, x: Any) -> Any:
        """Return the nearest whole number."""
        return np.rint(x)

    def root(self, x: Any) -> Any:
        """Return the square root."""
        return np.sqrt(x)

    def turned(self, x: Any) -> Any:
        """Return the transpose of a matrix."""
        return x.T

    def widened(self, x: Any, side: int) -> Any:
        """Return the maximum over squares."""
        from scipy.ndimage import maximum_filter

        return maximum_filter(x, side, mode="nearest")

    def grown(self, x: Any, steps: Any) -> Any:
        """Return the maximum over octagons: crosses and squares in turn."""
        from scipy.ndimage import maximum_filter

        for step in range(int(np.ceil(steps))):
            footprint = _NEIGHBOURS if step % 2 else _CROSS
            wider = maximum_filter(x, footprint=footprint, mode="nearest")
            x = x + np.minimum(steps - step, 1) * (wider - x)
        return x

    def labels(self, mask: Any) -> Any:
        """Label the connected parts of a mask."""
        from scipy.ndimage import label

        return label(mask, _NEIGHBOURS)[0]

    def sums(self, labels: Any, values: Any) -> Any:
        """Return the sum of values by label."""
        return np.bincount(labels.ravel(), values.ravel()).astype(np.float32)

    def taken(self, values: Any, labels: Any) -> Any:
        """Return the value of each label."""
        return values[labels]

    def histogram(self, x: Any, weights: Any, levels: int) -> Any:
        """Return the weights by level."""
        place = np.minimum((x * levels).astype(np.int32), levels - 1)
        return np.bincount(place.ravel(), weights.ravel(), levels).astype(np.float32)

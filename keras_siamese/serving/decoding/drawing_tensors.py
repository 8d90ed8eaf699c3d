"""The operations of finding a drawing, inside a TensorFlow graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


class TensorOperations:
    """`Operations` on tensors."""

    def constant(self, value: np.ndarray) -> tf.Tensor:
        """Return a constant."""
        return tf.constant(value)

    def where(self, condition: Any, true: Any, false: Any) -> tf.Tensor:
        """Choose by a condition."""
        return tf.where(condition, true, false)

    def clip(self, x: Any, low: float, high: float) -> tf.Tensor:
        """Bring to a range."""
        return tf.clip_by_value(x, low, high)

    def number(self, x: Any) -> tf.Tensor:
        """Return float32."""
        return tf.cast(x, tf.float32)

    def total(self, x: Any) -> tf.Tensor:
        """Return the sum of everything."""
        return tf.reduce_sum(x)

    def largest(self, x: Any, axis: int | None = None) -> tf.Tensor:
        """Return the maximum; all that comes here is at least 0."""
        return tf.reduce_max(x, axis=axis)

    def first(self, condition: Any) -> tf.Tensor:
        """Return the first place at which a vector is true."""
        return self.highest(tf.cast(condition, tf.int32))

    def running(self, x: Any) -> tf.Tensor:
        """Return the running sums of a vector."""
        return tf.cumsum(x)

    def highest(self, x: Any) -> tf.Tensor:
        """Return the place of a vector's maximum."""
        return tf.cast(tf.argmax(x), tf.float32)

    def lower(self, x: Any, y: Any) -> tf.Tensor:
        """Return the smaller of two."""
        return tf.minimum(x, y)

    def higher(self, x: Any, y: Any) -> tf.Tensor:
        """Return the larger of two."""
        return tf.maximum(x, y)

    def whole(self, x: Any) -> tf.Tensor:
        """Return the nearest whole number."""
        return tf.round(x)

    def root(self, x: Any) -> tf.Tensor:
        """Return the square root."""
        return tf.sqrt(x)

    def turned(self, x: Any) -> tf.Tensor:
        """Return the transpose of a matrix."""
        return tf.transpose(x)

    def widened(self, x: Any, side: int) -> tf.Tensor:
        """Return the maximum over squares, one axis after the other."""
        return _widened(_widened(x, side, 0), side, 1)

    def grown(self, x: Any, steps: Any) -> tf.Tensor:
        """Return the maximum over octagons: crosses and squares in turn."""

        def step(done: tf.Tensor, image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            column, row = _widened(image, 3, 0), _widened(image, 3, 1)
            wider = tf.where(done % 2 == 1, _widened(column, 3, 1), tf.maximum(column, row))
            return done + 1, image + tf.minimum(steps - done, 1.0) * (wider - image)

        start = (tf.constant(0.0), tf.convert_to_tensor(x))
        return tf.while_loop(lambda done, _: done < steps, step, start)[1]

    def labels(self, mask: Any) -> tf.Tensor:
        """Label the connected parts of a mask, each with the last of its pixels.

        Every pixel takes the highest number around it, and then the number that the pixel of that
        number has, so that a number goes twice as far each time.
        """
        number = tf.reshape(tf.range(1, tf.size(mask) + 1), tf.shape(mask))
        start = tf.where(mask, number, 0)

        def spread(label: tf.Tensor, _: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            wide = tf.where(mask, self.widened(label, 3), 0)
            for _ in range(2):
                table = tf.concat([[0], tf.reshape(wide, (-1,))], axis=0)
                wide = tf.gather(table, wide)
            return wide, tf.reduce_any(wide != label)

        return tf.while_loop(lambda _, changed: changed, spread, (start, tf.constant(True)))[0]

    def sums(self, labels: Any, values: Any) -> tf.Tensor:
        """Return the sum of values by label."""
        count = tf.size(labels) + 1
        return tf.math.unsorted_segment_sum(
            tf.reshape(values, (-1,)), tf.reshape(labels, (-1,)), count
        )

    def taken(self, values: Any, labels: Any) -> tf.Tensor:
        """Return the value of each label."""
        return tf.gather(values, labels)

    def histogram(self, x: Any, weights: Any, levels: int) -> tf.Tensor:
        """Return the weights by level."""
        place = tf.minimum(tf.cast(x * levels, tf.int32), levels - 1)
        return tf.math.unsorted_segment_sum(
            tf.reshape(weights, (-1,)), tf.reshape(place, (-1,)), levels
        )


def _widened(x: tf.Tensor, side: int, axis: int) -> tf.Tensor:
    """Return the maximum over an odd number of pixels along an axis, around each pixel.

    Maxima over 2, 4, 8 and more pixels come from those over half as many, which is faster than a
    pooling.
    """
    margin = [[0, 0], [0, 0]]
    margin[axis] = [side // 2, side // 2]
    x = tf.pad(x, margin, constant_values=x.dtype.min)
    covered = 1
    while covered < side:
        shift = min(covered, side - covered)
        first, second = (x[:-shift], x[shift:]) if axis == 0 else (x[:, :-shift], x[:, shift:])
        x = tf.maximum(first, second)
        covered += shift
    return x

"""Bytes of a file inside a TensorFlow graph, as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

# What lies behind the end of a file is read as so many zeros, so that no header is cut off.
_BEHIND = 128


class Octets:
    """The bytes of a file; a number behind its end is 0."""

    def __init__(self, content: tf.Tensor) -> None:
        """Take a file.

        Args:
            content: Scalar, string.
        """
        values = tf.io.decode_raw(content, tf.uint8)
        self.length = tf.size(values, out_type=tf.int64)
        self._values = tf.concat([values, tf.zeros(_BEHIND, tf.uint8)], axis=0)

    def count(self, pair: bytes) -> tf.Tensor:
        """Return how often two bytes stand somewhere, the second behind the first.

        Args:
            pair: The two.

        Returns:
            Scalar, int64.
        """
        first, second = tf.equal(self._values, pair[0]), tf.equal(self._values, pair[1])
        return tf.math.count_nonzero(first[:-1] & second[1:])

    def markers(self) -> tf.Tensor:
        """Return where the markers of a JPEG file may stand, also inside of other data.

        Returns:
            `(n,)`, int64, rising: each 0xFF with a byte behind it that begins a segment or ends an
            image.
        """
        second = self._values[1:]
        bare = (second <= 0x01) | ((second >= 0xD0) & (second <= 0xD8)) | tf.equal(second, 0xFF)
        return tf.where(tf.equal(self._values[:-1], 0xFF) & ~bare)[:, 0]

    def run(self, start: tf.Tensor | int, count: tf.Tensor | int) -> tf.Tensor:
        """Return some bytes in a row, without those that lie far behind the end.

        Args:
            start: Scalar, int64.
            count: Scalar, int64, how many.

        Returns:
            `(count,)` or fewer, uint8.
        """
        start = tf.clip_by_value(tf.cast(start, tf.int64), 0, self.length)
        if not isinstance(count, int):
            available = tf.size(self._values, out_type=tf.int64) - start
            count = tf.clip_by_value(tf.cast(count, tf.int64), 0, available)
        return tf.slice(self._values, [start], [count])

    def fields(
        self, start: tf.Tensor | int, places: Sequence[tuple[int, int]], *, little: bool = False
    ) -> list[tf.Tensor]:
        """Return whole numbers without signs, such as those of a header.

        Args:
            start: Where the header starts, int64.
            places: Of each number, where it starts in the header, and its bytes, at most 4.
            little: Whether the lowest byte comes first.

        Returns:
            Scalars, int64. All come from few operations, where one each would make the graph large.
        """
        weights = np.zeros((len(places), max(at + size for at, size in places)), np.int64)
        for row, (at, size) in enumerate(places):
            for place in range(size):
                weights[row, at + place] = 256 ** (place if little else size - 1 - place)
        octets = tf.cast(self.run(start, weights.shape[1]), tf.int64)
        return tf.unstack(tf.reduce_sum(weights * octets, axis=1), num=len(places))

    def number(self, start: tf.Tensor | int, size: int, *, little: bool = False) -> tf.Tensor:
        """Return a whole number without a sign.

        Args:
            start: Where it starts, int64.
            size: How many bytes it has, 1 to 4.
            little: Whether the lowest byte comes first.

        Returns:
            Scalar, int64.
        """
        return self.fields(start, [(0, size)], little=little)[0]


def pick(condition: tf.Tensor, yes: tf.Tensor | int, no: tf.Tensor | int) -> tf.Tensor:
    """Return one of two whole numbers, int64.

    Args:
        condition: bool.
        yes: What is returned where it holds.
        no: What is returned elsewhere.

    Returns:
        int64, of the shape that the three have together.
    """
    return tf.where(condition, tf.cast(yes, tf.int64), tf.cast(no, tf.int64))

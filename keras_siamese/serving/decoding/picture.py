"""What every decoder returns, and the checks that come before one."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

# The longest side that is decoded, as outside the graph: resizing takes memory in proportion to it.
_MAX_SIDE = 32_767


class Picture(NamedTuple):
    """A decoded file, as Pillow reads it.

    Attributes:
        rgb: `(height, width, 3)`, uint8, [0, 255].
        alpha: `(height, width, 1)`, uint8, opacity, 255 where nothing shines through.
        orientation: Scalar, int64, 1 to 8, how it is to be turned; see `upright`.
    """

    rgb: tf.Tensor
    alpha: tf.Tensor
    orientation: tf.Tensor


class Bounds(NamedTuple):
    """What a file may be, and what errors call it.

    Attributes:
        name: Scalar, string, start of an error's text, as in "Input `left`, row 0,".
        max_pixels: Largest height times width.
    """

    name: tf.Tensor
    max_pixels: int

    def require(
        self, condition: tf.Tensor, expected: str, received: str, *values: tf.Tensor
    ) -> tf.Operation:
        """Return an operation that fails, with the file's name and values, unless something holds.

        Args:
            condition: Scalar, bool.
            expected: What the input must hold, and what to do.
            received: What came, in words that the values follow.
            *values: Numbers.
        """
        text = tf.strings.join([self.name, f" must hold {expected} Received: {received}"])
        return require(condition, text, *values)

    def check_size(self, height: tf.Tensor, width: tf.Tensor) -> tf.Operation:
        """Return an operation that fails unless the size in a file's header is within bounds.

        Args:
            height: Scalar, whole number.
            width: Scalar, whole number.
        """
        height, width = tf.cast(height, tf.int64), tf.cast(width, tf.int64)
        fits = (height > 0) & (width > 0) & (tf.maximum(height, width) <= _MAX_SIDE)
        return self.require(
            # The product of two sides that do not fit could be too large for its type.
            fits
            & (tf.minimum(height, _MAX_SIDE) * tf.minimum(width, _MAX_SIDE) <= self.max_pixels),
            f"images of at most {self.max_pixels} pixels, from 1 to {_MAX_SIDE} on a side. Reduce "
            "larger ones.",
            "an image of height and width",
            height,
            width,
        )

    def check_whole(self, whole: tf.Tensor, kind: str, length: tf.Tensor) -> tf.Operation:
        """Return an operation that fails where a file was cut off.

        TensorFlow's decoders refuse it, too, but cannot say which file of a batch it is.

        Args:
            whole: Scalar, bool, whether the file has its end.
            kind: What it is, such as "PNG".
            length: Scalar, int64, its bytes.
        """
        return self.require(
            whole, "whole files. Send it again.", f"a {kind} file that was cut off, bytes:", length
        )

    def check_single(self, single: tf.Tensor) -> tf.Operation:
        """Return an operation that fails unless a file is a single picture.

        Args:
            single: Scalar, bool.
        """
        return self.require(
            single, "single pictures. Save the frame that you mean.", "a file of several frames"
        )


def require(condition: tf.Tensor, text: tf.Tensor | str, *values: tf.Tensor) -> tf.Operation:
    """Return an operation that fails, with a text and values, unless something holds.

    `tf.debugging.Assert` puts each check into separate functions, which makes a graph with many
    checks slow to write and to load.

    Args:
        condition: Scalar, bool.
        text: The error's first part.
        *values: What follows it.
    """
    return tf.raw_ops.Assert(
        condition=condition, data=[tf.convert_to_tensor(text), *values], summarize=8
    )


def opaque(rgb: tf.Tensor) -> tf.Tensor:
    """Return the alpha of a picture without transparency.

    Args:
        rgb: `(height, width, 3)`, uint8.

    Returns:
        `(height, width, 1)`, uint8, 255.
    """
    return tf.fill(tf.concat([tf.shape(rgb)[:2], [1]], axis=0), tf.constant(255, tf.uint8))

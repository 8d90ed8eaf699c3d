"""Levels of 16 bits, of which many use fewer, as `keras_siamese.data.images.sixteen_bits` has."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data.images.sixteen_bits import FEWEST_BITS, MOST_BITS, PIXELS_PER_OUTLIER
from keras_siamese.serving.decoding.picture import Bounds


def high_bits(levels: tf.Tensor) -> tf.Tensor:
    """Return the eight highest bits in use.

    Args:
        levels: Any shape, uint16.

    Returns:
        The same shape, uint8.
    """
    numbers = tf.cast(levels, tf.int32)
    kept = tf.bitwise.right_shift(numbers, bits_in_use(numbers) - 8)
    return tf.cast(tf.minimum(kept, 255), tf.uint8)


def spread_high_bytes(pixels: tf.Tensor, bounds: Bounds) -> tf.Tensor:
    """Return levels of which only the high bytes are known, spread over the bits in use.

    Args:
        pixels: `(height, width, 3)`, uint8, the high bytes.
        bounds: What errors call the file.

    Returns:
        The same shape and type.
    """
    bits = bits_in_use(tf.cast(pixels, tf.int32) * 256)
    seen = bounds.require(
        bits > FEWEST_BITS,
        "pictures that are not black. Save it with 8 bits per channel.",
        "one that uses the lower 8 of its 16 bits per channel",
    )
    with tf.control_dependencies([seen]):
        highest = tf.cast(2 ** (bits - 8) - 1, tf.float64)
    spread = tf.round(tf.cast(pixels, tf.float64) * (255.0 / highest))
    return tf.cast(tf.minimum(spread, 255.0), tf.uint8)


def bits_in_use(levels: tf.Tensor) -> tf.Tensor:
    """Return how many of 16 bits hold what is there.

    Args:
        levels: Any shape, int32, in [0, 65535].

    Returns:
        Scalar, int32: 8 to 14, or 16.
    """
    few = tf.size(levels, out_type=tf.int64) // PIXELS_PER_OUTLIER
    bits = tf.constant(16)
    for fewer in range(MOST_BITS, FEWEST_BITS - 1, -1):
        beyond = tf.math.count_nonzero(levels >= 2**fewer)
        bits = tf.where(beyond <= few, fewer, bits)
    return bits

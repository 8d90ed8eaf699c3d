"""Resizing inside a TensorFlow graph, as `keras_siamese.data.resampling` does it."""

from __future__ import annotations

import tensorflow as tf


def resize(pixels: tf.Tensor, size: tuple[int, int], aspect: str) -> tf.Tensor:
    """Bring an image to a size.

    Args:
        pixels: `(height, width, channels)`, uint8.
        size: Height and width in pixels.
        aspect: "stretch", or "fit" to keep the proportions and fill the rest with the border's
            median.

    Returns:
        `(*size, channels)`, uint8.
    """
    if aspect == "stretch":
        return _stretch(pixels, *size)
    have = tf.cast(tf.shape(pixels)[:2], tf.float64)
    scale = tf.reduce_min(tf.constant(size, tf.float64) / have)
    inner = tf.maximum(tf.cast(tf.round(scale * have), tf.int32), 1)
    before = (tf.constant(size) - inner) // 2
    after = tf.constant(size) - inner - before
    around = tf.concat([tf.stack([before, after], axis=1), [[0, 0]]], axis=0)
    fill = _median(tf.concat([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]], axis=0))
    inside = tf.pad(tf.ones((inner[0], inner[1], 1), tf.bool), around)
    return tf.where(inside, tf.pad(_stretch(pixels, inner[0], inner[1]), around), fill)


def _stretch(pixels: tf.Tensor, height: tf.Tensor | int, width: tf.Tensor | int) -> tf.Tensor:
    """Return whole levels `(height, width, channels)`, uint8, as `resize_images` does."""
    old_height, old_width = tf.shape(pixels)[0], tf.shape(pixels)[1]
    levels = tf.cast(pixels, tf.float32)
    levels = tf.einsum("ih,hwc->iwc", _axis_weights(old_height, height), levels)
    levels = tf.einsum("jw,iwc->ijc", _axis_weights(old_width, width), levels)
    # Means over whole blocks round halves up there, and everything else rounds them to even.
    blocks = tf.equal(old_height % height, 0) & tf.equal(old_width % width, 0)
    levels = tf.where(blocks, tf.floor(levels + 0.501), tf.round(levels))
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)


def _axis_weights(old: tf.Tensor, new: tf.Tensor | int) -> tf.Tensor:
    """Compute the resampling matrix of one axis, `(new, old)`, float32, every row sums to 1."""
    length, wanted = tf.cast(old, tf.float64), tf.cast(new, tf.float64)
    index = tf.range(length)

    edges = tf.range(wanted + 1) * (length / wanted)
    low = tf.maximum(edges[:-1, None], index)
    high = tf.minimum(edges[1:, None], index + 1)
    overlap = tf.nn.relu(high - low)
    mean = overlap / tf.reduce_sum(overlap, axis=1, keepdims=True)
    centres = (tf.range(wanted) + 0.5) * length / wanted - 0.5
    centres = tf.clip_by_value(centres, 0.0, length - 1)
    linear = tf.nn.relu(1 - tf.abs(centres[:, None] - index))
    return tf.cast(tf.where(new <= old, mean, linear), tf.float32)


def _median(values: tf.Tensor) -> tf.Tensor:
    """Return the median of each column, without its half where there is one.

    Args:
        values: `(n, channels)`, uint8.

    Returns:
        `(channels,)`, uint8.
    """
    ordered = tf.sort(tf.cast(values, tf.int32), axis=0)
    count = tf.shape(ordered)[0]
    middle = ordered[(count - 1) // 2] + ordered[count // 2]
    return tf.cast(middle // 2, tf.uint8)

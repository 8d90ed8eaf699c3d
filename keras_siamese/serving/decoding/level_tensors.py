"""Paper and ink of a drawing in a graph, as `keras_siamese.data.images.paper_levels` finds them."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data.images.paper_levels import (
    ABOVE_NOISE,
    BETWEEN,
    BORDER_SHARE,
    DUST,
    FAINT,
    LEAST_CONTRAST,
    LEAST_PAPER,
)
from keras_siamese.serving.decoding.picture import Bounds


def histogram(grey: tf.Tensor) -> tf.Tensor:
    """Return how many pixels have each level.

    Args:
        grey: `(height, width)`, uint8.

    Returns:
        `(256,)`, int64.
    """
    levels = tf.cast(tf.reshape(grey, (-1,)), tf.int32)
    return tf.cast(tf.math.bincount(levels, minlength=256, maxlength=256), tf.int64)


def light_paper(grey: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """Judge whether the paper of a drawing is its light side.

    Args:
        grey: `(height, width)`, uint8.
        counts: Its histogram.

    Returns:
        Scalar, bool.
    """
    threshold = _otsu(counts)
    border = tf.concat([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]], axis=0)
    of_border = _mean(tf.cast(border, tf.int64) > threshold)
    share = tf.cast(tf.reduce_sum(counts[threshold + 1 :]), tf.float64) / tf.cast(
        tf.reduce_sum(counts), tf.float64
    )
    light = (of_border >= BORDER_SHARE) & (share >= LEAST_PAPER)
    dark = (1 - of_border >= BORDER_SHARE) & (1 - share >= LEAST_PAPER)
    return light | (~dark & (share >= 0.5))


def level_table(counts: tf.Tensor, bounds: Bounds) -> tf.Tensor:
    """Return what each level becomes, so that the paper is at 255 and the ink at 0.

    Args:
        counts: Histogram of a drawing whose paper is lighter than its ink.
        bounds: What errors call the file.

    Returns:
        `(256,)`, uint8.
    """
    threshold = _otsu(counts)
    dark, light = tf.cumsum(counts[: threshold + 1]), tf.cumsum(counts[threshold + 1 :])
    ink = _first(dark, DUST)
    paper, brightest = (threshold + 1 + _first(light, share, beyond=True) for share in (0.5, 0.99))
    contrast = paper - ink
    beyond = tf.cast(brightest - paper, tf.float64)
    noisy = tf.where(
        brightest < 255,
        tf.cast(contrast, tf.float64) < ABOVE_NOISE * beyond,
        _between(counts, threshold) < BETWEEN,
    )
    alike = (contrast < LEAST_CONTRAST) | ((contrast < FAINT) & noisy)
    found = tf.where(counts > 0)[:, 0]
    drawn = bounds.require(
        ~alike & (tf.math.count_nonzero(counts) >= 2),
        "drawings with ink that stands out from the paper. Replace blank ones, and darken what is "
        "too faint.",
        "one whose pixels are nearly equal, of levels from and to",
        found[0],
        found[-1],
    )
    with tf.control_dependencies([drawn]):
        ink = tf.identity(ink)
    darkest = tf.argmax(dark >= 1)
    near = tf.cast(ink - darkest, tf.float64) <= tf.cast(contrast, tf.float64) / 8
    ink = tf.where(near, darkest, ink)
    span = tf.cast(tf.maximum(paper - ink, 1), tf.float64)
    share = tf.cast(tf.range(256, dtype=tf.int64) - ink, tf.float64) / span
    return tf.cast(tf.round(255 * tf.clip_by_value(share, 0, 1)), tf.uint8)


def _first(total: tf.Tensor, share: float, *, beyond: bool = False) -> tf.Tensor:
    """Return where a running total first reaches, or exceeds, a share of its last value, int64."""
    numbers = tf.cast(total, tf.float64)
    limit = share * numbers[-1]
    return tf.reduce_sum(tf.cast(numbers <= limit if beyond else numbers < limit, tf.int64))


def _between(counts: tf.Tensor, threshold: tf.Tensor) -> tf.Tensor:
    """Return the share of the variance that lies between the two sides of a threshold, float64."""
    levels, number = tf.range(256, dtype=tf.float64), tf.cast(counts, tf.float64)
    dark = tf.where(tf.range(256, dtype=tf.int64) <= threshold, number, 0.0)

    def mean(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(values * weights) / tf.reduce_sum(weights)

    total = mean((levels - mean(levels, number)) ** 2, number)
    share = tf.reduce_sum(dark) / tf.reduce_sum(number)
    apart = mean(levels, number - dark) - mean(levels, dark)
    return share * (1 - share) * apart**2 / total


def _otsu(counts: tf.Tensor) -> tf.Tensor:
    """Return the level up to which pixels are dark, int64."""
    weighted = counts * tf.range(256, dtype=tf.int64)
    number, total = tf.cumsum(counts)[:-1], tf.cumsum(weighted)[:-1]
    everything = tf.reduce_sum(counts)
    # Whole numbers up to the division, so that the result is the same to the last bit.
    distance = everything * total - number * tf.reduce_sum(weighted)
    both = tf.cast(tf.maximum(number * (everything - number), 1), tf.float64)
    return tf.argmax(tf.cast(distance, tf.float64) ** 2 / both)


def _mean(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(values, tf.float64))

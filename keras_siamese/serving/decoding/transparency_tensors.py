"""Transparent pictures on a ground, as `keras_siamese.data.images.transparency` lays them."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data import Preprocessing
from keras_siamese.data.images.transparency import LIGHT, ONE_COLOR, VISIBLE
from keras_siamese.serving.decoding.picture import Bounds, Picture


def laid_on_paper(picture: Picture, preprocessing: Preprocessing, bounds: Bounds) -> tf.Tensor:
    """Lay a picture on paper, where it has transparent pixels, and make it grey where asked for.

    Args:
        picture: What a decoder returned.
        preprocessing: How it is read; `color` and `polarity` count.
        bounds: What errors call the file.

    Returns:
        `(height, width, 1)` or `(height, width, 3)`, uint8.
    """
    grey = preprocessing.color == "grey"

    def colored(rgb: tf.Tensor) -> tf.Tensor:
        return luma(rgb) if grey else rgb

    lowest = tf.cast(tf.reduce_min(picture.alpha), tf.int32)
    return tf.cond(
        tf.equal(lowest, 255),
        lambda: colored(picture.rgb),
        lambda: _laid(picture, preprocessing, bounds),
    )


def _laid(picture: Picture, preprocessing: Preprocessing, bounds: Bounds) -> tf.Tensor:
    grey, polarity = preprocessing.color == "grey", preprocessing.polarity
    alpha = tf.cast(picture.alpha, tf.int32)
    lowest, highest = tf.reduce_min(alpha), tf.reduce_max(alpha)
    shown = bounds.require(
        highest > 0, "pictures that show something. Replace it.", "one that is wholly transparent"
    )
    with tf.control_dependencies([shown]):
        visible = (alpha >= tf.minimum(VISIBLE, highest))[..., 0]
    colors = tf.cast(tf.boolean_mask(picture.rgb, visible), tf.int32)
    spread = tf.reduce_max(colors, axis=0) - tf.reduce_min(colors, axis=0)
    one_color = tf.reduce_all(spread <= ONE_COLOR) & (lowest < highest)
    levels = tf.cast(tf.boolean_mask(luma(picture.rgb)[..., 0], visible), tf.int64)
    weights = tf.cast(tf.boolean_mask(alpha[..., 0], visible), tf.int64)
    share, level = LIGHT["L" if grey else "RGB"]
    light = _share(tf.where(levels >= level, weights, 0), weights) >= share
    border = tf.concat([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]], axis=0)
    clear = tf.cast(border < 128, tf.int64)
    dark = light & (_share(clear, tf.ones_like(clear)) >= 0.5)
    if polarity == "dark_on_light":
        dark = tf.constant(False)
    if not grey:
        dark = tf.where(one_color, _share(levels, tf.ones_like(levels)) >= 128, dark)

    def composite() -> tf.Tensor:
        # Rounded as Pillow's `alpha_composite` does.
        ground = tf.where(dark, 0, 255)
        value = (tf.cast(picture.rgb, tf.int32) * alpha + ground * (255 - alpha) + 128) * 128
        rgb = tf.cast((((value // 256) + value) // 256) // 128, tf.uint8)
        return luma(rgb) if grey else rgb

    if not grey:
        return composite()
    # The drawing is what is opaque.
    opacity = picture.alpha if polarity == "light_on_dark" else 255 - picture.alpha
    return tf.cond(one_color, lambda: opacity, composite)


def luma(rgb: tf.Tensor) -> tf.Tensor:
    """Return the luma of ITU-R 601, in the integers of Pillow's mode "L".

    Args:
        rgb: `(height, width, 3)`, uint8.

    Returns:
        `(height, width, 1)`, uint8.
    """
    # All sums are whole numbers below 2^24, so that float32 holds them.
    weights = tf.constant([[19595.0], [38470.0], [7471.0]])
    weighted = tf.tensordot(tf.cast(rgb, tf.float32), weights, 1)
    return tf.cast(tf.floor((weighted + 32768.0) / 65536.0), tf.uint8)


def _share(part: tf.Tensor, whole: tf.Tensor) -> tf.Tensor:
    """Return one sum of whole numbers by another, float64."""
    above, below = tf.reduce_sum(part), tf.reduce_sum(whole)
    return tf.cast(above, tf.float64) / tf.cast(below, tf.float64)

"""From a decoded picture to an image as a network takes it, as `Preprocessing` goes about it."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data import Preprocessing
from keras_siamese.serving.decoding.exif import upright
from keras_siamese.serving.decoding.finding import cropped, found
from keras_siamese.serving.decoding.level_tensors import histogram, level_table, light_paper
from keras_siamese.serving.decoding.picture import Bounds, Picture
from keras_siamese.serving.decoding.resizing import resize
from keras_siamese.serving.decoding.transparency_tensors import laid_on_paper, luma


def read_picture(picture: Picture, preprocessing: Preprocessing, bounds: Bounds) -> tf.Tensor:
    """Bring a picture to a network's colour, polarity, levels and size.

    Args:
        picture: What a decoder returned.
        preprocessing: How it is read; `paper` is not "redraw".
        bounds: What errors call the file.

    Returns:
        `(height, width, channels)`, uint8, ink 255: what `Preprocessing.read` returns.
    """
    pixels = laid_on_paper(picture, preprocessing, bounds)
    pixels = upright(pixels, picture.orientation)
    drawn = bounds.require(
        tf.reduce_any(tf.not_equal(pixels, pixels[:1, :1])),
        "pictures that show something. Replace it.",
        "a blank one, every pixel of which is",
        pixels[0, 0],
    )
    with tf.control_dependencies([drawn]):
        pixels = tf.identity(pixels)
    if preprocessing.paper == "find":
        return found(pixels, preprocessing, bounds)
    if preprocessing.paper == "crop":
        pixels = cropped(pixels, preprocessing.shape[-1])
    grey = pixels if preprocessing.color == "grey" else luma(pixels)
    counts = histogram(grey)
    # What every level becomes so that ink is dark: the levels are changed once, at the end.
    table = tf.range(256)
    if preprocessing.polarity == "auto":
        light = light_paper(grey[..., 0], counts)
        table = tf.where(light, table, 255 - table)
        counts = tf.where(light, counts, counts[::-1])
    elif preprocessing.polarity == "light_on_dark" and not preprocessing.keeps_levels:
        table, counts = 255 - table, counts[::-1]
    if preprocessing.paper == "level":
        table = tf.gather(level_table(counts, bounds), table)
    pixels = tf.gather(tf.cast(table, tf.uint8), tf.cast(pixels, tf.int32))
    image = resize(pixels, preprocessing.size, preprocessing.aspect)
    image = tf.ensure_shape(image, preprocessing.shape)
    left = bounds.require(
        tf.reduce_any(tf.not_equal(image, image[:1, :1])) | (preprocessing.size == (1, 1)),
        f"pictures that show something at {preprocessing.size[0]}x{preprocessing.size[1]} pixels. "
        "Crop it to what it shows.",
        "one of which nothing is left, of height and width",
        *tf.unstack(tf.shape(pixels)[:2]),
    )
    with tf.control_dependencies([left]):
        image = tf.identity(image)
    as_is = preprocessing.polarity == "light_on_dark" and preprocessing.keeps_levels
    return image if as_is else 255 - image

"""The drawing in a picture of paper inside a graph, as `keras_siamese.data.drawing` reads it."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data import Preprocessing
from keras_siamese.data.drawing import content, find_drawing
from keras_siamese.data.drawing.canvas import SIDE
from keras_siamese.serving.decoding.drawing_tensors import TensorOperations
from keras_siamese.serving.decoding.picture import Bounds
from keras_siamese.serving.decoding.resizing import resize


def found(grey: tf.Tensor, preprocessing: Preprocessing, bounds: Bounds) -> tf.Tensor:
    """Read the drawing on a picture of paper.

    Args:
        grey: `(height, width, 1)`, uint8.
        preprocessing: How it is read; `size` and `polarity` count.
        bounds: What errors call the file.

    Returns:
        `(*size, 1)`, uint8, ink 255.
    """
    height, width = tf.unstack(tf.cast(tf.shape(grey)[:2], tf.float32))
    canvas = _seen(grey, SIDE, 1)[..., 0]
    drawing = find_drawing(canvas, height, width, preprocessing.polarity, TensorOperations())
    levels = tf.cast(grey, tf.int32)
    drawn = bounds.require(
        drawing.ink.drawn,
        "pictures with a drawing that stands out from its paper. Replace blank ones, and darken "
        "what is too faint.",
        "one with nothing drawn on it, of levels from and to",
        tf.reduce_min(levels),
        tf.reduce_max(levels),
    )
    with tf.control_dependencies([drawn]):
        image = tf.identity(drawing.image)
    square = tf.cast(tf.round(255 * image), tf.uint8)[..., None]
    rows, columns = preprocessing.size
    side = min(rows, columns)
    top, left = (rows - side) // 2, (columns - side) // 2
    around = [[top, rows - side - top], [left, columns - side - left], [0, 0]]
    return tf.pad(resize(square, (side, side), "stretch"), around)


def cropped(pixels: tf.Tensor, channels: int) -> tf.Tensor:
    """Crop the picture of a small sign on plain paper, as `drawing_reading.cropped` does.

    Args:
        pixels: `(height, width, channels)`, uint8.
        channels: How many these are.

    Returns:
        The part that shows the sign, or the picture.
    """
    height, width = tf.unstack(tf.cast(tf.shape(pixels)[:2], tf.float32))
    canvas = tf.unstack(_seen(pixels, content.SIDE, channels), axis=-1)
    window = content.sign_window(canvas, height, width, TensorOperations())
    top, bottom, left, right = (tf.cast(end, tf.int32) for end in window)
    return pixels[top:bottom, left:right]


def _seen(pixels: tf.Tensor, side: int, channels: int) -> tf.Tensor:
    """Return a picture stretched to a square, `(side, side, channels)`, float32, [0, 1]."""
    canvas = resize(_reduced(pixels, side), (side, side), "stretch")
    return tf.ensure_shape(tf.cast(canvas, tf.float32) / 255.0, (side, side, channels))


def _reduced(pixels: tf.Tensor, canvas: int) -> tf.Tensor:
    """Return the means of blocks, as `drawing_reading.reduced` does, `(..., ..., channels)`."""
    sides = tf.shape(pixels)[:2]
    blocks = tf.maximum(sides // (2 * canvas), 1)
    size = sides // blocks
    whole = pixels[: size[0] * blocks[0], : size[1] * blocks[1]]
    parts = tf.reshape(whole, tf.stack([size[0], blocks[0], size[1], blocks[1], -1]))
    # Sums of whole numbers, so that halves are rounded up exactly.
    total = tf.reduce_sum(tf.cast(parts, tf.int32), axis=(1, 3))
    count = blocks[0] * blocks[1]
    return tf.cast((2 * total + count) // (2 * count), tf.uint8)

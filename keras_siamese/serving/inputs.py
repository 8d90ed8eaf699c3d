"""What the served signatures refuse, with errors that name the input."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.serving.decoding.picture import require


def checked_images(
    images: tf.Tensor, name: str, shape: tuple[int, int, int], *, max_images: int
) -> tf.Tensor:
    """Return a batch of images, or fail where a network cannot take it.

    Args:
        images: `(batch, *shape)`, float32, as the signature says; a server does not enforce it.
        name: The input's name.
        shape: Height, width and channels.
        max_images: Most images of a batch.

    Returns:
        The images.

    Raises:
        tf.errors.InvalidArgumentError: When it runs, if the batch is empty, too long or of another
            shape, or holds values that are not finite or outside [0, 1].
    """
    held = _held(images)
    given = _value(held, tf.float32, None)
    received = tf.shape(given)
    sides = tf.concat([received, tf.zeros(4, tf.int32)], axis=0)[:4]
    right = tf.equal(tf.rank(given), 4) & tf.reduce_all(tf.equal(sides[1:], shape)) & (sides[0] > 0)
    fits = require(
        right,
        f"Input `{name}` must hold one image or more, of shape (batch, {shape[0]}, {shape[1]}, "
        f"{shape[2]}). Resize the images. Received: an array of shape",
        received,
    )
    few = _few(sides[0], name, max_images)
    with tf.control_dependencies([fits, few]):
        images = _value(held, tf.float32, (None, *shape))
    # A value that is no number is neither.
    within = tf.reduce_all((images >= 0.0) & (images <= 1.0))
    bounded = require(
        within,
        f"Input `{name}` must hold finite values in [0, 1], ink 1. Divide levels of up to 255 "
        "by 255. Received: values from and to",
        tf.reduce_min(images),
        tf.reduce_max(images),
    )
    with tf.control_dependencies([bounded]):
        return tf.identity(images)


def checked_files(contents: tf.Tensor, name: str, *, max_images: int) -> tf.Tensor:
    """Return a batch of files, or fail where it is empty or too long.

    Args:
        contents: `(batch,)`, string.
        name: The input's name.
        max_images: Most files of a batch.

    Returns:
        The files.

    Raises:
        tf.errors.InvalidArgumentError: When it runs, if the batch is empty, too long or no list.
    """
    held = _held(contents)
    given = _value(held, tf.string, None)
    fits = require(
        tf.equal(tf.rank(given), 1) & (tf.size(given) > 0),
        f"Input `{name}` must hold the bytes of one file or more, of shape (batch,). Received: "
        "an array of shape",
        tf.shape(given),
    )
    with tf.control_dependencies([fits, _few(tf.size(given), name, max_images)]):
        return _value(held, tf.string, (None,))


def checked_pairs(left: tf.Tensor, right: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return two batches, or fail where one is longer.

    Args:
        left: `(batch, ...)`.
        right: `(batch, ...)`.

    Returns:
        Both.

    Raises:
        tf.errors.InvalidArgumentError: When it runs, if their lengths differ.
    """
    rows = tf.shape(left)[0], tf.shape(right)[0]
    alike = require(
        tf.equal(*rows),
        "Inputs `left` and `right` must hold as many images as each other, since each is "
        "compared with the one in its row. Received: so many",
        *rows,
    )
    with tf.control_dependencies([alike]):
        return tf.identity(left), tf.identity(right)


def _few(count: tf.Tensor, name: str, max_images: int) -> tf.Operation:
    """Return an operation that fails where a batch is too long: memory grows with its length."""
    return require(
        count <= max_images,
        f"Input `{name}` must hold at most {max_images} images. Send them in several requests. "
        "Received: so many",
        count,
    )


def _held(tensor: tf.Tensor) -> tf.Tensor:
    """Return a tensor that `_value` gives back, once to check it and once to use it.

    TensorFlow takes the shape that a signature promises, or a later operation needs, for granted;
    servers do not enforce it. So a check of the tensor itself would be replaced by its promise.
    """
    return tf.raw_ops.OptionalFromValue(components=[tensor])


def _value(held: tf.Tensor, dtype: tf.DType, shape: tuple[int | None, ...] | None) -> tf.Tensor:
    """Return what is held, with a shape that is known to TensorFlow, or None for any."""
    (value,) = tf.raw_ops.OptionalGetValue(
        optional=held, output_types=[dtype], output_shapes=[tf.TensorShape(shape)]
    )
    return value

"""From a batch of files to a batch of images as a network takes them."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data import Preprocessing
from keras_siamese.serving.decoding.bmp import decode_bmp
from keras_siamese.serving.decoding.gif import decode_gif
from keras_siamese.serving.decoding.jpeg import decode_jpeg
from keras_siamese.serving.decoding.picture import Bounds, Picture
from keras_siamese.serving.decoding.picture_reading import read_picture
from keras_siamese.serving.decoding.png import decode_png

_PNG, _JPEG, _BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"


def decode_images(
    contents: tf.Tensor, names: tf.Tensor, preprocessing: Preprocessing, *, max_pixels: int
) -> tf.Tensor:
    """Read files as `Preprocessing.read` does, so that a network sees what it saw in training.

    PNG, JPEG, BMP and GIF files are read; docs/serving.md lists what of each.

    Args:
        contents: `(batch,)`, string, each the bytes of a file.
        names: `(batch,)`, string, what errors call each file, as in "Input `left`, row 0,".
        preprocessing: How they are read; `paper` is not "redraw".
        max_pixels: Largest height times width in a file; its header is checked before the pixels
            are decoded.

    Returns:
        `(batch, height, width, channels)`, float32, [0, 1], ink 1.
    """

    def read(file: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        content, name = file
        bounds = Bounds(name, max_pixels)
        return read_picture(decode(content, bounds), preprocessing, bounds)

    images = tf.map_fn(
        read,
        (contents, names),
        fn_output_signature=tf.TensorSpec(preprocessing.shape, tf.uint8),
    )
    return tf.cast(images, tf.float32) / 255.0


def decode(content: tf.Tensor, bounds: Bounds) -> Picture:
    """Decode a file of any kind that the graph knows.

    Args:
        content: Scalar, string.
        bounds: What it may be.

    Returns:
        The picture.
    """
    starts = [
        _starts(content, _PNG),
        _starts(content, _JPEG),
        _starts(content, _BMP),
        _starts(content, b"GIF87a") | _starts(content, b"GIF89a"),
    ]
    known = bounds.require(
        tf.reduce_any(starts),
        "PNG, JPEG, BMP or GIF files. Convert others to PNG.",
        "a file of another kind, of so many bytes:",
        tf.strings.length(content),
    )
    # A false size in a header must not be decoded, so the checks come first.
    with tf.control_dependencies([known]):
        kind = tf.argmax(tf.stack(starts), output_type=tf.int32)
    decoders = (decode_png, decode_jpeg, decode_bmp, decode_gif)
    return tf.switch_case(
        kind, [lambda decoder=decoder: decoder(content, bounds) for decoder in decoders]
    )


def _starts(content: tf.Tensor, start: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(content, 0, len(start)), start)

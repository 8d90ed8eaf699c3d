"""PNG files, without those that are animated."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.serving.decoding.exif import exif_orientation
from keras_siamese.serving.decoding.octets import Octets, pick
from keras_siamese.serving.decoding.picture import Bounds, Picture, opaque
from keras_siamese.serving.decoding.sixteen_bit_tensors import high_bits, spread_high_bytes

# Kinds of colour in a file's header.
_GREY, _RGB = 0, 2
# Far more than a file has; it keeps a request from taking minutes.
_MAX_CHUNKS = 50_000


def decode_png(content: tf.Tensor, bounds: Bounds) -> Picture:
    """Decode a PNG file as Pillow does.

    Args:
        content: Scalar, string.
        bounds: What it may be.

    Returns:
        The picture.
    """
    octets = Octets(content)
    whole, animated, exif = _walk(content, octets)
    width, height, bits, kind = octets.fields(0, [(16, 4), (20, 4), (24, 1), (25, 1)])
    size = bounds.check_size(height, width)
    with tf.control_dependencies([size, bounds.check_single(~animated)]):
        ended = bounds.check_whole(whole, "PNG", octets.length)
    with tf.control_dependencies([ended]):
        # A graph may compute in any order: what reads this copy waits for the checks.
        content = tf.identity(content)

    def of_sixteen() -> tuple[tf.Tensor, tf.Tensor]:
        def grey() -> tuple[tf.Tensor, tf.Tensor]:
            pixels = tf.io.decode_png(content, channels=4, dtype=tf.uint16)
            clear = tf.equal(tf.cast(pixels[..., 3:], tf.int32), 0)
            return high_bits(pixels[..., :3]), tf.cast(tf.where(clear, 0, 255), tf.uint8)

        def several() -> tuple[tf.Tensor, tf.Tensor]:
            # Of several channels, Pillow gives the high bytes, and finds no transparent colour.
            pixels = tf.io.decode_png(content, channels=4)
            rgb = spread_high_bytes(pixels[..., :3], bounds)
            return rgb, tf.cond(tf.equal(kind, _RGB), lambda: opaque(rgb), lambda: pixels[..., 3:])

        return tf.cond(tf.equal(kind, _GREY), grey, several)

    def of_eight() -> tuple[tf.Tensor, tf.Tensor]:
        pixels = tf.io.decode_png(content, channels=4)
        # TensorFlow gives images of few bits and no opacity 2^bits - 1 for it, where 255 is opaque.
        filled = tf.cast(2 ** tf.minimum(bits, 8) - 1, tf.uint8)
        without = (bits < 8) & tf.reduce_all(tf.equal(pixels[..., 3], filled))
        # Pillow finds no transparent colour where it has changed the levels.
        without |= tf.equal(kind, _GREY) & (tf.equal(bits, 2) | tf.equal(bits, 4))
        return pixels[..., :3], tf.where(without, tf.constant(255, tf.uint8), pixels[..., 3:])

    rgb, alpha = tf.cond(tf.equal(bits, 16), of_sixteen, of_eight)
    noted = tf.cond(
        tf.equal(exif, ""), lambda: tf.constant(1, tf.int64), lambda: exif_orientation(exif)
    )
    return Picture(rgb, alpha, tf.maximum(noted, 1))


def _walk(content: tf.Tensor, octets: Octets) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return whether a file has its end, whether it has several frames, and its EXIF data or ""."""

    def head_at(at: tf.Tensor) -> tf.Tensor:
        """Read length, name and first number of a chunk."""
        return tf.stack(octets.fields(at, [(0, 4), (4, 4), (8, 4)]))

    def going(at: tf.Tensor, head: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
        return (at < octets.length) & tf.not_equal(head[1], _code(b"IEND"))

    def step(
        at: tf.Tensor,
        head: tf.Tensor,
        before: tf.Tensor,
        frames: tf.Tensor,
        shown: tf.Tensor,
        exif: tf.Tensor,
    ) -> tuple[tf.Tensor, ...]:
        length, name, number = head[0], head[1], head[2]
        before &= tf.not_equal(name, _code(b"IDAT"))
        # The number of frames stands before the pixels; a second one makes it void.
        number = pick((frames > 0) | (number > 2**31), 0, number)
        frames = tf.where(before & tf.equal(name, _code(b"acTL")), number, frames)
        # Without its own control, the picture itself is not one of the frames.
        shown |= before & tf.equal(name, _code(b"fcTL"))
        exif = tf.cond(
            tf.equal(name, _code(b"eXIf")) & (at + 8 < octets.length),
            lambda: tf.strings.substr(content, at + 8, length),
            lambda: exif,
        )
        at += 12 + length
        return at, head_at(at), before, frames, shown, exif

    first = tf.constant(8, tf.int64)
    start = (
        first,
        head_at(first),
        tf.constant(True),
        tf.constant(0, tf.int64),
        tf.constant(False),
        tf.constant(""),
    )
    at, head, _, frames, shown, exif = tf.while_loop(
        going, step, start, maximum_iterations=_MAX_CHUNKS
    )
    # The last chunk has no content: its length, its name and a checksum.
    whole = at + pick(tf.equal(head[1], _code(b"IEND")), 12, 1) <= octets.length
    return whole, (frames > 1) | (tf.equal(frames, 1) & ~shown), exif


def _code(name: bytes) -> int:
    return int.from_bytes(name, "big")

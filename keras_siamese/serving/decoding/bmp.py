"""BMP files without compression, which TensorFlow's own decoder reads in part."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.serving.decoding.octets import Octets, pick
from keras_siamese.serving.decoding.picture import Bounds, Picture, opaque

_HEADERS = (40, 52, 56, 64, 108, 124)
_MASKS = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
_PLAIN, _MASKED = 0, 3
# Where a header has the start of the pixels and its own length, then width, height, bits of a
# pixel, compression, colours, and the masks of red, green, blue and opacity; and the bytes of each.
_FIELDS = [(10, 4), (14, 4), (18, 4), (22, 4), (28, 2), (30, 4), (46, 4)]
_FIELDS += [(54, 4), (58, 4), (62, 4), (66, 4)]
# Width, height and bits in the oldest kind of header.
_OLD_FIELDS = [(18, 2), (20, 2), (24, 2)]


def decode_bmp(content: tf.Tensor, bounds: Bounds) -> Picture:
    """Decode a BMP file as Pillow does.

    TensorFlow takes the numbers of a palette for grey levels, and the unused fourth byte of a pixel
    for opacity.

    Args:
        content: Scalar, string.
        bounds: What it may be.

    Returns:
        The picture.
    """
    octets = Octets(content)

    start, header, *new = octets.fields(0, _FIELDS, little=True)
    width, height, bits, packing, colours, *masks = new
    old = tf.equal(header, 12)
    from_top = ~old & tf.equal(height // 2**24, 0xFF)
    height = pick(from_top, 2**32 - height, height)
    width, height, bits = (
        pick(old, short, long)
        for short, long in zip(
            octets.fields(0, _OLD_FIELDS, little=True), (width, height, bits), strict=True
        )
    )
    packing, colours = pick(old, _PLAIN, packing), pick(old, 0, colours)
    masks = _masks(tf.stack(masks), header)
    colours = pick(tf.equal(colours, 0), 2 ** tf.minimum(bits, 8), colours)
    entry = pick(old, 3, 4)
    palette = 14 + header
    # Some files name the place of the palette as that of the pixels.
    start = pick(tf.equal(start, palette) & (bits <= 8), palette + entry * colours, start)
    known = old | _among(header, _HEADERS)
    known &= (tf.equal(packing, _PLAIN) & _among(bits, (1, 4, 8, 24, 32))) | (
        tf.equal(packing, _MASKED) & tf.equal(bits, 32) & (tf.reduce_min(_places(masks[:3])) >= 0)
    )
    known &= (bits > 8) | (colours <= 256)
    usual = bounds.require(
        known,
        "BMP files without compression, of 1, 4, 8, 24 or 32 bits per pixel and at most 256 "
        "colours. Save others as PNG.",
        "a BMP file of header, bits, compression and colours",
        header,
        bits,
        packing,
        colours,
    )
    with tf.control_dependencies([usual]):
        size = bounds.check_size(height, width)
    with tf.control_dependencies([size]):
        stride = (width * bits + 31) // 32 * 4
        whole = bounds.require(
            (start + stride * height <= octets.length) & (start > 14),
            "whole files. Replace it.",
            "a BMP file that is cut off",
        )
    with tf.control_dependencies([whole]):
        width, height, bits = (tf.cast(value, tf.int32) for value in (width, height, bits))
        stride = tf.cast(stride, tf.int32)
        rows = tf.reshape(
            octets.run(start, tf.cast(stride, tf.int64) * tf.cast(height, tf.int64)),
            (height, stride),
        )
    rows = tf.cond(from_top, lambda: rows, lambda: tf.reverse(rows, (0,)))

    def numbered() -> tuple[tf.Tensor, tf.Tensor]:
        in_byte = 8 // bits
        shifts = tf.cast(8 - bits * (1 + tf.range(in_byte)), tf.uint8)
        lowest = tf.cast(2**bits - 1, tf.uint8)
        split = tf.bitwise.bitwise_and(tf.bitwise.right_shift(rows[..., None], shifts), lowest)
        numbers = tf.reshape(split, (height, stride * in_byte))[:, :width]
        table = octets.run(palette, entry * colours)
        table = tf.reshape(table, tf.stack([colours, entry]))[:, 2::-1]
        table = tf.pad(table, [[0, 256 - tf.shape(table)[0]], [0, 0]])
        rgb = tf.ensure_shape(tf.gather(table, tf.cast(numbers, tf.int32)), (None, None, 3))
        return rgb, opaque(rgb)

    def direct() -> tuple[tf.Tensor, tf.Tensor]:
        in_pixel = bits // 8
        pixels = tf.reshape(rows[:, : width * in_pixel], (height, width, in_pixel))
        masked = tf.equal(packing, _MASKED)
        places = tf.where(masked, _places(masks), tf.constant([2, 1, 0, -1], tf.int64))
        rgb = tf.gather(pixels, places[:3], axis=2)
        alpha = tf.cond(
            places[3] >= 0, lambda: tf.gather(pixels, places[3:], axis=2), lambda: opaque(rgb)
        )
        return rgb, alpha

    rgb, alpha = tf.cond(bits <= 8, numbered, direct)
    return Picture(rgb, alpha, tf.constant(1, tf.int64))


def _masks(masks: tf.Tensor, header: tf.Tensor) -> tf.Tensor:
    """Return where red, green, blue and opacity are in a pixel: `(4,)`, int64, 0 for nowhere."""
    usual = tf.constant([0xFF0000, 0xFF00, 0xFF, 0xFF000000], tf.int64)
    # Only the longer headers have the fourth.
    masks = pick((header >= 56) | tf.constant([True, True, True, False]), masks, 0)
    return tf.where(tf.reduce_all(tf.equal(masks, 0)), usual, masks)


def _places(masks: tf.Tensor) -> tf.Tensor:
    """Return which byte of a pixel each mask takes, int64, -1 where it takes none."""
    hits = tf.equal(masks[:, None], tf.constant(_MASKS, tf.int64))
    return pick(tf.reduce_any(hits, axis=1), tf.argmax(hits, axis=1), -1)


def _among(value: tf.Tensor, values: tuple[int, ...]) -> tf.Tensor:
    return tf.reduce_any(tf.equal(value, tf.constant(values, tf.int64)))

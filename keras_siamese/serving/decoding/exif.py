"""The orientation that a camera notes in a file, read inside a TensorFlow graph."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_siamese.serving.decoding.octets import Octets, pick

_ORIENTATION = 0x0112
# Bytes of one value, by the type of a field; 0 where the type is unknown.
_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8)
# The types that are whole numbers; one of bytes (type 1) is no orientation.
_WHOLE = (3, 4, 6, 8, 9, 13)


def exif_orientation(exif: tf.Tensor) -> tf.Tensor:
    """Read the orientation from EXIF data, as Pillow does.

    Nothing in the data is an error: of data that is cut off or makes no sense, what comes before
    the damage counts.

    Args:
        exif: Scalar, string, the content of the field, a TIFF file, with or without its name.

    Returns:
        Scalar, int64, from 1 to 8: how the picture is to be turned, 1 where it is upright; -1
        where no orientation is noted.
    """
    exif = tf.strings.regex_replace(exif, r"^(?:Exif\x00\x00)+", "")
    octets = Octets(exif)
    order, magic = octets.fields(0, [(0, 2), (2, 2)])
    little = tf.equal(order, 0x4949)
    valid = (little | tf.equal(order, 0x4D4D)) & (tf.equal(magic, 42) | tf.equal(magic, 42 << 8))
    valid &= octets.length >= 8
    return tf.cond(valid, lambda: _orientation(octets, little), lambda: tf.constant(-1, tf.int64))


def _orientation(octets: Octets, little: tf.Tensor) -> tf.Tensor:
    directory = _numbers(octets.run(4, 4), [(0, 4)], little)[0]
    entries = directory + 2
    count = _numbers(octets.run(directory, 2), [(0, 2)], little)[0]
    count = tf.maximum(tf.minimum(count, (octets.length - entries) // 12), 0)
    table = tf.reshape(octets.run(entries, 12 * count), (-1, 12))
    tag, kind, number, place = _numbers(table, [(0, 2), (2, 2), (4, 4), (8, 4)], little)
    size = tf.gather(tf.constant(_SIZES, tf.int64), pick(kind < len(_SIZES), kind, 0))
    # More than four bytes lie elsewhere; where they are missing, Pillow reads no further.
    elsewhere = number * size > 4
    missing = elsewhere & (place + number * size > octets.length)
    readable = tf.equal(tf.cumsum(tf.cast(missing, tf.int64)), 0)
    noted = readable & tf.equal(tag, _ORIENTATION) & (number * size > 0)
    rows = tf.where(noted)[:, 0]

    def value() -> tf.Tensor:
        row = rows[-1]
        at = pick(elsewhere[row], place[row], entries + 12 * row + 8)
        values = _numbers(octets.run(at, 4), [(0, 1), (0, 2), (0, 4)], little)
        whole = tf.reduce_any(tf.equal(kind[row], tf.constant(_WHOLE, tf.int64)))
        found = pick(whole, tf.gather(tf.stack(values), tf.minimum(size[row] // 2, 2)), 1)
        return pick((found >= 1) & (found <= 8), found, 1)

    return tf.cond(tf.size(rows) > 0, value, lambda: tf.constant(-1, tf.int64))


def _numbers(
    octets: tf.Tensor, places: list[tuple[int, int]], little: tf.Tensor
) -> list[tf.Tensor]:
    """Return whole numbers, int64, from bytes `(..., n)` in an order that the file says."""
    weights = np.zeros((2, octets.shape[-1], len(places)), np.int64)
    for row, (at, size) in enumerate(places):
        for place in range(size):
            weights[:, at + place, row] = 256 ** (size - 1 - place), 256**place
    chosen = tf.where(little, weights[1], weights[0])
    numbers = tf.reduce_sum(tf.cast(octets, tf.int64)[..., None] * chosen, axis=-2)
    return tf.unstack(numbers, num=len(places), axis=-1)


def xmp_orientation(xmp: tf.Tensor) -> tf.Tensor:
    """Read the orientation from XMP data, which Pillow asks where EXIF data says nothing.

    Args:
        xmp: Scalar, string.

    Returns:
        Scalar, int64, from 1 to 8.
    """
    digit = tf.strings.regex_replace(
        xmp, r'^\C*?tiff:Orientation(?:="|>)([0-9])\C*$', r"\1", replace_global=False
    )
    known = tf.strings.regex_full_match(digit, "[1-8]")
    return tf.strings.to_number(tf.where(known, digit, "1"), tf.int64)


def upright(pixels: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turn a picture as its orientation says.

    Args:
        pixels: `(height, width, channels)`.
        orientation: Scalar, int64, from 1 to 8.

    Returns:
        `(height, width, channels)` or `(width, height, channels)`.
    """

    def among(*values: int) -> tf.Tensor:
        return tf.reduce_any(tf.equal(orientation, tf.constant(values, tf.int64)))

    def turned() -> tf.Tensor:
        across = tf.transpose(pixels, tf.where(among(5, 6, 7, 8), (1, 0, 2), (0, 1, 2)))
        mirrored = tf.stack([among(3, 4, 7, 8), among(2, 3, 6, 7), tf.constant(False)])
        return tf.raw_ops.Reverse(tensor=across, dims=mirrored)

    return tf.cond(orientation > 1, turned, lambda: pixels)

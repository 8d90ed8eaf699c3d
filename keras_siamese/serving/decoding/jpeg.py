"""JPEG files, and the orientation that a camera notes in them."""

from __future__ import annotations

import tensorflow as tf

from keras_siamese.data.images.image_formats import MAX_SCANS
from keras_siamese.serving.decoding.exif import exif_orientation, xmp_orientation
from keras_siamese.serving.decoding.octets import Octets, pick
from keras_siamese.serving.decoding.picture import Bounds, Picture, opaque

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
# Says that four colours are stored as Adobe does, inverted, which Pillow supposes without it.
_ADOBE = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
# Longer than any file that TensorFlow decodes.
_ALL = 2**31 - 1
# A camera writes about ten segments before the pixels; in more than this, nothing is looked for.
_MAX_SEGMENTS = 1000
# Far more than a file has; it keeps a request from taking minutes.
_MAX_MARKERS = 10_000


def decode_jpeg(content: tf.Tensor, bounds: Bounds) -> Picture:
    """Decode a JPEG file as Pillow does; of a camera's MPO file, the first picture.

    Args:
        content: Scalar, string.
        bounds: What it may be.

    Returns:
        The picture.
    """
    octets = Octets(content)
    ended = bounds.check_whole(octets.count(_END) > 0, "JPEG", octets.length)
    with tf.control_dependencies([ended, _check_scans(octets, bounds)]):
        height, width, colours = tf.unstack(tf.io.extract_jpeg_shape(content), num=3)
    with tf.control_dependencies([bounds.check_size(height, width)]):
        marked = tf.cond(
            tf.equal(colours, 4),
            lambda: tf.strings.join(
                [tf.strings.substr(content, 0, 2), _ADOBE, tf.strings.substr(content, 2, _ALL)]
            ),
            lambda: content,
        )
    # Pillow's transform; TensorFlow's own default is a faster one that differs by some levels.
    rgb = tf.io.decode_jpeg(marked, channels=3, dct_method="INTEGER_ACCURATE")
    return Picture(rgb, opaque(rgb), jpeg_orientation(content))


def _check_scans(octets: Octets, bounds: Bounds) -> tf.Operation:
    """Return an operation that fails where a file has so many scans that decoding takes long."""
    # Markers in metadata or behind the picture start no scan. Only files with many need that check.
    most = octets.count(_START_OF_SCAN)
    scans = tf.cond(most > MAX_SCANS, lambda: _count_scans(octets), lambda: most)
    return bounds.require(
        scans <= MAX_SCANS,
        f"files of at most {MAX_SCANS} scans. Save it as PNG.",
        "a JPEG file of more, which would take long, of so many bytes:",
        octets.length,
    )


def _count_scans(octets: Octets) -> tf.Tensor:
    """Walk through the segments of a file's first picture, as outside the graph."""
    markers = tf.concat([octets.markers(), [octets.length]], axis=0)

    def going(at: tf.Tensor, kind: tf.Tensor, scans: tf.Tensor) -> tf.Tensor:
        return tf.not_equal(kind, _END[1]) & (at < octets.length) & (scans <= MAX_SCANS)

    def step(at: tf.Tensor, kind: tf.Tensor, scans: tf.Tensor) -> tuple[tf.Tensor, ...]:
        at = markers[tf.searchsorted(markers, [at])[0]]
        kind, length = octets.fields(at, [(1, 1), (2, 2)])
        scans += tf.cast(tf.equal(kind, _START_OF_SCAN[1]), tf.int64)
        return tf.minimum(at + 2 + length, octets.length), kind, scans

    zero = tf.constant(0, tf.int64)
    at, kind, scans = tf.while_loop(
        going, step, (zero, zero, zero), maximum_iterations=_MAX_MARKERS
    )
    unfinished = tf.not_equal(kind, _END[1]) & (at < octets.length)
    return pick(unfinished, MAX_SCANS + 1, scans)


def jpeg_orientation(content: tf.Tensor) -> tf.Tensor:
    """Return the orientation that a JPEG file notes, in EXIF or else in XMP data.

    Args:
        content: Scalar, string.

    Returns:
        Scalar, int64, 1 to 8.
    """
    octets = Octets(content)

    def step(
        at: tf.Tensor, head: tf.Tensor, exif: tf.Tensor, xmp: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        marker, length = head[1], tf.maximum(head[2] * 256 + head[3], 2)
        # Neither filling nor the markers without content, such as RST, have a length.
        single = tf.not_equal(head[0], 0xFF) | tf.equal(marker, 0xFF)
        bare = tf.equal(marker, 0) | ((marker >= 0xD0) & (marker < 0xDA)) | (marker >= 0xF0)

        def application() -> tuple[tf.Tensor, tf.Tensor]:
            segment = tf.strings.substr(content, at + 4, length - 2)
            is_exif, is_xmp = (
                tf.equal(tf.strings.substr(segment, 0, len(name)), name) for name in (_EXIF, _XMP)
            )
            # Data of more than one segment continues in the next.
            done = pick(tf.equal(exif, "") | ~is_exif, 0, len(_EXIF))
            more = tf.strings.substr(segment, done, _ALL)
            return (
                tf.where(is_exif, tf.strings.join([exif, more]), exif),
                tf.where(is_xmp, segment, xmp),
            )

        found = tf.equal(head[0], 0xFF) & tf.equal(marker, 0xE1) & (at + 4 < octets.length)
        exif, xmp = tf.cond(found, application, lambda: (exif, xmp))
        at += pick(single, 1, pick(bare, 2, 2 + length))
        return at, tf.cast(octets.run(at, 4), tf.int64), exif, xmp

    def before_pixels(at: tf.Tensor, head: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
        return (at < octets.length) & tf.reduce_any(tf.not_equal(head[:2], (0xFF, 0xDA)))

    start = tf.constant(2, tf.int64)
    _, _, exif, xmp = tf.while_loop(
        before_pixels,
        step,
        (start, tf.cast(octets.run(start, 4), tf.int64), tf.constant(""), tf.constant("")),
        maximum_iterations=_MAX_SEGMENTS,
    )
    noted = tf.cond(
        tf.equal(exif, ""), lambda: tf.constant(-1, tf.int64), lambda: exif_orientation(exif)
    )
    return tf.cond(noted >= 1, lambda: noted, lambda: xmp_orientation(xmp))

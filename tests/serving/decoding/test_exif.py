"""The orientation that the graph finds is the one that Pillow follows."""

import io
import struct
import warnings

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from keras_siamese.serving.decoding.exif import exif_orientation, upright, xmp_orientation
from keras_siamese.serving.decoding.jpeg import jpeg_orientation
from tests.serving.file_kinds import COLOUR, exif, saved

JPEG = saved(COLOUR, "JPEG")
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def compiled(function, *specs):
    return tf.function(function, input_signature=specs, autograph=False)


SCALAR = tf.TensorSpec((), tf.string)
of_exif = compiled(exif_orientation, SCALAR)
of_xmp = compiled(xmp_orientation, SCALAR)
of_jpeg = compiled(jpeg_orientation, SCALAR)
turned = compiled(upright, tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int64))


def noted(data):
    """The orientation in EXIF data by Pillow, None where it finds none."""
    found = Image.Exif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found.load(data)
        except (SyntaxError, struct.error):
            return None
        return found.get(0x0112)


def with_segments(*segments, marker=0xE1):
    """A JPEG file with some segments in front."""
    parts = [struct.pack(">BBH", 0xFF, marker, len(part) + 2) + part for part in segments]
    return JPEG[:2] + b"".join(parts) + JPEG[2:]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_turns_as_pillow_does(orientation):
    content = saved(COLOUR, "JPEG", exif=exif(orientation))
    assert of_jpeg(content) == orientation
    image = Image.open(io.BytesIO(content))
    expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(turned(np.asarray(image), orientation), expected)


@given(
    orientation=st.integers(0, 300),
    big_endian=st.booleans(),
    # Of these types Pillow takes whole numbers alone; of others, what equals one, such as 6.0.
    kind=st.sampled_from((1, 2, 3, 4, 6, 7, 8, 9, 13, 99)),
    changes=st.lists(st.tuples(st.integers(6, 60), st.integers(0, 255)), max_size=3),
    length=st.integers(0, 80),
    before=st.lists(
        st.tuples(
            st.sampled_from((0x010E, 0x010F, 0x0112)),
            st.sampled_from((2, 3)),
            st.integers(0, 9),
            st.binary(min_size=4, max_size=4),
        ),
        max_size=2,
    ),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_odd_and_damaged_exif_data(orientation, big_endian, kind, changes, length, before):
    whole = exif(orientation, big_endian, kind=kind, tags=before)
    data = bytearray(whole)
    for place, value in changes:
        data[place % len(data)] = value
    data = bytes(data[:length])
    expected = noted(data)
    if isinstance(expected, float) or type(expected).__name__ == "IFDRational":
        return
    found = int(of_exif(data))
    if expected is None:
        assert found == -1
        return
    turn = expected if expected in range(1, 9) else 1
    # Of damaged data Pillow makes what it can; the graph may refuse it, and never turns otherwise.
    assert found == turn or (found == -1 and data != whole)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # In the second of two segments, behind others, with the name twice, cut into two.
        (with_segments(b"other", exif(6)), 6),
        (with_segments(b"Exif\0\0" + exif(3)), 3),
        (with_segments(exif(8)[:30], b"Exif\0\0" + exif(8)[30:]), 8),
        (with_segments(XMP + b'<x tiff:Orientation="5"/>\xff\xfe'), 5),
        (with_segments(XMP + b"<tiff:Orientation>7</tiff:Orientation>", exif(2)), 2),
        (with_segments(XMP + b'tiff:Orientation="9"'), 1),
        (with_segments(exif(0), XMP + b'tiff:Orientation="6"'), 1),
        # Not where the pixels have begun, nor in another kind of segment.
        (JPEG[:-2] + with_segments(exif(6))[2:], 1),
        (with_segments(exif(6), marker=0xE2), 1),
        (JPEG, 1),
        (b"", 1),
        (b"\xff\xd8\xff", 1),
        (b"\xff\xd8\xff\xe1", 1),
        (b"\xff\xd8\xff\xe1\xff\xffExif\0\0II", 1),
        (b"\xff\xd8" + b"\xff" * 5000, 1),
    ],
)
def test_where_a_jpeg_file_holds_it(content, expected):
    assert of_jpeg(content) == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content))
        except OSError:
            return
        assert (image.getexif().get(0x0112, 1) if expected > 1 else 1) == expected


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_nothing_in_the_data_is_an_error(data):
    assert int(of_exif(data)) in range(-1, 9)
    assert int(of_xmp(data)) in range(1, 9)
    assert int(of_jpeg(b"\xff\xd8\xff\xe1" + data)) in range(1, 9)

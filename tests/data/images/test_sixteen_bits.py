"""Files of 16 bits per channel: the bits in use are what is read."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from keras_siamese.data import Preprocessing
from keras_siamese.data.images.image_files import decode_image
from keras_siamese.data.images.sixteen_bits import high_bits, spread_high_bytes


def png(levels):
    """A PNG of 16 bits per channel, grey, with opacity, RGB or RGBA, by the last axis."""
    height, width, channels = levels.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        crc = zlib.crc32(name + data)
        content += struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)
    return content


@pytest.fixture
def drawing():
    """A smooth blot, black on white."""
    rows, columns = np.mgrid[:105, :105]
    return np.rint(np.clip(np.hypot(rows - 50, columns - 60) * 10 - 100, 0, 255)).astype(np.uint8)


def used(drawing, bits):
    """The drawing on the levels that so many bits hold."""
    return np.rint(drawing / 255.0 * (2**bits - 1)).astype(np.uint16)


@pytest.mark.parametrize("bits", range(8, 17))
@pytest.mark.parametrize("format", ["PNG", "TIFF", "array"])
def test_grey_files_keep_their_drawing(drawing, bits, format):
    # 15 bits are read as all of 16, which levelling mends.
    levels = used(drawing, bits)
    source = levels
    if format != "array":
        file = io.BytesIO()
        Image.fromarray(levels).save(file, format)
        source = file.getvalue()
    found = Preprocessing(35).read(source).astype(int)
    assert np.abs(found - Preprocessing(35).read(drawing)).max() <= 2


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_files_of_several_channels_keep_their_drawing(drawing, bits, channels):
    levels = np.repeat(used(drawing, bits)[..., None], channels, axis=-1)
    if channels in (2, 4):
        levels[..., -1] = 65535
    found = decode_image(png(levels), "a", color="grey")[..., 0].astype(int)
    # The high bytes of 10 bits have four levels, which lie 85 apart.
    assert np.abs(found - drawing).max() <= 255 / (2 ** (bits - 8) - 1) + 1
    assert found.max() == 255


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_arrays_of_colours_and_opacity_keep_their_drawing(drawing, bits):
    rgb = np.repeat(used(drawing, bits)[..., None], 3, axis=-1)
    expected = Preprocessing(35).read(drawing).astype(int)
    opaque = np.concatenate([rgb, np.full_like(rgb[..., :1], 65535)], axis=-1)
    for levels in (rgb, opaque):
        assert np.abs(Preprocessing(35).read(levels) - expected).max() <= 2


def test_hot_pixels_do_not_darken_the_rest(drawing):
    levels = used(drawing, 12)
    expected = Preprocessing(35).read(levels).astype(int)
    levels[3, 4] = 65535
    found = Preprocessing(35).read(levels)
    assert np.abs(found - expected).max() <= 1


@given(
    arrays.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.integers(2**14, 2**16 - 1),
)
def test_what_uses_all_bits_keeps_its_high_byte(levels, highest):
    levels[0, 0] = highest
    np.testing.assert_array_equal(high_bits(levels), levels >> 8)


@given(arrays.arrays(np.uint16, (5, 5), elements=st.integers(0, 255)))
def test_eight_bits_in_a_file_of_sixteen_are_exact(levels):
    np.testing.assert_array_equal(high_bits(levels), levels)


def test_low_bytes_that_pillow_does_not_give_are_told():
    levels = np.arange(75, dtype=np.uint16).reshape(5, 5, 3)
    with pytest.raises(
        ValueError, match="'a' must.*16 bits per channel only the lower 8 are in use"
    ):
        decode_image(png(levels), "a", color="rgb")
    full = np.arange(75, dtype=np.uint8).reshape(5, 5, 3)
    np.testing.assert_array_equal(spread_high_bytes(full), full)


def test_a_range_of_next_to_nothing_is_blank():
    levels = np.arange(25, dtype=np.uint16).reshape(5, 5) % 4
    with pytest.raises(ValueError, match="nearly equal, from level 0 to 3 of 255"):
        Preprocessing(5).read(levels)

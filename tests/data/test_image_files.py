import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data.image_files import decode_binary, decode_image


def png(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def header_only_png(width, height):
    """A PNG whose header claims a size, with next to no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"0")), (b"IEND", b"")):
        crc = zlib.crc32(kind + data)
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
    return content


def test_ink_is_zero_in_a_one_bit_file():
    ink = np.zeros((5, 4), bool)
    ink[1, 2] = True
    np.testing.assert_array_equal(decode_binary(png(~ink), "a.png", (5, 4)), ink)


def test_another_size_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'a.png' must have 105x105 pixels, but has 4x5"):
        decode_binary(png(np.zeros((4, 5), bool)), "a.png", (105, 105))


def test_grey_is_refused_where_one_bit_is_expected():
    with pytest.raises(ValueError, match="'a.png' must be a one-bit image, but has uint8"):
        decode_binary(png(np.zeros((4, 5), np.uint8)), "a.png", (4, 5))


@pytest.mark.parametrize("content", [b"", b"no image at all", png(np.eye(64) > 0)[:-40]])
def test_no_image_is_refused_by_name(content):
    with pytest.raises(ValueError, match="'a.png' must be an image file"):
        decode_binary(content, "a.png", (64, 64))


@pytest.mark.parametrize("side", [8001, 12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side):
    with pytest.raises(ValueError, match="'bomb.png' must have at most 64000000"):
        decode_image(header_only_png(side, side), "bomb.png", color="grey")


def test_a_caller_may_allow_fewer_pixels():
    content = png(np.zeros((4, 5), np.uint8))
    assert decode_image(content, "a.png", color="grey", max_pixels=20).shape == (4, 5, 1)
    with pytest.raises(ValueError, match="'a.png' must have at most 19 pixels, but has 4x5"):
        decode_image(content, "a.png", color="grey", max_pixels=19)


def test_colour_becomes_grey_by_luminance():
    pixels = np.zeros((1, 3, 3), np.uint8)
    pixels[0, 0, 0] = pixels[0, 1, 1] = pixels[0, 2, 2] = 255
    # ITU-R 601: 0.299, 0.587 and 0.114 of 255.
    assert decode_image(png(pixels), "a", color="grey").ravel().tolist() == [76, 150, 29]
    np.testing.assert_array_equal(decode_image(png(pixels), "a", color="rgb"), pixels)


def test_transparent_pixels_are_white_paper():
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0, 1, 3] = 255
    assert decode_image(png(pixels), "a", color="grey").ravel().tolist() == [255, 0]


def test_sixteen_bits_keep_the_high_byte():
    pixels = np.array([[0, 0x7FFF, 0xFFFF]], np.uint16)
    assert decode_image(png(pixels), "a", color="grey").ravel().tolist() == [0, 127, 255]


def test_a_photograph_is_turned_upright():
    pixels = np.array([[0, 255]], np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned by 90 degrees clockwise.
    upright = decode_image(png(pixels, exif=exif), "a", color="grey")
    assert upright[..., 0].tolist() == [[0], [255]]

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_siamese.data.images.image_files import decode_binary, decode_image


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
    with pytest.raises(ValueError, match=r"'a.png' must have 105x105 pixels. Received: 4x5"):
        decode_binary(png(np.zeros((4, 5), bool)), "a.png", (105, 105))


def test_grey_is_refused_where_one_bit_is_expected():
    with pytest.raises(ValueError, match="'a.png' must be a one-bit image. Received: uint8"):
        decode_binary(png(np.zeros((4, 5), np.uint8)), "a.png", (4, 5))


@pytest.mark.parametrize("content", [b"", b"no image at all", png(np.eye(64) > 0)[:-40]])
def test_no_image_is_refused_by_name(content):
    with pytest.raises(ValueError, match="'a.png' must be an image file"):
        decode_binary(content, "a.png", (64, 64))


@pytest.mark.parametrize("side", [4097, 8001, 12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side):
    with pytest.raises(ValueError, match="'bomb.png' must have at most 16777216"):
        decode_image(header_only_png(side, side), "bomb.png", color="grey")


def test_a_caller_may_allow_fewer_pixels():
    content = png(np.zeros((4, 5), np.uint8))
    assert decode_image(content, "a.png", color="grey", max_pixels=20).shape == (4, 5, 1)
    with pytest.raises(ValueError, match="'a.png' must have at most 19 pixels.*Received: 4x5"):
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


@pytest.mark.parametrize("side", [(1, 32_768), (32_768, 1)])
def test_a_strip_that_resizing_could_not_hold_is_refused(side):
    with pytest.raises(ValueError, match="on each side from 1 to 32767. Received: "):
        decode_image(header_only_png(*side), "strip.png", color="grey")


def encoded(format, *images, **options):
    file = io.BytesIO()
    first, *rest = images
    more = {"save_all": True, "append_images": rest} if rest else {}
    first.save(file, format, **more, **options)
    return file.getvalue()


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_several_frames_are_refused(format):
    frames = [Image.new("L", (8, 8), level) for level in (0, 128, 255)]
    assert decode_image(encoded(format, frames[0]), "a", color="grey").shape == (8, 8, 1)
    with pytest.raises(ValueError, match="'a' must be a single picture. Received: several frames"):
        decode_image(encoded(format, *frames), "a", color="grey")


def test_of_a_cameras_file_with_a_preview_the_picture_is_taken():
    picture, preview = Image.new("RGB", (8, 8), "white"), Image.new("RGB", (4, 4))
    pixels = decode_image(encoded("MPO", picture, preview), "a", color="grey")
    np.testing.assert_array_equal(pixels, np.full((8, 8, 1), 255))


@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_keep_the_high_byte(format):
    pixels = Image.fromarray(np.array([[0, 0x7FFF, 0xFFFF]], np.uint16))
    content = encoded(format, pixels)
    assert decode_image(content, "a", color="grey").ravel().tolist() == [0, 127, 255]


def test_a_transparent_level_of_sixteen_bits_is_white_paper():
    pixels = Image.fromarray(np.array([[0, 0x7FFF]], np.uint16))
    content = encoded("PNG", pixels, transparency=0)
    assert decode_image(content, "a", color="grey").ravel().tolist() == [255, 127]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_pixels_of_32_bits_are_refused(dtype):
    content = encoded("TIFF", Image.fromarray(np.ones((2, 2), dtype)))
    with pytest.raises(ValueError, match="'a' must be an image file.*save 8 or 16 bits"):
        decode_image(content, "a", color="grey")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_mode_gives_black_on_white(mode):
    image = Image.new("L", (2, 1), 255)
    image.putpixel((0, 0), 0)
    image = image.convert("RGB").convert(mode) if mode == "CMYK" else image.convert(mode)
    content = encoded("TIFF", image)
    assert decode_image(content, "a", color="grey").ravel() == pytest.approx([0, 255], abs=1)
    assert decode_image(content, "a", color="rgb").shape == (1, 2, 3)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_is_damaged_is_an_image_or_one_named_error(data):
    image = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
    format = data.draw(st.sampled_from(["PNG", "GIF", "BMP", "JPEG", "TIFF", "WEBP", "PPM"]))
    content = bytearray(encoded(format, image))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        pixels = decode_image(bytes(content[:cut]), "a.png", color="grey")
    except ValueError as error:
        assert str(error).startswith("'a.png' must")
    else:
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.size


def test_a_photograph_is_turned_upright():
    pixels = np.array([[0, 255]], np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: to be turned by 90 degrees clockwise.
    upright = decode_image(png(pixels, exif=exif), "a", color="grey")
    assert upright[..., 0].tolist() == [[0], [255]]

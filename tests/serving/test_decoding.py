"""Files decoded in the graph are the images that `load_folder` reads."""

import io
import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_siamese.data import load_folder
from keras_siamese.serving.decoding import decode_images

# Modes of Pillow that PNG files hold, 16 bits and transparency among them; P2 has two colours, so
# one bit a pixel, and one colour of PT is transparent.
PNG_MODES = ["L", "RGB", "1", "P", "P2", "PT", "LA", "RGBA", "I;16"]


def _pixels(mode, height, width):
    rng = np.random.default_rng(height + width)
    bands = {"L": 1, "RGB": 3, "LA": 2, "RGBA": 4}.get(mode)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 2**16, (height, width), dtype=np.uint16))
    if mode[0] in "1P":
        image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
        return image.quantize(int(mode[1])) if mode == "P2" else image.convert(mode[0])
    shape = (height, width) if bands == 1 else (height, width, bands)
    return Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))


def _file(image, kind="PNG", **options):
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def _as_loaded(content, folder, size, color="grey", ink="dark"):
    (folder / "class").mkdir()
    (folder / "class" / "image").write_bytes(content)
    polarity = {"dark": "dark_on_light", "bright": "light_on_dark"}[ink]
    dataset = load_folder(folder, size=size, color=color, polarity=polarity, paper="keep")
    return dataset.images / np.float32(255)


def _decoded(contents, shape, ink="dark", max_pixels=10_000):
    decode = tf.function(
        lambda files: decode_images(files, shape=shape, ink=ink, max_pixels=max_pixels),
        input_signature=[tf.TensorSpec((None,), tf.string)],
        autograph=False,
    )
    return decode(tf.constant(contents, tf.string, shape=(len(contents),))).numpy()


@pytest.mark.parametrize("mode", PNG_MODES)
def test_png_is_what_load_folder_reads(mode, tmp_path):
    options = {"transparency": 3} if mode == "PT" else {}
    content = _file(_pixels(mode, 12, 9), **options)
    # 12 to 4 and 9 to 3 are means over whole blocks.
    expected = _as_loaded(content, tmp_path, (4, 3))
    np.testing.assert_allclose(_decoded([content], (4, 3, 1)), expected, atol=1e-6)


@pytest.mark.parametrize("color", ["grey", "rgb"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_what_load_folder_reads(mode, color, tmp_path):
    smooth = np.linspace(0, 255, 16 * 16 * 3).reshape(16, 16, 3).astype(np.uint8)
    content = _file(Image.fromarray(smooth).convert(mode), "JPEG", quality=90)
    expected = _as_loaded(content, tmp_path, 8, color=color)
    shape = (8, 8, 3 if color == "rgb" else 1)
    # Versions of the library of JPEG may round a level otherwise.
    np.testing.assert_allclose(_decoded([content], shape), expected, atol=1.01 / 255)


@pytest.mark.parametrize("size", [(6, 6), (12, 12), (10, 15), (4, 20), (7, 5), (1, 1)])
def test_sizes_that_shrink_and_grow_are_those_of_load_folder(size, tmp_path):
    content = _file(_pixels("L", 12, 12))
    found = _decoded([content], (*size, 1))
    # Halves may fall on either side where the means are not of whole blocks.
    exact = 12 % size[0] == 0 and 12 % size[1] == 0
    expected = _as_loaded(content, tmp_path, size)
    np.testing.assert_allclose(found, expected, atol=1e-6 if exact else 1.01 / 255)
    assert np.mean(np.abs(found - expected) < 1e-6) > 0.98


@pytest.mark.parametrize("ink", ["dark", "bright"])
def test_ink_is_one_and_paper_zero(ink, tmp_path):
    drawing = np.full((4, 4), 255, np.uint8)
    drawing[1:3, 1] = 0
    content = _file(Image.fromarray(drawing if ink == "dark" else 255 - drawing))
    found = _decoded([content], (4, 4, 1), ink=ink)
    np.testing.assert_array_equal(found[0, :, :, 0] == 1, drawing == 0)
    assert set(found.ravel().tolist()) == {0.0, 1.0}
    np.testing.assert_array_equal(found, _as_loaded(content, tmp_path, 4, ink=ink))


def test_transparent_pixels_are_paper():
    clear = np.zeros((4, 4, 4), np.uint8)
    assert _decoded([_file(Image.fromarray(clear))], (4, 4, 1)).max() == 0


@pytest.mark.parametrize("count", [0, 1, 3])
def test_files_of_several_sizes_make_one_batch(count):
    files = [_file(_pixels("L", 4 + row, 5)) for row in range(count)]
    assert _decoded(files, (6, 6, 1)).shape == (count, 6, 6, 1)


def _bomb():
    """A PNG whose header promises 4 thousand million pixels."""
    header = struct.pack(">IIBBBBB", 2**16, 2**16, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be a PNG or JPEG file"),
        (b"text that is no image at all", "must be a PNG or JPEG file"),
        (_bomb(), "at most 10000 pixels"),
        (_file(_pixels("L", 101, 100)), "at most 10000 pixels"),
        (_file(_pixels("RGB", 101, 100), "JPEG"), "at most 10000 pixels"),
        (_file(_pixels("L", 50, 50))[:60], "PNG"),
        (_file(_pixels("RGB", 50, 50), "GIF"), "must be a PNG or JPEG file"),
    ],
)
def test_a_file_that_is_no_bounded_image_is_an_error(content, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _decoded([content], (4, 4, 1))

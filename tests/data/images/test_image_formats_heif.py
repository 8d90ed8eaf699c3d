"""HEIC files of phones, with and without what reads them."""

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import Preprocessing, read_image
from keras_siamese.data.images.image_formats import is_heif


@pytest.fixture
def drawing():
    """An upright stroke in the left half, 64 high and 96 wide."""
    pixels = np.full((64, 96), 255, np.uint8)
    pixels[8:56, 10:18] = 0
    return pixels


def heic(pixels, **options):
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels).convert("RGB")).save(
        file, quality=95, **options
    )
    return file.getvalue()


def test_a_heic_file_is_read_as_the_same_png(drawing, tmp_path):
    (tmp_path / "photo.HEIC").write_bytes(heic(drawing))
    found = read_image(tmp_path / "photo.HEIC", size=32).astype(int)
    assert np.abs(found - Preprocessing(32).read(drawing)).mean() < 3
    rgb = Preprocessing((64, 96), "rgb").read(tmp_path / "photo.HEIC")
    assert np.abs(rgb.astype(int) - drawing[..., None]).mean() < 5


def test_its_orientation_is_followed(drawing):
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned by 90 degrees clockwise.
    found = Preprocessing((96, 64)).read(heic(drawing, exif=exif.tobytes())).astype(int)
    expected = Preprocessing((96, 64)).read(np.rot90(drawing, -1))
    assert np.abs(found - expected).mean() < 3


def test_a_damaged_one_is_named(drawing):
    with pytest.raises(ValueError, match="must be an image file. Received: 200 bytes"):
        Preprocessing(32).read(heic(drawing)[:200])


def test_a_header_that_states_a_smaller_picture_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (400, 400), np.uint8)
    content = bytearray(heic(noise))
    at = content.index(b"ispe") + 8
    assert struct.unpack_from(">II", content, at) == (400, 400)
    struct.pack_into(">II", content, at, 64, 64)
    with pytest.raises(ValueError, match="must be an image file. Received: .* limit exceeded"):
        Preprocessing(32).read(bytes(content))


def test_without_pillow_heif_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    with pytest.raises(ValueError, match=r"HEIC.*install keras_siamese\[heic\].*JPEG or PNG"):
        Preprocessing(32).read(content)


def test_avif_is_pillows_own():
    assert is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(9))
    assert not is_heif(b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf" + bytes(9))
    assert not is_heif(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(9))
    assert not is_heif(b"")

"""Image files that are made to start programs, or to take long or much memory."""

import io
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from keras_siamese.data import Preprocessing, load_folder, set_max_pixels
from keras_siamese.data.images.image_files import decode_binary, decode_image
from keras_siamese.data.images.image_formats import FORMATS
from keras_siamese.demo.pad import read_upload

POSTSCRIPT = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 40 40
%%EndComments
0 0 40 40 rectfill
showpage
"""


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


def drawing(height, width):
    pixels = np.full((height, width), 250, np.uint8)
    pixels[height // 4 : height // 2 + 1, width // 4 : width // 2 + 1] = 10
    return Image.fromarray(pixels)


@pytest.fixture
def ghostscript_calls(tmp_path, monkeypatch):
    """A file that a false Ghostscript writes when it is started."""
    calls = tmp_path / "calls"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gs").write_text(f"#!/bin/sh\necho called >> {calls}\n")
    (folder / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    return calls


READERS = {
    "Preprocessing.read": lambda file: Preprocessing(35).read(file),
    "bytes": lambda file: Preprocessing(35).read(file.read_bytes()),
    "an opened picture": lambda file: Preprocessing(35).read(opened(file.read_bytes())),
    "load_folder": lambda file: load_folder(file.parents[1], size=35),
    "decode_binary": lambda file: decode_binary(file.read_bytes(), file.name, (40, 40)),
    "read_upload": read_upload,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_no_reader_starts_a_program(read, ghostscript_calls, tmp_path):
    folder = tmp_path / "images" / "class"
    folder.mkdir(parents=True)
    for number in range(2):
        (folder / f"{number}.png").write_bytes(POSTSCRIPT)
    with pytest.raises(ValueError, match=r"PNG, JPEG, GIF, .* and HEIC"):
        read(folder / "0.png")
    assert not ghostscript_calls.exists()


def test_the_false_ghostscript_would_be_seen(ghostscript_calls):
    with pytest.raises(OSError):
        opened(POSTSCRIPT).load()
    assert ghostscript_calls.exists()


@pytest.mark.parametrize("format", FORMATS)
def test_each_kind_that_is_listed_is_read(format):
    image = drawing(32, 32).convert("RGB")
    options = {"sizes": [(32, 32)]} if format == "ICO" else {}
    pixels = decode_image(encoded(image, format, **options), "a", color="grey")
    np.testing.assert_allclose(pixels[..., 0], np.asarray(image)[..., 0], atol=40)


@pytest.mark.parametrize("format", ["PCX", "SGI", "IM", "XBM", "DDS", "ICNS", "MSP"])
def test_a_kind_that_is_not_listed_is_refused(format):
    image = drawing(32, 32).convert("1" if format in ("XBM", "MSP") else "RGB")
    with pytest.raises(
        ValueError, match="'a' must be an image file. .* it is not one of PNG, JPEG"
    ):
        decode_image(encoded(image, format), "a", color="grey")


@pytest.mark.slow
def test_a_photograph_of_sixteen_megapixels_is_read_and_a_larger_one_says_what_to_do():
    # The sides of a common sensor of 16 megapixels.
    content = encoded(drawing(3496, 4656), "PNG", compress_level=1)
    assert Preprocessing(35).read(content).any()
    content = encoded(drawing(6000, 8000), "PNG", compress_level=1)
    with pytest.raises(
        ValueError,
        match=r"at most 16777216 pixels, .* Received: 6000x8000. Reduce it, or allow larger "
        r"pictures: keras_siamese.data.set_max_pixels\(48000000\), or --max-pixels 48000000",
    ):
        Preprocessing(35).read(content)
    before = set_max_pixels(48_000_000)
    try:
        assert Preprocessing(35).read(content).any()
    finally:
        set_max_pixels(before)


def test_the_bound_may_be_lowered_and_is_for_arrays_too():
    before = set_max_pixels(99)
    try:
        for source in (
            drawing(10, 10),
            np.asarray(drawing(10, 10)),
            encoded(drawing(9, 12), "PNG"),
        ):
            with pytest.raises(ValueError, match="must have at most 99 pixels"):
                Preprocessing(35).read(source)
    finally:
        set_max_pixels(before)
    assert Preprocessing(5).read(drawing(10, 10)).any()


@pytest.mark.parametrize("count", [0, -1, 64_000_001, 1.5, "9", None, True])
def test_a_bound_that_is_none_is_refused(count):
    with pytest.raises(ValueError, match="`count` must be a whole number of pixels from 1 to"):
        set_max_pixels(count)


def icon(picture, side=16):
    entry = struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + picture


def test_a_large_picture_in_a_small_icon_is_refused_before_it_is_decoded(monkeypatch):
    content = icon(encoded(drawing(2000, 2000), "PNG"))
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="at most 1024 pixels on a side, but this 2000x2000"):
        decode_image(content, "a", color="grey")


def tiled_tiff(side):
    """A TIFF of 10x10 pixels in one tile of another size."""
    pixels = zlib.compress(bytes(1000))
    tags = [(256, 10), (257, 10), (258, 8), (259, 8), (262, 1), (277, 1)]
    tags += [(322, side), (323, side), (324, 8), (325, len(pixels))]
    content = b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + struct.pack("<H", len(tags))
    return (
        content + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags) + bytes(4)
    )


def test_a_huge_tile_of_a_small_picture_is_refused():
    # Its decoder would take 1.5 GB.
    with pytest.raises(ValueError, match="at most 16777216 pixels, .* Received: 40000x40000"):
        decode_image(tiled_tiff(40_000), "a", color="grey")


def with_scans(count):
    content = encoded(drawing(64, 64), "JPEG", progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * count + content[-2:]


def test_a_photograph_of_very_many_scans_is_refused():
    assert decode_image(with_scans(50), "a", color="grey").shape == (64, 64, 1)
    # A phone appends a film; what looks like scans in it is something else.
    assert decode_image(with_scans(0) + b"\xff\xda" * 1000, "a", color="grey").any()
    for source in (with_scans(200), opened(with_scans(200))):
        with pytest.raises(ValueError, match="it has more than 100 scans, so save it as PNG"):
            Preprocessing(35).read(source)


def compressed_bmp(num_bytes):
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    pixels = b"\0\0" * (num_bytes // 2)
    header = struct.pack("<IiiHHIIiiII", 40, 900, 900, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 1078) + header + palette + pixels


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"P2 4000 4000 255\n" + b"#\n" * 200, "it has more than 100 comments"),
        (b"P2 4000 4000 255\n" + b"1 " * 1_200_000, "kind PPM text is read up to 2000000 bytes"),
        (b"P6 2000 900 99\n" + bytes(5_400_000), "kind PPM of other than 255 levels is read up to"),
        (compressed_bmp(2_100_000), "kind compressed BMP is read up to 2000000 bytes"),
        (icon(compressed_bmp(2_100_000)[14:]), "kind compressed BMP is read up to 2000000 bytes"),
    ],
    ids=["comments", "text", "levels", "BMP", "icon"],
)
def test_a_file_that_python_would_decode_for_long_is_refused(content, reason):
    with pytest.raises(ValueError, match=f"'a' must be an image file. .* {reason}"):
        decode_image(content, "a", color="grey")


@pytest.mark.parametrize("sides", [(1, 32_767), (32_767, 1), (32_767, 40)])
def test_a_strip_costs_little_when_it_is_redrawn(sides):
    strip = np.asarray(drawing(*sides))
    tracemalloc.start()
    try:
        Preprocessing(105, paper="redraw").read(strip)
    except ValueError as error:
        assert "nothing on the paper" in str(error)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 300e6

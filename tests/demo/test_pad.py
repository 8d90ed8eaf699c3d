import base64
import io

import numpy as np
import pytest
from PIL import Image

from keras_siamese.demo.pad import decode_pad, encode_pad, read_upload
from tests.data.images.test_image_files import header_only_png


def data_url(content):
    return "data:image/png;base64," + base64.b64encode(content).decode()


def pixels_of(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content)))


def test_a_pad_comes_back_as_it_was(cross):
    np.testing.assert_array_equal(pixels_of(decode_pad(encode_pad(cross))), cross)


@pytest.mark.parametrize("value", [None, ""])
def test_a_pad_without_a_stroke_is_said_to_be_empty(value):
    with pytest.raises(ValueError, match="The pad is empty"):
        decode_pad(value)


@pytest.mark.parametrize(
    "value, reason",
    [
        ("http://example.org/a.png", "image as a data URL"),
        (17, "image as a data URL"),
        ("data:text/html;base64,QUJD", "image as a data URL"),
        ("data:image/png;base64,/", "base64"),
        ("data:image/png;base64,QUJD", "must be an image file"),
        ("data:image/png;base64," + "A" * 24_000_000, "image as a data URL"),
        (data_url(header_only_png(60_000, 60_000)), "at most 4000000"),
    ],
    ids=["address", "number", "text", "base64", "content", "length", "bomb"],
)
def test_what_no_pad_sends_is_refused(value, reason):
    with pytest.raises(ValueError, match=reason):
        decode_pad(value)


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp"])
def test_an_upload_stays_the_file_that_it_is(tmp_path, cross, kind):
    Image.fromarray(cross).save(tmp_path / f"x.{kind}")
    url = read_upload(tmp_path / f"x.{kind}")
    assert url.startswith(f"data:image/{kind};base64,")
    assert decode_pad(url) == (tmp_path / f"x.{kind}").read_bytes()


def test_an_upload_that_browsers_do_not_show_keeps_its_pixels(tmp_path, cross):
    Image.fromarray(cross).save(tmp_path / "x.tiff")
    url = read_upload(tmp_path / "x.tiff")
    assert url.startswith("data:image/png;base64,")
    pixels = pixels_of(decode_pad(url))
    np.testing.assert_array_equal(pixels, np.repeat(cross[..., None], 3, axis=2))


def test_a_large_file_of_few_pixels_is_held_without_loss(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "x.bmp")
    assert (tmp_path / "x.bmp").stat().st_size > 4_000_000
    np.testing.assert_array_equal(pixels_of(decode_pad(read_upload(tmp_path / "x.bmp"))), noise)


def test_an_upload_that_is_no_image_is_refused_by_name(tmp_path):
    (tmp_path / "notes.png").write_text("no image")
    with pytest.raises(ValueError, match=r"'notes.png' must be an image file"):
        read_upload(tmp_path / "notes.png")


def test_an_upload_of_too_many_bytes_is_refused_unread(tmp_path):
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(32_000_001)
    with pytest.raises(ValueError, match="at most 32000000 bytes. Received: 32000001"):
        read_upload(tmp_path / "large.png")


def test_an_upload_of_too_many_pixels_is_refused(tmp_path):
    (tmp_path / "bomb.png").write_bytes(header_only_png(8001, 8000))
    with pytest.raises(ValueError, match=r"'bomb.png' must have at most 16777216 pixels"):
        read_upload(tmp_path / "bomb.png")

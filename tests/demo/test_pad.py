import base64

import numpy as np
import pytest
from PIL import Image

from keras_siamese.demo.pad import PAD_SIDE, decode_pad, encode_pad, read_upload
from tests.data.test_image_files import header_only_png


def data_url(content):
    return "data:image/png;base64," + base64.b64encode(content).decode()


def test_a_pad_comes_back_as_it_was(cross):
    np.testing.assert_array_equal(decode_pad(encode_pad(cross)), cross)


def test_transparent_parts_of_a_pad_are_paper(tmp_path):
    Image.new("RGBA", (PAD_SIDE, PAD_SIDE)).save(tmp_path / "a.png")
    assert (decode_pad(data_url((tmp_path / "a.png").read_bytes())) == 255).all()


@pytest.mark.parametrize("value", [None, ""])
def test_a_pad_without_a_stroke_is_said_to_be_empty(value):
    with pytest.raises(ValueError, match="The pad is empty"):
        decode_pad(value)


@pytest.mark.parametrize(
    "value, reason",
    [
        ("http://example.org/a.png", "PNG as a data URL"),
        (17, "PNG as a data URL"),
        ("data:image/png;base64,/", "base64"),
        ("data:image/png;base64,QUJD", "must be an image file"),
        ("data:image/png;base64," + "A" * 1_000_000, "PNG as a data URL"),
        (data_url(header_only_png(60_000, 60_000)), "at most 176400"),
        (encode_pad(np.zeros((10, 20), np.uint8)), "but got 20x10"),
    ],
    ids=["address", "number", "base64", "content", "length", "bomb", "size"],
)
def test_what_no_pad_sends_is_refused(value, reason):
    with pytest.raises(ValueError, match=reason):
        decode_pad(value)


def test_an_upload_is_centred_with_its_proportions(tmp_path):
    wide = Image.new("L", (200, 100), 255)
    wide.paste(0, (50, 25, 150, 75))
    wide.save(tmp_path / "wide.png")
    expected = np.full((PAD_SIDE, PAD_SIDE), 255, np.uint8)
    # 2.1 pixels of the pad for one of the image's, whose upper edge lies at 105.
    expected[158:262, 105:315] = 0
    # Within half a pixel of an edge, values lie between the two.
    assert (read_upload(tmp_path / "wide.png") == expected).mean() > 0.98


def test_a_line_of_pixels_is_an_image_too(tmp_path):
    line = Image.new("L", (3000, 1), 255)
    line.paste(0, (0, 0, 1000, 1))
    line.save(tmp_path / "line.png")
    assert (read_upload(tmp_path / "line.png") == 0).sum() == PAD_SIDE / 3


def test_the_rest_of_the_pad_has_the_ground_of_the_upload(tmp_path):
    pixels = np.full((60, 30), 120, np.uint8)
    pixels[20:40, 10:20] = 255
    Image.fromarray(pixels).save(tmp_path / "grey.png")
    sheet = read_upload(tmp_path / "grey.png")
    assert (sheet[:, :100] == 120).all() and (sheet[:, -100:] == 120).all()
    assert (sheet == 255).sum() > 0


def test_an_upload_that_is_no_image_is_refused_by_name(tmp_path):
    (tmp_path / "notes.png").write_text("no image")
    with pytest.raises(ValueError, match=r"'notes.png' must be an image file"):
        read_upload(tmp_path / "notes.png")


def test_an_upload_of_too_many_bytes_is_refused_unread(tmp_path):
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(4_000_001)
    with pytest.raises(ValueError, match="at most 4000000 bytes, but has 4000001"):
        read_upload(tmp_path / "large.png")


def test_an_upload_of_too_many_pixels_is_refused(tmp_path):
    (tmp_path / "bomb.png").write_bytes(header_only_png(4001, 4000))
    with pytest.raises(ValueError, match=r"'bomb.png' must have at most 16000000 pixels"):
        read_upload(tmp_path / "bomb.png")

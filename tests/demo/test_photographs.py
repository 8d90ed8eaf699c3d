"""Photographs on the page: large, turned, of a phone's kind, or of no use."""

from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, Recognizer
from keras_siamese.demo.board import Board
from keras_siamese.demo.pad import decode_pad, read_upload
from studies.robustness.looks import render

# EXIF: where the picture's top is, and that it is turned by a quarter to the right to be upright.
ORIENTATION, TO_THE_RIGHT = 0x0112, 6

HEIC = pytest.param(
    "heic", marks=pytest.mark.skipif(not find_spec("pillow_heif"), reason="needs pillow-heif")
)


@pytest.fixture
def board(pixel_network):
    reading = Preprocessing(35, paper="find")
    return Board(Recognizer(pixel_network, threshold=0.5, preprocessing=reading))


@pytest.fixture
def corner():
    """A drawing that is another when it is turned."""
    ink = np.zeros((105, 105), bool)
    ink[25:80, 30:35] = ink[75:80, 30:75] = True
    return ink


@pytest.fixture
def photograph(corner):
    """A photograph of 12 megapixels of a corner on ruled paper."""
    picture = Image.fromarray(render(corner, "phone, ruled paper", seed=1))
    return picture.resize((3000, 4000), Image.Resampling.BICUBIC)


def save(picture, path):
    """Save a picture as a phone does that is held upright: turned, with a note of it."""
    exif = Image.Exif()
    exif[ORIENTATION] = TO_THE_RIGHT
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    if path.suffix == ".heic":
        from pillow_heif import from_pillow

        from_pillow(turned).save(path, exif=exif.tobytes(), quality=90)
    else:
        turned.save(path, exif=exif, quality=90)


@pytest.mark.parametrize("kind", ["jpeg", HEIC])
def test_a_large_turned_photograph_is_read_as_from_its_file(
    board, corner, photograph, kind, tmp_path
):
    path = tmp_path / f"corner.{kind}"
    save(photograph, path)
    url = read_upload(path)
    assert url.startswith("data:image/jpeg;base64,") and len(url) < 4_000_000
    content = decode_pad(url)
    seen, from_file = board.see(content), board.see(path)
    assert seen.notes == []
    assert abs(seen.image.astype(int) - from_file.image).max() <= 2
    clean = board.see(corner).image.ravel()
    upright = [np.corrcoef(np.rot90(seen.image, turn).ravel(), clean)[0, 1] for turn in range(4)]
    assert np.argmax(upright) == 0


def test_a_support_image_keeps_a_small_picture_in_colour(board, photograph, tmp_path):
    save(photograph, tmp_path / "corner.jpeg")
    (image,) = board.with_support([], "corner", decode_pad(read_upload(tmp_path / "corner.jpeg")))
    assert image.thumbnail.shape == (96, 72, 3)


def test_what_may_be_wrong_is_said_and_not_printed(board, cross):
    two = np.full((200, 700), 255, np.uint8)
    two[60:140, 90:100] = two[95:105, 60:140] = 0
    two[60:140, 600:610] = two[95:105, 560:640] = 0
    (note,) = board.see(two).notes
    assert "two drawings" in note
    # A warning would fail this test.
    known = board.with_support(board.with_support([], "two", two), "cross", cross)
    assert board.rank(known, two)[0].name == "two"
    assert board.compare(two, two, board.choices[0]).same


def test_paper_without_a_drawing_is_an_error_that_says_so(board):
    noise = np.random.default_rng(0).normal(200, 2, (300, 300)).clip(0, 255).astype(np.uint8)
    with pytest.raises(ValueError, match="nothing is drawn on it"):
        board.see(noise)


def test_where_the_drawing_is_found_there_is_nothing_to_redraw(board):
    assert not board.can_redraw

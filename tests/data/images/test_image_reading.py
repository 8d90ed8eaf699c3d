import socket

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import Preprocessing, load_folder, read_image, read_images
from keras_siamese.data.images import picture_source


@pytest.fixture
def drawing(tmp_path):
    """A dark line on bright ground, and the same turned."""
    pixels = np.full((9, 9), 250, np.uint8)
    pixels[4] = 10
    Image.fromarray(pixels).save(tmp_path / "dark.png")
    Image.fromarray(255 - pixels).save(tmp_path / "bright.png")
    return tmp_path


def test_an_image_is_read_as_in_a_folder(drawing, tmp_path):
    (tmp_path / "all" / "a").mkdir(parents=True)
    (tmp_path / "all" / "a" / "1.png").write_bytes((drawing / "dark.png").read_bytes())
    for options in (
        {"color": "grey", "polarity": "dark_on_light"},
        {"color": "rgb", "polarity": "auto"},
    ):
        expected = load_folder(tmp_path / "all", size=(5, 7), **options).images[0]
        np.testing.assert_array_equal(
            read_image(drawing / "dark.png", size=(5, 7), **options), expected
        )


def test_auto_finds_the_ink_of_each_image(drawing):
    for paper, levels in (("keep", (245, 5)), ("level", (255, 0))):
        dark, bright = (
            read_image(drawing / name, size=9, polarity="auto", paper=paper)
            for name in ("dark.png", "bright.png")
        )
        np.testing.assert_array_equal(dark, bright)
        assert (dark[4, 0, 0], dark[0, 0, 0]) == levels


def test_a_preprocessing_says_all_that_the_words_say(drawing):
    words = Preprocessing((5, 7), paper="keep")
    expected = read_image(drawing / "dark.png", size=(5, 7), paper="keep")
    found = read_image(drawing / "dark.png", preprocessing=words)
    np.testing.assert_array_equal(found, expected)
    found = read_image(drawing / "dark.png", size=9, preprocessing=words)
    np.testing.assert_array_equal(found, read_image(drawing / "dark.png", size=9, paper="keep"))


def test_what_contradicts_itself_is_refused(drawing):
    for options, message in (
        ({}, "`size` or `preprocessing` must be given"),
        ({"preprocessing": Preprocessing(9), "color": "rgb"}, "`color` and `preprocessing`"),
        ({"preprocessing": Preprocessing(9), "polarity": "dark_on_light"}, "`polarity` and `prep"),
    ):
        with pytest.raises(ValueError, match=message):
            read_image(drawing / "dark.png", **options)


def corner(side, length, pen, top, left):
    """An L, black on white, its upper end at (top, left)."""
    pixels = np.full((side, side), 255, np.uint8)
    pixels[top : top + length, left : left + pen] = 0
    pixels[top + length - pen : top + length, left : left + length] = 0
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    "drawn",
    [corner(105, 40, 4, 5, 50), corner(600, 300, 20, 250, 20), corner(3000, 1200, 60, 100, 900)],
    ids=["small", "medium", "large"],
)
def test_place_size_and_pen_of_what_is_redrawn_make_no_difference(drawn, tmp_path):
    drawn.save(tmp_path / "drawn.png")
    found = read_image(tmp_path / "drawn.png", size=105, paper="redraw")
    assert found.shape == (105, 105, 1)
    # 69 pixels in the middle of 105, except for what thinning takes off the ends.
    for axis in (0, 1):
        inked = np.flatnonzero(found[..., 0].any(axis=axis))
        assert np.abs(inked[[0, -1]] - [18, 86]).max() <= 3
    # Two strokes of 5 pixels.
    assert 0.8 < (found > 0).sum() / (2 * 69 * 5 - 25) < 1.2


def test_a_blank_image_and_colour_are_not_redrawn(tmp_path):
    Image.new("L", (20, 20), 200).save(tmp_path / "blank.png")
    with pytest.raises(
        ValueError, match=r"blank.png' must show a drawing .* every pixel is of level 200"
    ):
        read_image(tmp_path / "blank.png", size=9, paper="redraw")
    with pytest.raises(
        ValueError, match="`paper` must be 'keep' or 'crop' for colour. Received: 'redraw'"
    ):
        read_image(tmp_path / "blank.png", size=9, paper="redraw", color="rgb")


def test_a_huge_file_is_refused(drawing, monkeypatch):
    monkeypatch.setattr(picture_source, "_MAX_BYTES", 10)
    with pytest.raises(ValueError, match=r"dark.png' must have at most 10 bytes. Received: more"):
        read_image(drawing / "dark.png", size=9, polarity="dark_on_light")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_refused(device):
    with pytest.raises(OSError, match=f"must be a file. Received: the device '{device}'"):
        read_image(device, size=9, polarity="dark_on_light")


def test_a_socket_is_refused(tmp_path, monkeypatch):
    # The path of a socket is short.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("a.png")
        with pytest.raises(OSError, match="must be a file. Received: the socket 'a.png'"):
            read_image("a.png", size=9, polarity="dark_on_light")


def test_missing_files_and_folders_are_errors_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing.png"):
        read_image(tmp_path / "missing.png", size=9, polarity="dark_on_light")
    with pytest.raises(
        IsADirectoryError, match=f"must be a file. Received: the folder '{tmp_path}'"
    ):
        read_image(tmp_path, size=9, polarity="dark_on_light")


def test_unknown_looks_are_refused(drawing):
    for named in ("polarity", "paper", "color"):
        with pytest.raises(ValueError, match=f"`{named}` must be one of"):
            read_image(drawing / "dark.png", size=9, **{named: "x"})


def test_unreadable_files_are_told_or_raised(drawing):
    files = [drawing / "bright.png", drawing / "missing.png", drawing / "dark.png"]
    errors: list[Exception] = []
    look = {"color": "grey", "polarity": "dark_on_light"}
    images = read_images(files, (9, 9), **look, on_unreadable=errors.append)
    assert list(images) == [files[0], files[2]]
    assert len(errors) == 1 and "missing.png" in str(errors[0])
    with pytest.raises(FileNotFoundError, match=r"missing.png"):
        read_images(files, (9, 9), **look)

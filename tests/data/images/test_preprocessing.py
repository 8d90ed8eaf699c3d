import dataclasses
import io
import os

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import Preprocessing, read_image


@pytest.fixture
def cross():
    """A cross, black on white."""
    pixels = np.full((70, 70), 255, np.uint8)
    pixels[32:38, 10:60] = pixels[10:60, 32:38] = 0
    return pixels


def test_what_is_not_told_depends_on_colour():
    grey, rgb = Preprocessing(35), Preprocessing((20, 30), "rgb")
    assert (grey.size, grey.polarity, grey.paper, grey.shape) == (
        (35, 35),
        "auto",
        "level",
        (35, 35, 1),
    )
    assert (rgb.polarity, rgb.paper, rgb.shape) == ("light_on_dark", "keep", (20, 30, 3))
    assert grey == Preprocessing((35, 35)) and hash(grey) == hash(Preprocessing((35, 35)))
    assert dataclasses.replace(grey, size=9).size == (9, 9)


@pytest.mark.parametrize(
    "values",
    [
        {"color": "blue"},
        {"polarity": "dark"},
        {"polarity": ""},
        {"paper": ""},
        {"paper": "white"},
        {"aspect": "crop"},
        {"size": 0},
        {"value_range": (-1, 1)},
        {"color": "rgb", "paper": "level"},
    ],
)
def test_unknown_values_are_refused(values):
    name = "paper" if "color" in values and "paper" in values else next(iter(values))
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        Preprocessing(**{"size": 35, **values})


def test_json_holds_all_and_only_all():
    preprocessing = Preprocessing((20, 30), polarity="dark_on_light", aspect="fit")
    saved = preprocessing.to_json()
    assert saved == {
        "size": [20, 30],
        "color": "grey",
        "polarity": "dark_on_light",
        "paper": "level",
        "aspect": "fit",
        "value_range": [0.0, 1.0],
    }
    assert Preprocessing.from_json(saved) == preprocessing
    for wrong in (
        saved | {"more": 1},
        {name: value for name, value in saved.items() if name != "paper"},
        saved | {"paper": "white"},
        saved | {"paper": None},
        saved | {"size": "35"},
        [],
    ):
        with pytest.raises(ValueError):
            Preprocessing.from_json(wrong)


def test_every_kind_of_source_gives_the_same(cross, tmp_path):
    Image.fromarray(cross).save(tmp_path / "cross.png")
    content = (tmp_path / "cross.png").read_bytes()
    opacity = np.full((70, 70, 1), 255, np.uint8)
    sources = [
        str(tmp_path / "cross.png"),
        tmp_path / "cross.png",
        content,
        bytearray(content),
        Image.fromarray(cross),
        Image.open(io.BytesIO(content)),
        cross,
        cross[..., None],
        np.repeat(cross[..., None], 3, -1),
        np.concatenate([cross[..., None]] * 3 + [opacity], -1),
        cross > 0,
        cross / 255,
        cross.astype(np.uint16) * 257,
    ]
    expected = read_image(tmp_path / "cross.png", size=35)
    preprocessing = Preprocessing(35)
    for image in preprocessing.read_batch(sources):
        np.testing.assert_array_equal(image, expected)


def test_upright_inverted_and_grey_paper_give_the_same(cross):
    upright, inverted = cross, 255 - cross
    on_grey = np.where(cross == 255, 140, 30).astype(np.uint8)
    faint = np.where(cross == 255, 90, 120).astype(np.uint8)
    expected, *others = Preprocessing(33).read_batch([upright, inverted, on_grey, faint])
    for other in others:
        np.testing.assert_array_equal(other, expected)


def test_fit_keeps_proportions_and_fills_with_paper(cross):
    wide = np.pad(cross, [(0, 0), (35, 35)], constant_values=255)
    image = Preprocessing(35, aspect="fit").read(np.where(wide == 255, 150, 10).astype(np.uint8))
    assert image.shape == (35, 35, 1)
    inked = np.argwhere(image[..., 0] > 0)
    # 140x70 becomes 35x18 in the middle, and the cross of 50 pixels becomes 12 or 13 each way.
    assert np.ptp(inked, axis=0).tolist() == pytest.approx([12, 12], abs=1)
    assert inked.mean(axis=0) == pytest.approx([17, 17], abs=0.6)


def test_a_named_pipe_is_refused_and_that_of_a_shell_is_read(tmp_path, cross):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="must be a file. Received: the named pipe .*pipe.png"):
        Preprocessing(35).read(tmp_path / "pipe.png")
    # A path that only looks as if it were in /dev/fd.
    (tmp_path / "dev" / "fd").mkdir(parents=True)
    os.mkfifo(tmp_path / "dev" / "fd" / "9")
    with pytest.raises(OSError, match="Received: the named pipe"):
        Preprocessing(35).read(tmp_path / "dev" / "fd" / "9")
    content = io.BytesIO()
    Image.fromarray(cross).save(content, format="PNG")
    reading, writing = os.pipe()
    os.write(writing, content.getvalue())
    os.close(writing)
    image = Preprocessing(35).read(f"/dev/fd/{reading}")
    os.close(reading)
    np.testing.assert_array_equal(image, Preprocessing(35).read(cross))


def test_keep_leaves_the_levels(cross):
    grey = np.where(cross == 255, 140, 30).astype(np.uint8)
    for polarity, expected in (
        ("light_on_dark", grey),
        ("dark_on_light", 255 - grey),
        ("auto", 255 - grey),
    ):
        found = Preprocessing(70, polarity=polarity, paper="keep").read(grey)
        np.testing.assert_array_equal(found[..., 0], expected)


def test_colour_is_read_as_it_is_unless_told_otherwise(cross):
    pixels = np.stack([cross, cross // 2, 255 - cross], -1)
    np.testing.assert_array_equal(Preprocessing(70, "rgb").read(pixels), pixels)
    for polarity in ("dark_on_light", "auto"):
        found = Preprocessing(70, "rgb", polarity).read(pixels)
        np.testing.assert_array_equal(found, 255 - pixels)


def test_redraw_follows_the_polarity_that_is_told(cross):
    reading = Preprocessing(105, paper="redraw")
    expected = reading.read(cross)
    np.testing.assert_array_equal(reading.read(255 - cross), expected)
    # A disc that fills most of its image is ink only where that is said.
    disc = np.where(np.hypot(*np.mgrid[-20:21, -20:21]) < 20.5, 0, 255).astype(np.uint8)
    told = Preprocessing(105, polarity="dark_on_light", paper="redraw").read(disc)
    other = Preprocessing(105, polarity="light_on_dark", paper="redraw").read(disc)
    assert (told != other).any()


@pytest.mark.parametrize(
    ("pixels", "seen"),
    [
        (np.full((9, 8), 255, np.uint8), "blank: every pixel is white"),
        (np.zeros((9, 8, 3), np.uint8), "blank: every pixel is black"),
        (np.full((9, 8), 7, np.uint8), "blank: every pixel is of level 7 of 255"),
        (np.arange(72).reshape(9, 8).astype(np.uint8) % 5, "nearly equal, from level 0 to 4"),
        (np.eye(9, dtype=np.uint8), "nearly equal, from level 0 to 1 of 255"),
    ],
)
def test_what_shows_nothing_is_an_error_that_says_what_was_seen(pixels, seen, tmp_path):
    with pytest.raises(ValueError, match=f"^'picture' must show a drawing.*{seen}"):
        Preprocessing(5).read(pixels)
    Image.fromarray(pixels).save(tmp_path / "scan.png")
    with pytest.raises(ValueError, match=f"scan.png' must show a drawing.*{seen}"):
        Preprocessing(5).read(tmp_path / "scan.png")


def test_colour_without_any_content_is_blank():
    with pytest.raises(ValueError, match="every pixel is of level 255, 0, 0 of 255"):
        Preprocessing(5, "rgb").read(np.full((9, 8, 3), [255, 0, 0], np.uint8))


def test_what_is_lost_when_it_is_shrunk_is_told():
    pixels = np.full((2000, 2000), 255, np.uint8)
    pixels[1000, 1000] = 0
    with pytest.raises(ValueError, match="of its 2000x2000 pixels nothing is left at 20x20"):
        Preprocessing(20).read(pixels)
    assert Preprocessing(1).read(np.eye(4, dtype=bool)).shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.zeros((3, 9, 8)), r"\(3, 9, 8\). .*images\[..., None\].*channels come first.*moveaxis"),
        (np.zeros((2, 9, 8, 1)), "For a batch use `read_batch`"),
        (np.zeros(9), r"shape \(9,\)"),
        (np.zeros((0, 9)), r"shape \(0, 9\)"),
        (np.full((9, 8), np.nan), "NaN or inf among the values"),
        (np.full((9, 8), np.inf), "NaN or inf among the values"),
        (np.linspace(-1, 1, 72).reshape(9, 8), r"from -1 to 1. .*\(x \+ 1\) / 2"),
        (np.linspace(0, 255, 72).reshape(9, 8), "from 0 to 255. .*x / 255"),
        (np.arange(72).reshape(9, 8), "int64.*astype"),
        (np.array([["a", "b"]]), "must be uint8"),
        (["a.png", "b.png"], "list.*`read_batch`"),
        (None, "Received: NoneType"),
        (5, "Received: int"),
    ],
)
def test_other_sources_are_refused_with_a_remedy(source, message):
    with pytest.raises(ValueError, match=message):
        Preprocessing(5).read(source)


def test_a_batch_leaves_out_what_cannot_be_read_and_tells_it(cross, tmp_path):
    errors: list[Exception] = []
    sources = [cross, np.zeros((5, 5), np.uint8), tmp_path / "missing.png", ~cross]
    reading = Preprocessing(7)
    found = reading.read_batch(sources, errors.append)
    np.testing.assert_array_equal(found, reading.read_batch([cross, cross]))
    assert [type(error) for error in errors] == [ValueError, FileNotFoundError]
    assert reading.read_batch([]).shape == (0, 7, 7, 1)
    with pytest.raises(FileNotFoundError, match="missing.png', which is not there"):
        reading.read_batch(sources[2:])
    for single in ("a.png", tmp_path, b""):
        with pytest.raises(ValueError, match="must be a list of pictures"):
            reading.read_batch(single)


def test_a_jpeg_without_its_last_bytes_is_named(cross, tmp_path):
    Image.fromarray(cross).save(tmp_path / "scan.jpg")
    content = (tmp_path / "scan.jpg").read_bytes()
    (tmp_path / "scan.jpg").write_bytes(content[:-40])
    with pytest.raises(ValueError, match="scan.jpg' must be an image file.*truncated"):
        Preprocessing(7).read(tmp_path / "scan.jpg")


def test_an_address_is_not_fetched():
    with pytest.raises(FileNotFoundError, match="'https://example.org/a.png', .*Download it"):
        Preprocessing(7).read("https://example.org/a.png")


def test_a_large_array_of_colours_is_turned_grey_as_an_image_of_it():
    # More rows than are turned at once, and not a whole number of them.
    pixels = np.random.default_rng(0).integers(0, 256, (150, 7, 3)).astype(np.uint8)
    reading = Preprocessing((150, 7), polarity="light_on_dark", paper="keep")
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    np.testing.assert_array_equal(reading.read(pixels)[..., 0], grey)
    np.testing.assert_array_equal(reading.read(pixels[:, ::-1])[..., 0], grey[:, ::-1])

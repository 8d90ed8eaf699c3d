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
    content = io.BytesIO()
    Image.fromarray(cross).save(content, format="PNG")
    reading, writing = os.pipe()
    os.write(writing, content.getvalue())
    os.close(writing)
    image = Preprocessing(35).read(f"/dev/fd/{reading}")
    os.close(reading)
    np.testing.assert_array_equal(image, Preprocessing(35).read(cross))

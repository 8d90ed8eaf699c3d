"""How the images of a training are read, where nobody says it."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import Preprocessing, make_glyphs
from keras_siamese.data.folders import training_images as reading
from keras_siamese.data.folders.training_images import choose_paper


@pytest.fixture
def photographs(monkeypatch):
    """All that is looked at are photographs of drawings; lists what was looked at."""
    looked_at = []

    def choose_paper(data):
        looked_at.append(data)
        return "find"

    monkeypatch.setattr(reading, "choose_paper", choose_paper)
    return looked_at


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, Preprocessing(35, paper="find")),
        ({"color": "grey", "size": (8, 9)}, Preprocessing((8, 9), paper="find")),
        ({"shape": (None, 12, 1)}, Preprocessing((35, 12), paper="find")),
    ],
)
def test_grey_images_are_looked_at(photographs, told, expected):
    assert reading.choose_preprocessing("mine", **told) == expected
    assert photographs == ["mine"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"paper": "level"}, Preprocessing(35)),
        ({"polarity": "dark_on_light"}, Preprocessing(35, polarity="dark_on_light")),
        ({"paper": "redraw"}, Preprocessing(35, paper="redraw")),
        ({"color": "rgb"}, Preprocessing(35, "rgb")),
        ({"shape": (10, 12, 3)}, Preprocessing((10, 12), "rgb")),
    ],
)
def test_others_are_not(photographs, told, expected):
    assert reading.choose_preprocessing("mine", **told) == expected
    assert photographs == []


KNOWN = Preprocessing((9, 8), polarity="dark_on_light", paper="find", aspect="fit")


@pytest.mark.parametrize(
    ("told", "changed"),
    [
        ({}, {}),
        ({"size": (9, 8), "color": "grey"}, {}),
        ({"paper": "level"}, {"paper": "level"}),
        ({"polarity": "light_on_dark"}, {"polarity": "light_on_dark"}),
        ({"polarity": "auto", "paper": "redraw"}, {"polarity": "auto", "paper": "redraw"}),
    ],
)
def test_what_is_not_told_is_as_the_network_has_it(photographs, told, changed):
    assert reading.choose_preprocessing("mine", known=KNOWN, **told) == replace(KNOWN, **changed)
    assert photographs == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"size": 8}, r"shape \(9, 8, 1\).*Received: \(8, 8, 1\)"),
        ({"color": "rgb"}, r"shape \(9, 8, 1\).*Received: \(9, 8, 3\)"),
        ({"polarity": "blue"}, "`polarity` must be one of"),
        ({"paper": "papyrus"}, "`paper` must be one of"),
    ],
)
def test_what_contradicts_the_network_is_refused(photographs, told, said):
    with pytest.raises(ValueError, match=said):
        reading.choose_preprocessing("mine", known=KNOWN, **told)


INK = make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=1, size=105, seed=2)


def clean(number):
    """A drawing as on a screen."""
    return 255 - np.pad(INK.images[number, ..., 0], 30)


def photograph(number):
    """The same on unevenly lit paper with noise."""
    rng = np.random.default_rng(number)
    page = clean(number) / 255 * np.linspace(120, 230, 165)[:, None]
    return np.clip(page + rng.normal(0, 3, page.shape), 0, 255).astype(np.uint8)


def scenery(number):
    """A picture that shows no drawing."""
    from scipy.ndimage import gaussian_filter

    values = gaussian_filter(np.random.default_rng(number).normal(size=(165, 165)), 6)
    return ((values - values.min()) / np.ptp(values) * 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "expected"), [(clean, "level"), (photograph, "find"), (scenery, "level")]
)
def test_arrays_mappings_and_folders_are_told_alike(picture, expected, tmp_path):
    pictures = [picture(number) for number in range(6)]
    named = {f"class{number}": [pixels] for number, pixels in enumerate(pictures)}
    for name, (pixels,) in named.items():
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "0.png")
    for data in (pictures, np.stack(pictures), named, (pictures, list("abcdef")), tmp_path):
        assert choose_paper(data) == expected


def test_what_cannot_be_read_does_not_count(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "bad.png").write_bytes(b"nothing")
    assert choose_paper([tmp_path / "a" / "bad.png", photograph(0), photograph(1)]) == "find"
    for data in (tmp_path / "none", tmp_path / "a", [], None, 3):
        assert choose_paper(data) == "level"

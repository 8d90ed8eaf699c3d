"""How the images of a training are read, where nobody says it."""

from dataclasses import replace

import pytest

from keras_siamese.data import Preprocessing
from keras_siamese.data.folders import training_images as reading


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

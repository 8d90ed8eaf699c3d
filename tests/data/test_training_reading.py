"""How the images of a training are read, where nobody says it."""

import pytest

from keras_siamese.data import Preprocessing
from keras_siamese.data import training_reading as reading


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
        ({"shape": (10, 12, 3), "color": "grey"}, Preprocessing((10, 12), paper="find")),
    ],
)
def test_grey_images_are_looked_at(photographs, told, expected):
    assert reading.choose_preprocessing("mine", **told) == expected
    assert photographs == ["mine"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"paper": "level"}, Preprocessing(35)),
        ({"ink": "dark"}, Preprocessing(35, polarity="dark_on_light")),
        ({"ink": "redraw"}, Preprocessing(35, paper="redraw")),
        ({"color": "rgb"}, Preprocessing(35, "rgb")),
        ({"shape": (10, 12, 3)}, Preprocessing((10, 12), "rgb")),
    ],
)
def test_others_are_not(photographs, told, expected):
    assert reading.choose_preprocessing("mine", **told) == expected
    assert photographs == []

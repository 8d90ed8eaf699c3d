"""Recognizers of a network whose weights are set by hand, and files of drawings."""

import pytest
from PIL import Image

from keras_siamese import Recognizer
from keras_siamese.evaluation.novelty import Novelty
from tests.recognizer.drawings import drawing, make_network


@pytest.fixture(scope="module")
def network():
    return make_network()


@pytest.fixture
def recognizer(network):
    return Recognizer(network, threshold=0.9)


@pytest.fixture
def known(recognizer):
    return recognizer.fit({"one": drawing(1), "two": drawing(1, 2), "six": drawing(6)})


@pytest.fixture
def wary(known):
    """Knows what drawings of one row are like."""
    rows = [drawing(row, level=5 * step) for row in range(8) for step in range(30)]
    known.novelty = Novelty.fit(known.embed(rows))
    return known


@pytest.fixture
def files(tmp_path):
    """Twelve files, each another drawing."""
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(drawing(number % 8, 3 + number // 8)).save(paths[-1])
    return paths

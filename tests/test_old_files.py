"""Files of version 0.1.0 as of commit 98a8401, before a file said how its images are read.

Each holds a network on images of 3x3 whose probability is sigmoid(3 - sum |left - right|).
"""

import math
from pathlib import Path

import numpy as np
import pytest

from keras_siamese import OneShotClassifier, Preprocessing, Recognizer, Verifier
from keras_siamese.models.network_files import load_network, network_preprocessing

FOLDER = Path(__file__).parent / "old_files"


@pytest.fixture
def strokes():
    """A row and a column, ink 255, as the classifier's classes "across" and "down"."""
    images = np.zeros((2, 3, 3, 1), np.uint8)
    images[0, 1] = images[1, :, 1] = 255
    return images


def test_an_old_verifier_decides_as_before(strokes):
    verifier = Verifier.load(FOLDER / "verifier.zip")
    assert verifier.preprocessing is None and verifier.threshold == 0.75
    found = verifier.probabilities(strokes[[0, 0]], strokes)
    # Row and column differ in four pixels.
    assert found == pytest.approx([1 / (1 + math.exp(distance - 3)) for distance in (0, 4)])


def test_an_old_classifier_names_as_before(strokes):
    classifier = OneShotClassifier.load(FOLDER / "classifier.zip")
    assert classifier.preprocessing is None and classifier.threshold == 0.25
    assert classifier.predict(strokes[::-1]).tolist() == ["down", "across"]


def test_an_old_network_loads(strokes):
    assert network_preprocessing(FOLDER / "network.keras") is None
    verifier = Verifier(load_network(FOLDER / "network.keras"))
    assert verifier.verify(strokes[[0, 0]], strokes).tolist() == [True, False]


@pytest.mark.parametrize("name", ["network.keras", "verifier.zip", "classifier.zip"])
def test_what_is_assumed_of_an_old_file_is_said(name, caplog):
    recognizer = Recognizer.load(FOLDER / name)
    assert recognizer.preprocessing == Preprocessing(3)
    assert recognizer.novelty is None
    (assumption,) = recognizer.assumptions
    assert "does not say how its images are read: assuming Preprocessing(size=(3, 3)" in assumption
    assert caplog.messages == [assumption]

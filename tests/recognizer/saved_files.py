"""A small file of each kind that the package saves, with all that such a file can hold."""

import json
import zipfile

import numpy as np

from keras_siamese import OneShotClassifier, Preprocessing, Recognizer, Verifier
from keras_siamese.evaluation.episode_scores import OneShotResult
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import OperatingPoint
from keras_siamese.evaluation.training_report import TrainingReport
from tests.recognizer.drawings import SIDE, drawing

POINT = OperatingPoint(0.8, 0.01, (0.0, 0.2), 0.1, 40, 60)
ONE_SHOT = OneShotResult(0.75, (0.5, 0.9), 4, 3, {"Greek": (3, 4)}, "within-alphabet")
REPORT = TrainingReport("x", ("a", "b"), 2, ONE_SHOT, POINT, "too few", ("c.png",), 0.01)
LOADERS = {"Recognizer": Recognizer, "Verifier": Verifier, "OneShotClassifier": OneShotClassifier}


def save_recognizer(network, path):
    recognizer = Recognizer(network, threshold=0.9, thresholds={0.01: 0.8, 0.1: 0.5})
    recognizer.fit({"one": drawing(1), "two": [drawing(1, 2), drawing(2)]})
    rows = [drawing(row, level=5 * step) for row in range(8) for step in range(8)]
    recognizer.novelty = Novelty.fit(recognizer.embed(rows))
    recognizer.operating_point, recognizer.report = POINT, REPORT
    recognizer.save(path)


def save_verifier(network, path):
    verifier = Verifier(network, threshold=0.9, preprocessing=Preprocessing(SIDE))
    verifier.operating_point = POINT
    verifier.save(path)


def save_classifier(network, path):
    images = np.stack([drawing(row)[..., None] for row in (1, 2, 3)])
    OneShotClassifier(
        network, threshold=0.9, unknown_label="none", preprocessing=Preprocessing(SIDE)
    ).fit(images, ["a", "b", "a"]).save(path)


SAVERS = {
    "Recognizer": save_recognizer,
    "Verifier": save_verifier,
    "OneShotClassifier": save_classifier,
}


def written(path, entries, **changed):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (entries | changed).items():
            archive.writestr(name, content)
    return path


def places(value, place=()):
    """The place of each value in a tree of JSON, and of each list and mapping."""
    if place:
        yield place
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(below, (*place, key))


def at(tree, place):
    for key in place:
        tree = tree[key]
    return tree


def replaced(tree, place, value):
    tree = json.loads(json.dumps(tree))
    at(tree, place[:-1])[place[-1]] = value
    return tree

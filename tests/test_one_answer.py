"""One picture, one answer: the command, Python, the page to draw on and the served bytes agree."""

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from typer.testing import CliRunner

import keras_siamese as ks
from keras_siamese.cli import app
from keras_siamese.demo.board import Board

EXAMPLES = Path(__file__).parents[1] / "examples"
SIGN = EXAMPLES / "sign.png"
# What the README shows of them.
OTHERS = {"loop": 0.9920, "ear": 0.0008}
LOOKS = {
    "upright": lambda pixels: pixels,
    "inverted": lambda pixels: 255 - pixels,
    "on grey paper": lambda pixels: np.round(pixels * (200 / 255)),
}


@pytest.fixture(scope="module")
def recognizer():
    return ks.Recognizer.from_preset("omniglot")


@pytest.fixture(scope="module")
def served(recognizer, tmp_path_factory):
    folder = recognizer.export(tmp_path_factory.mktemp("served") / "omniglot")
    return tf.saved_model.load(str(folder)).signatures["verify_images"]


def looking(path, look, folder):
    """Write a picture with another look."""
    pixels = LOOKS[look](np.asarray(Image.open(path).convert("L")).astype(float))
    file = folder / f"{path.parent.name}-{path.stem}-{look}.png".replace(" ", "-")
    Image.fromarray(pixels.astype(np.uint8)).save(file)
    return file


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", OTHERS)
def test_every_way_gives_the_same_probability(name, look, recognizer, served, tmp_path):
    left = looking(EXAMPLES / "signs" / name / "1.png", look, tmp_path)
    right = looking(SIGN, look, tmp_path)
    command = CliRunner().invoke(app, ["verify", str(left), str(right), "--json"])
    assert command.exit_code == 0, command.output
    contents = [tf.constant([path.read_bytes()]) for path in (left, right)]
    board = Board(recognizer)
    answers = {
        "command": json.loads(command.stdout)["probability"],
        "python": recognizer.verify(left, right).probability,
        "page": board.compare(left, right, board.choices[0]).probability,
        "served": float(served(left=contents[0], right=contents[1])["probability"][0]),
        "arrays": recognizer.verify(np.asarray(Image.open(left)), right).probability,
    }
    upright = recognizer.verify(EXAMPLES / "signs" / name / "1.png", SIGN).probability
    assert upright == pytest.approx(OTHERS[name], abs=5e-5)
    assert answers == pytest.approx(dict.fromkeys(answers, upright), abs=1e-4)

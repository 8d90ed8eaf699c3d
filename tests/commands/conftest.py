"""A network whose answers can be worked out by hand, drawings, and the command in this process."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keras_siamese import cli, pretrained, siamese_network
from keras_siamese.models import twin_head
from tests.commands.drawings import BIAS, CARD, SIDE, save, strokes


@pytest.fixture(scope="session")
def pixel_network() -> keras.Model:
    """Probability sigmoid(3 - sum of |left - right| over the pixels) for images of 8x8."""
    inputs = keras.Input((SIDE, SIDE, 1))
    model = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    twin_head(model).set_weights([-np.ones((SIDE**2, 1)), np.array([BIAS])])
    return model


@pytest.fixture(autouse=True)
def ships(monkeypatch, pixel_network):
    """Puts the network instead of the one that ships; lists the names asked for."""
    asked = []

    def load(name):
        asked.append(name)
        return pixel_network

    monkeypatch.setattr(pretrained, "pretrained_names", lambda: ("omniglot",))
    monkeypatch.setattr(pretrained, "pretrained_card", lambda name: CARD)
    monkeypatch.setattr(pretrained, "open_pretrained", load)
    return asked


@pytest.fixture
def run():
    """Runs the command; a failure ends with one line on stderr, and prints nothing on stdout."""

    def call(*arguments: object, code: int = 0):
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if code == 1:
            assert result.stdout == ""
            assert result.stderr.splitlines()[-1].startswith("keras-siamese: ")
        return result

    return call


@pytest.fixture
def answer(run):
    """Runs the command with --json and reads what it prints."""

    def call(*arguments: object):
        return json.loads(run(*arguments, "--json").stdout)

    return call


@pytest.fixture
def classes(tmp_path) -> Path:
    """Six classes of four images, a row for each class, each image of another level."""
    folder = tmp_path / "things"
    for row in range(6):
        for number in range(4):
            save(folder / f"row{row}" / f"{number}.png", strokes(row, level=10 * number))
    return folder


@pytest.fixture
def bad_files(tmp_path) -> dict[str, Path]:
    """Files that are no single whole image, by what is wrong with them."""
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (50, 50), "u1"))
    files = {name: tmp_path / f"{name}.png" for name in ("text", "empty", "truncated", "missing")}
    files["text"].write_text("no image")
    files["empty"].write_bytes(b"")
    files["truncated"].write_bytes(whole.read_bytes()[:1000])
    files["folder"] = tmp_path / "folder.png"
    files["folder"].mkdir()
    files["animated"] = tmp_path / "animated.gif"
    frames = [Image.fromarray(strokes(row)) for row in range(3)]
    frames[0].save(files["animated"], save_all=True, append_images=frames[1:])
    files["bomb"] = tmp_path / "bomb.png"
    header = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x00\x00\x00\x00"
    )
    files["bomb"].write_bytes(header + b"\x00" * 4)
    return files

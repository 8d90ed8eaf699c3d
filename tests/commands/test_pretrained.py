"""`keras-siamese pretrained`: names and cards."""

import pytest
from PIL import Image

from keras_siamese import pretrained
from tests.commands.drawings import CARD


def test_names_are_listed(run, answer):
    assert run("pretrained").stdout == "omniglot: Compares pixels.\n"
    assert answer("pretrained") == [CARD]


def test_a_card_is_shown(run, answer):
    assert answer("pretrained", "omniglot") == CARD
    shown = run("pretrained", "omniglot").stdout
    for part in (
        "8x8",
        "1.0%: 0.9000",
        "0.1%: 0.9500",
        "(official): 98.5 % (96.8 % to 99.3 %)",
        "MIT",
    ):
        assert part in shown


def test_an_unknown_name_is_refused(run, monkeypatch):
    monkeypatch.undo()
    stderr = run("pretrained", "mnist", code=1).stderr
    assert "NAME" in stderr and "mnist" in stderr and len(stderr.splitlines()) == 1


@pytest.mark.parametrize("name", pretrained.pretrained_names())
def test_cards_that_ship_have_what_is_shown(run, monkeypatch, name):
    monkeypatch.undo()
    assert "threshold for a false-accept rate of 1.0%" in run("pretrained", name).stdout


def test_signs_compares_two_files(run, monkeypatch, tmp_path):
    monkeypatch.undo()
    files = []
    for name, colour in (("red", "red"), ("blue", "blue")):
        picture = Image.new("RGB", (80, 60), "white")
        picture.paste(colour, (20, 10, 60, 50))
        files.append(tmp_path / f"{name}.png")
        picture.save(files[-1])
    shown = run("verify", files[0], files[0], "--model", "signs").stdout
    assert shown.startswith("same: probability")
    assert "probability" in run("verify", *files, "--model", "signs").stdout
    for part in ("on icons:", "on flags:"):
        assert part in run("pretrained", "signs").stdout

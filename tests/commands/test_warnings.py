"""Reasons to doubt an answer: a line per image on stderr, and fields of JSON and CSV."""

import csv
import io

import numpy as np
import pytest

from keras_siamese import Preprocessing, Recognizer
from keras_siamese.evaluation.novelty import Novelty
from tests.commands.drawings import save, strokes


@pytest.fixture
def model(pixel_network, tmp_path):
    """A network's file that knows drawings of one row, read as photographs are."""
    usual = Recognizer(pixel_network, Preprocessing(8), threshold=0.9)
    rows = [strokes(row, level=5 * step) for row in range(8) for step in range(30)]
    usual.novelty = Novelty.fit(usual.embed(rows))
    usual.save(tmp_path / "known.zip")
    return tmp_path / "known.zip"


@pytest.fixture
def files(tmp_path):
    """A drawing of one row, and a field of squares."""
    squares = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((2, 2)))
    usual = save(tmp_path / "usual.png", strokes(3, level=40))
    return usual, save(tmp_path / "squares.png", (255 * squares).astype(np.uint8))


def test_verify_warns_of_an_image_unlike_the_training_images(answer, run, model, files):
    usual, unlike = files
    done = run("verify", usual, unlike, "--model", model)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"keras-siamese: {str(unlike)!r}: it is unlike the images that the")
    assert len(done.stdout.splitlines()) == 1
    said = answer("verify", usual, unlike, "--model", model)
    assert said["novelty"] >= 0.99 and said["warnings"] == [line.removeprefix("keras-siamese: ")]
    (row,) = csv.DictReader(
        io.StringIO(run("verify", usual, unlike, "--model", model, "--csv").stdout)
    )
    assert row["warnings"] == said["warnings"][0] and float(row["novelty"]) == said["novelty"]
    done = run("verify", usual, usual, "--model", model)
    assert done.stderr == "" and answer("verify", usual, usual, "--model", model)["novelty"] < 0.99


def test_classify_warns_of_an_image_unlike_the_training_images(answer, run, model, files, tmp_path):
    save(tmp_path / "support" / "a" / "1.png", strokes(1))
    save(tmp_path / "support" / "b" / "1.png", strokes(5))
    arguments = ["classify", "--support", tmp_path / "support", *files, "--model", model]
    (line,) = run(*arguments).stderr.splitlines()
    usual, unlike = answer(*arguments)["results"]
    assert usual["warnings"] == [] and usual["novelty"] < 0.99 <= unlike["novelty"]
    assert f"keras-siamese: {unlike['warnings'][0]}" == line
    first, second = csv.DictReader(io.StringIO(run(*arguments, "--csv").stdout))
    assert first["warnings"] == "" and second["warnings"] == unlike["warnings"][0]


# Its drawing runs out of the picture.
PHOTOGRAPH = np.full((120, 120), 210, np.uint8)
PHOTOGRAPH[55:65, 30:] = PHOTOGRAPH[20:90, 60:70] = 40


@pytest.fixture
def cut_off(tmp_path):
    return save(tmp_path / "cut off.png", PHOTOGRAPH)


def test_what_the_reading_notes_is_told_once_in_one_line(answer, run, pixel_network, cut_off):
    file = cut_off.parent / "finding.zip"
    Recognizer(pixel_network, Preprocessing(8, paper="find"), threshold=0.9).save(file)
    arguments = ["verify", cut_off, cut_off, "--model", file, "--save-read", file.parent / "read"]
    (line,) = run(*arguments).stderr.splitlines()
    assert line.startswith(f"keras-siamese: {str(cut_off)!r}: ") and "Warning" not in line
    said = answer(*arguments)
    assert said["warnings"] == [line.removeprefix("keras-siamese: ")] and said["novelty"] is None
    (line_of_embed,) = run(
        "embed", cut_off, file.parent / "x.npz", "--model", file
    ).stderr.splitlines()
    assert line_of_embed == line
    save(file.parent / "support" / "plain.png", strokes(1))
    save(file.parent / "support" / "cut.png", PHOTOGRAPH)
    done = run("classify", "--support", file.parent / "support", cut_off, "--model", file)
    lines = done.stderr.splitlines()
    assert lines.count(line) == 1 and sum("cut.png" in line for line in lines) == 1


def test_a_relative_path_is_told_of_once_too(run, pixel_network, cut_off, monkeypatch):
    monkeypatch.chdir(cut_off.parent)
    Recognizer(pixel_network, Preprocessing(8, paper="find"), threshold=0.9).save("finding.zip")
    arguments = ["verify", cut_off.name, cut_off.name, "--model", "finding.zip"]
    (line,) = run(*arguments, "--save-read", "read").stderr.splitlines()
    assert line.startswith(f"keras-siamese: {cut_off.name!r}: ")

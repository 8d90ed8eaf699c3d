"""`keras-siamese verify`: the probability of two files, the decision, and what is refused."""

import csv
import io
import math
import pickle

import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import Recognizer, siamese_network
from keras_siamese.models.network_files import save_network
from keras_siamese.verifier import Verifier
from tests.commands.drawings import expected_probability, save, strokes

KINDS = ("text", "empty", "truncated", "missing", "folder", "animated", "bomb")


@pytest.fixture
def pair(tmp_path):
    """Two files, and their probability."""
    left, right = strokes(1), strokes(1, level=100)
    files = save(tmp_path / "a.png", left), save(tmp_path / "b.png", right)
    return files, expected_probability(left, right)


def test_the_probability_is_the_networks(answer, ships, pair):
    files, expected = pair
    said = answer("verify", *files)
    assert said["probability"] == pytest.approx(expected, abs=1e-6)
    assert said["same"] is False and said["threshold"] == 0.9
    assert (said["left"], said["right"]) == tuple(map(str, files))
    assert answer("verify", *files[::-1])["probability"] == said["probability"]
    assert ships == ["omniglot"] * 2


def test_the_decision_is_printed_and_the_code_is_0_either_way(run, pair):
    (left, right), expected = pair
    assert run("verify", left, right).stdout == (
        f"different: probability {expected:.4f}, threshold 0.9000\n"
    )
    # By hand: the bias of 3 is the logit of two images that are the same.
    alike = 1 / (1 + math.exp(-3))
    assert run("verify", left, left).stdout == (
        f"same: probability {alike:.4f}, threshold 0.9000\n"
    )


def test_the_threshold_can_be_given_by_value_or_by_false_accept_rate(answer, pair):
    files, expected = pair
    assert answer("verify", *files, "--far", "0.001")["threshold"] == 0.95
    said = answer("verify", *files, "--threshold", expected / 2)
    assert said["same"] is True


def test_files_of_every_size_and_kind_are_the_same_drawing(answer, tmp_path):
    pixels = strokes(2, 3)
    grey = save(tmp_path / "grey.png", pixels)
    image = Image.fromarray(pixels)
    clear = Image.fromarray(np.stack([0 * pixels] * 3 + [255 - pixels], axis=-1))
    kinds = {
        "large.png": image.resize((80, 80), Image.Resampling.NEAREST),
        "wide.bmp": image.resize((80, 8), Image.Resampling.NEAREST),
        "palette.gif": image.convert("P"),
        "bits.png": image.convert("1"),
        "colour.jpg": image.convert("RGB"),
        "print.jpg": image.convert("CMYK"),
        "clear.png": clear,
        "sixteen.png": Image.fromarray(pixels.astype(np.uint16) * 257),
        "turned.png": Image.fromarray(255 - pixels),
    }
    for name, other in kinds.items():
        other.save(tmp_path / name)
        said = answer("verify", grey, tmp_path / name)
        # JPEG has some levels off; the others have none.
        wrong = 0.02 if name.endswith("jpg") else 1e-6
        assert said["probability"] == pytest.approx(expected_probability(pixels, pixels), abs=wrong)


def test_polarity_can_be_told(answer, tmp_path):
    dark, bright = strokes(2), 255 - strokes(2)
    files = save(tmp_path / "dark.png", dark), save(tmp_path / "bright.png", bright)
    said = answer("verify", *files, "--polarity", "dark_on_light")
    assert said["probability"] == pytest.approx(expected_probability(dark, bright), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_bad_files_are_told_in_one_line(run, pair, bad_files, kind):
    said = run("verify", pair[0][0], bad_files[kind], code=1).stderr
    assert bad_files[kind].name in said and len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--threshold", "1.5"], "`--threshold` must be a fraction"),
        (["--threshold", "nan"], "`--threshold` must be a fraction"),
        (["--far", "0.5"], "'omniglot' has one for 0.001, 0.01"),
        (["--far", "0.01", "--threshold", "0.5"], "must not come together"),
        (["--model", "mnist"], "--model must be a file or one of omniglot. Received: 'mnist'"),
        (["--polarity", "black"], "--polarity must be one of"),
        (["--paper", "papyrus"], "--paper must be one of"),
        (["--ink", "black"], "--ink must be one of"),
        (["--ink", "dark", "--paper", "keep"], "--ink must not be given with --polarity or --pap"),
    ],
)
def test_requests_that_do_not_fit_are_refused(run, pair, arguments, said):
    stderr = run("verify", *pair[0], *arguments, code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1


def test_pictures_in_colour_are_not_redrawn(run, tmp_path):
    file, model = save(tmp_path / "a.png", strokes(1)), tmp_path / "colour.zip"
    flat = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    Recognizer(siamese_network(flat)).save(model)
    stderr = run("verify", file, file, "--model", model, "--paper", "redraw", code=1).stderr
    assert "--paper must be 'keep' or 'crop' for colour. Received: 'redraw'" in stderr
    assert stderr.rstrip().endswith("Read the images grey, or leave --paper out.")


def test_a_file_of_ones_own_is_taken(answer, run, pair, pixel_network, tmp_path):
    files, expected = pair
    save_network(pixel_network, tmp_path / "own.keras")
    said = answer("verify", *files, "--model", tmp_path / "own.keras")
    assert said["probability"] == pytest.approx(expected, abs=1e-6)
    assert said["threshold"] == 0.5
    Verifier(pixel_network, threshold=0.25).save(tmp_path / "own.zip")
    assert answer("verify", *files, "--model", tmp_path / "own.zip")["threshold"] == 0.25
    stderr = run("verify", *files, "--model", tmp_path / "own.zip", "--far", "0.01", code=1).stderr
    assert "has none" in stderr


def test_files_that_are_no_network_are_told_in_one_line(run, pair, tmp_path):
    (tmp_path / "text.keras").write_text("no network")
    (tmp_path / "pickled.zip").write_bytes(pickle.dumps({"a": 1}))
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.save(tmp_path / "other.keras")
    for name in ("text.keras", "pickled.zip", "other.keras"):
        stderr = run("verify", *pair[0], "--model", tmp_path / name, code=1).stderr
        assert name in stderr and len(stderr.splitlines()) == 1


def test_csv_has_the_fields_of_json(run, answer, pair):
    files, _ = pair
    (row,) = csv.DictReader(io.StringIO(run("verify", *files, "--csv").stdout))
    said = answer("verify", *files)
    assert said.pop("novelty") is None and row.pop("novelty") == ""
    assert said.pop("warnings") == [] and row.pop("warnings") == ""
    assert {name: str(value) for name, value in said.items()} == row
    assert "--csv" in run("verify", *files, "--csv", "--json", code=1).stderr


def test_a_dead_link_is_called_one(run, tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    dead = f"a dead link to '{tmp_path / 'gone.png'}'"
    assert dead in run("verify", tmp_path / "a.png", tmp_path / "a.png", code=1).stderr
    options = ("--model", tmp_path / "a.png")
    assert dead in run("verify", tmp_path / "x.png", tmp_path / "x.png", *options, code=1).stderr
    for command in (("evaluate",), ("data", "check")):
        assert dead in run(*command, tmp_path / "a.png", code=1).stderr
    assert dead in run("classify", "x.png", "--support", tmp_path / "a.png", code=1).stderr

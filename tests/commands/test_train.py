"""`keras-siamese train`: what is held out, what is written, and what is refused before the work."""

import json

import numpy as np
import pytest

from keras_siamese import Recognizer
from keras_siamese.data.folders import training_images
from keras_siamese.models.network_files import load_network
from keras_siamese.recipes import held_out, methods
from keras_siamese.training.checkpoints import RunState, save_state
from keras_siamese.verifier import Verifier
from tests.commands.drawings import expected_probability, save, strokes


@pytest.fixture
def trained(monkeypatch, pixel_network):
    """Takes the place of the training; lists what it was given."""
    calls = []

    def train(images, episodes, plan):
        calls.append((images, episodes, plan))
        print("epoch 1/1: loss 0.1")
        return pixel_network

    for name in methods.METHODS:
        monkeypatch.setitem(methods.METHODS, name, train)
    # What it chooses for these pictures, after a look at a dozen of them.
    monkeypatch.setattr(training_images, "choose_paper", lambda data: "level")
    # It would change the network that all tests share.
    monkeypatch.setattr(held_out, "calibrate", lambda *arguments: None)
    return calls


def test_a_network_is_written_and_scored_on_classes_held_out(run, classes, trained, tmp_path):
    result = run("train", classes, tmp_path / "own.keras", "--size", 8, "--json")
    ((known, episodes, plan),) = trained
    assert len(np.unique(known.character)) == 4 and known.image_size == (8, 8)
    assert episodes.support.shape[1] == 2
    assert (plan.method, plan.width, plan.steps, plan.seed) == ("episodes", None, None, 0)
    assert (plan.options["run_dir"], plan.options["resume"]) == (None, False)
    said = json.loads(result.stdout)
    assert "epoch 1/1" in result.stderr
    assert "different pairs are too few to show a false-accept rate of 1 %" in result.stderr
    assert said["one_shot"]["accuracy"] == 1.0
    assert said["operating_point"]["false_accept_rate"] <= 0.01
    left, right = strokes(2), strokes(2, level=50)
    images = (255 - np.stack([left, right]))[..., None]
    probability = Verifier(load_network(tmp_path / "own.keras")).probabilities(
        images[:1], images[1:]
    )
    assert probability[0] == pytest.approx(expected_probability(left, right), abs=1e-6)


def test_the_threshold_is_kept_in_a_zip(run, classes, trained, tmp_path):
    out = tmp_path / "own.zip"
    said = run("train", classes, out, "--size", 8, "--far", 0.2, "--steps", 7).stdout
    assert trained[0][2].steps == 7
    verifier = Recognizer.load(out)
    assert verifier.operating_point.false_accept_rate <= 0.2
    assert f"threshold {verifier.threshold:.4f}: " in said
    assert said.endswith(f"wrote {out}\n")


def test_later_commands_read_images_as_the_training_did(run, answer, tmp_path, trained):
    night, out = tmp_path / "night", tmp_path / "night.zip"
    for row in range(6):
        for number in range(3):
            pixels = 255 - strokes(row, level=20 * number)
            save(night / f"row{row}" / f"{number}.png", pixels)
    run("train", night, out, "--size", 8, "--polarity", "light_on_dark")
    assert Recognizer.load(out).preprocessing.polarity == "light_on_dark"
    # Read as in training, a drawing and its inverse have not a pixel in common.
    known, inverse = night / "row1" / "0.png", save(tmp_path / "inverse.png", strokes(1))
    light, judged = ("--polarity", "light_on_dark"), ("--polarity", "auto")
    for options, same in (((), False), (light, False), (judged, True)):
        assert answer("verify", known, inverse, "--model", out, *options)["same"] is same
    arguments = ("classify", "--support", night, inverse, "--model", out)
    assert answer(*arguments)["results"][0]["class"] is None
    assert answer(*arguments, *judged)["results"][0]["class"] == "row1"
    scores = [answer("evaluate", night, "--model", out, *options) for options in ((), light)]
    assert scores[0] == scores[1]


@pytest.mark.slow
def test_nothing_need_be_held_out(run, classes, trained, tmp_path):
    out = tmp_path / "own.keras"
    said = run("train", classes, out, "--size", 8, "--validation", 0).stdout
    assert said == f"wrote {out}\n"
    ((known, episodes, _),) = trained
    assert len(known) == 24 and episodes is None
    out = tmp_path / "own.zip"
    run("train", classes, out, "--size", 8, "--validation", 0)
    assert Recognizer.load(out).threshold is None


def test_a_network_that_ships_is_trained_further(run, classes, trained, tmp_path):
    out = tmp_path / "own.zip"
    run("train", classes, out, "--from-preset", "omniglot", "--polarity", "dark_on_light")
    ((known, _, plan),) = trained
    assert known.image_size == (8, 8) and plan.network is not None
    assert Recognizer.load(out).preprocessing.polarity == "dark_on_light"
    arguments = ("train", classes, tmp_path / "x.zip", "--from-preset", "omniglot")
    assert "shape (8, 8, 1)" in run(*arguments, "--size", 9, code=1).stderr
    assert "shape (8, 8, 1)" in run(*arguments, "--color", "rgb", code=1).stderr
    assert "must not come together" in run(*arguments, "--width", 9, code=1).stderr
    run(*arguments, "--paper", "keep")
    assert Recognizer.load(tmp_path / "x.zip").preprocessing.paper == "keep"


@pytest.mark.parametrize(
    ("arguments", "camera"), [((), None), (("--camera",), True), (("--no-camera",), False)]
)
def test_a_camera_can_be_asked_for_and_left_out(run, classes, trained, tmp_path, arguments, camera):
    run("train", classes, tmp_path / "own.zip", "--size", 8, *arguments)
    assert trained[0][2].camera is camera


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--method", "magic"], "--method must be one of ('episodes', 'pairs')"),
        (["--epochs", "3"], "--epochs must be for method 'pairs'"),
        (["--method", "pairs", "--steps", "3"], "--steps must be for method 'episodes'"),
        (["--method", "pairs", "--no-camera"], "--camera must be for method 'episodes'"),
        (["--far", "2"], "`--far` must be a fraction"),
        (["--size", "0"], "--size must be"),
        (["--color", "blue"], "--color must be one of"),
        (["--data-dir", "."], "--data-dir must be for omniglot"),
    ],
)
def test_requests_that_do_not_fit_are_refused_before_the_work(
    run, classes, trained, tmp_path, arguments, said
):
    stderr = run("train", classes, tmp_path / "own.keras", *arguments, code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1
    assert not trained and not (tmp_path / "own.keras").exists()


def test_a_file_that_could_not_be_written_is_refused_before_the_work(
    run, classes, trained, tmp_path
):
    (tmp_path / "old.keras").write_text("old")
    for out, said in (
        ("own.h5", "must end in .keras or .zip"),
        ("no folder/own.keras", "a folder that can be written"),
        ("old.keras", "--overwrite"),
    ):
        assert said in run("train", classes, tmp_path / out, code=1).stderr
    assert not trained and (tmp_path / "old.keras").read_text() == "old"
    run("train", classes, tmp_path / "old.keras", "--overwrite", "--size", 8)
    assert load_network(tmp_path / "old.keras")


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("empty", "Received: nothing"),
        ("unlabelled", "Put images into one folder per class"),
        ("one class", "at least 4 classes with two images or more"),
        ("one drawer", "Received: 0 among its 9 classes"),
        ("no image", "must be an image file"),
    ],
)
def test_folders_that_cannot_be_trained_on_are_told(run, trained, tmp_path, layout, said):
    folder = tmp_path / "data"
    folder.mkdir()
    if layout == "unlabelled":
        save(folder / "1.png", strokes(1))
    if layout in ("one class", "no image"):
        for number in range(4):
            save(folder / "a" / f"{number}.png", strokes(1))
    if layout == "no image":
        (folder / "a" / "0.png").write_text("no image")
    if layout == "one drawer":
        for number in range(9):
            save(folder / str(number) / "1.png", strokes(number % 8))
    stderr = run("train", folder, tmp_path / "own.keras", code=1).stderr
    assert said in stderr and len(stderr.splitlines()) == 1
    assert not trained and not (tmp_path / "own.keras").exists()


def test_an_interrupted_training_writes_nothing(run, classes, monkeypatch, tmp_path):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setitem(methods.METHODS, "episodes", interrupt)
    before = sorted(tmp_path.iterdir())
    run("train", classes, tmp_path / "own.keras", code=130)
    assert sorted(tmp_path.iterdir()) == before


def test_a_stopped_run_is_not_overwritten_without_being_told(run, classes, tmp_path, monkeypatch):
    state = RunState(3, False, [], [], None, {}, {}, {})
    path = save_state(tmp_path / "run", state)
    content = path.read_bytes()
    settings = ("train", classes, tmp_path / "out.zip", "--run-dir", path.parent)
    # Before any image is read.
    monkeypatch.setattr("keras_siamese.commands.datasets.load", None)
    said = run(*settings, code=1).stderr.splitlines()
    assert len(said) == 1 and "3 epochs" in said[0]
    assert "--resume" in said[0] and "--restart" in said[0]
    assert "must not come together" in run(*settings, "--resume", "--restart", code=1).stderr
    assert path.read_bytes() == content


@pytest.mark.slow
@pytest.mark.keras3
def test_a_run_on_episodes_goes_on_where_it_was(run, answer, classes, tmp_path):
    settings = ("--size", 8, "--width", 2, "--steps", 4, "--run-dir", tmp_path / "run")
    run("train", classes, tmp_path / "one.zip", *settings)
    said = answer("train", classes, tmp_path / "two.zip", *settings, "--resume")
    one, two = (Recognizer.load(tmp_path / name) for name in ("one.zip", "two.zip"))
    for value, expected in zip(two.model.get_weights(), one.model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert said["one_shot"]["n_way"] == 2
    said = run("train", classes, tmp_path / "x.zip", *settings, "--resume", "--seed", 1, code=1)
    assert "seed" in said.stderr.splitlines()[-1]
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.slow
def test_a_run_on_pairs_is_the_papers_loop(run, classes, tmp_path):
    settings = ("--method", "pairs", "--size", 28, "--width", 1, "--pairs", 40, "--epochs", 1)
    run("train", classes, tmp_path / "own.keras", *settings)
    assert load_network(tmp_path / "own.keras").input_shape == [(None, 28, 28, 1)] * 2

"""The measurement of camera-like distortions: looks, trials, scores, and the table in the docs."""

from pathlib import Path

import numpy as np
import pytest

from keras_siamese.data import OneShotEpisodes
from studies.beyond import camera

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def images():
    """Crosses of three pens, ink 255."""
    pixels = np.zeros((6, camera.SIDE, camera.SIDE, 1), np.uint8)
    for number, image in enumerate(pixels):
        image[50 : 53 + number % 3, 20:85] = 255
        image[20:85, 30 + 8 * number : 33 + 8 * number] = 255
    return pixels


def test_every_look_but_one_changes_images_and_comes_back_the_same(images):
    looks = camera.degraded(images)
    assert set(looks) == set(camera.LOOKS)
    again = camera.degraded(images)
    for name, look in looks.items():
        assert look.shape == (6, camera.SIZE, camera.SIZE, 1) and look.dtype == np.uint8
        np.testing.assert_array_equal(look, again[name])
        assert (look == looks["clean"]).all() == (name == "clean")
    assert looks["thin pen"].mean() < looks["clean"].mean() < looks["thick pen"].mean()
    assert looks["faint ink, 0.3"].max() == pytest.approx(0.3 * 255, abs=1)
    assert looks["grey paper, 0.2"].min() == 51
    # A quarter of the light is missing at most, and nearly none at least.
    empty = camera.lit(np.zeros((20, 105, 105, 1)), np.random.default_rng(0), 0.25)
    assert -0.001 < empty.min() < 0.02 and 0.23 < empty.max() < 0.251


def test_a_trial_is_won_by_the_class_that_differs_least(images):
    episodes = OneShotEpisodes(
        images=images,
        support=np.array([[[0], [1], [2]]], np.int32),
        queries=np.array([[2, 0, 5]], np.int32),
        answers=np.array([[2, 0, 0]], np.int32),
        groups=("a",),
        protocol="within-alphabet",
    )
    small = images[:, ::3, ::3]
    scores = camera.accuracies(
        lambda stack: stack.reshape(len(stack), -1).astype(float),
        -np.ones(35 * 35),
        {"clean": small, "inverse": 255 - small},
        episodes,
    )
    # The third query is not one of them; inverse queries differ most from their own class.
    assert scores["clean"] == {"query": pytest.approx(2 / 3), "both": pytest.approx(2 / 3)}
    assert scores["inverse"]["both"] == pytest.approx(2 / 3)
    assert scores["inverse"]["query"] < 2 / 3


def test_the_documentation_has_the_table_of_the_results():
    rows = camera.load()
    assert {(row["camera"], row["seed"]) for row in rows} == {
        (name, seed) for name in camera.CAMERAS for seed in camera.SEEDS
    }
    assert camera.camera_table(rows).markdown() in (ROOT / "docs" / "training.md").read_text()


@pytest.mark.data
@pytest.mark.slow
def test_trials_and_training_share_no_alphabet(data_dir):
    from keras_siamese.data import load_omniglot

    known, episodes = camera.training_and_trials(load_omniglot("background", data_dir=data_dir))
    assert len(np.unique(known.character)) == 200 and len(known) == 4000
    assert episodes.queries.size == 1000 and episodes.support.shape == (50, 20, 1)
    names = {known.alphabet_names[alphabet] for alphabet in np.unique(known.alphabet)}
    assert not names & set(episodes.groups)

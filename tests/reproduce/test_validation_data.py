"""Whatever is chosen is chosen on validation images, never on those of the test."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import keras_siamese.training
from keras_siamese.data import (
    LAKE_ALPHABETS,
    ImageDataset,
    Splits,
    sample_episodes,
    sample_pairs,
)
from keras_siamese.data.splits import evaluation_parts
from keras_siamese.evaluation import VerificationResult, pair_probabilities
from keras_siamese.pretrained import build
from keras_siamese.training import EpisodeConfig
from reproduce.paper import data as paper_data
from reproduce.paper import scores as paper_scores
from reproduce.paper.presets import QUICK
from studies.beyond import network_scores, train_pretrained
from studies.beyond.parts import OTHER_SYMMETRIES
from studies.beyond.recipes import RECIPES, Recipe
from tests.data.pair_columns import columns

TINY = Recipe(
    "tiny",
    size=8,
    encoder={"filters": [2], "num_pools": 1, "units": 4},
    episodes=EpisodeConfig(steps=2, validate_every=2),
    mirrored=False,
)


def noise(name, alphabet_names, characters, drawers, size):
    """Images that no other name gives, in the layout of Omniglot."""
    count = len(alphabet_names) * characters
    rng = np.random.default_rng(list(name.encode()))
    character = np.repeat(np.arange(count, dtype=np.int32), drawers)
    return ImageDataset(
        images=rng.integers(0, 256, (len(character), size, size, 1), np.uint8),
        alphabet=character // np.int32(characters),
        character=character,
        drawer=np.tile(np.arange(1, drawers + 1, dtype=np.int32), count),
        alphabet_names=tuple(alphabet_names),
        character_names=tuple(f"{name}/{place}" for place in range(count)),
        name=name,
    )


@pytest.fixture
def splits():
    """Parts of different sizes: pairs and episodes of one are no pairs of another."""

    def part(name, alphabets, characters):
        names = tuple(f"{name}{place}" for place in range(alphabets))
        return noise(name, names, characters, drawers=4, size=16)

    return Splits(part("t", 10, 21), part("v", 8, 24), part("x", 9, 22))


@pytest.fixture
def prepared(splits, monkeypatch):
    """Data of a run on these parts, and what it is scored on."""
    monkeypatch.setattr(paper_data, "load_splits", lambda config, data_dir=None: splits)
    config = QUICK.override(
        size=16,
        seed=2,
        num_pairs=100,
        num_distortions=1,
        num_validation_pairs=80,
        num_test_pairs=90,
    )
    return config, paper_data.prepare(config), paper_data.prepare_test(config, splits)


def test_epoch_and_threshold_are_chosen_on_the_validation_alphabets(prepared, splits):
    config, run, test = prepared
    for episodes in (run.validation_episodes, run.wide_validation_episodes):
        assert episodes.images is splits.validation.images
        assert {name[0] for name in episodes.groups} == {"v"}
    assert (run.validation_episodes.num_trials, run.wide_validation_episodes.num_trials) == (
        320,
        4000,
    )
    expected = sample_pairs(splits.validation, 80, seed=2003)
    np.testing.assert_array_equal(columns(run.validation_pairs), columns(expected))
    # The table trains on pairs of the training part, each with its distorted copy.
    clean = sample_pairs(splits.train, 100, seed=2001)
    np.testing.assert_array_equal(columns(run.training_pairs)[:, :100], columns(clean))


def test_the_test_is_drawn_from_the_test_alphabets(prepared, splits):
    config, _, test = prepared
    assert all(episodes.images is splits.test.images for episodes in test.episodes)
    assert {name[0] for name in test.episodes[0].groups} == {"x"}
    for found, different, seed in (
        (test.pairs, "within-alphabet", 2004),
        (test.across_pairs, "across-alphabets", 2005),
    ):
        expected = sample_pairs(splits.test, 90, different=different, seed=seed)
        np.testing.assert_array_equal(columns(found), columns(expected))


def test_verification_of_the_tables_takes_its_threshold_from_validation(
    prepared, splits, monkeypatch
):
    config, run, test = prepared
    asked = []

    def evaluate(*arguments):
        asked.append(arguments)
        return VerificationResult(0.5, (0.4, 0.6), 90, 0.5, 0.5)

    monkeypatch.setattr(paper_scores, "evaluate_verification", evaluate)
    model = object()
    paper_scores.verification_entry(model, run, test.pairs, "verification", config)
    ((network, chosen_images, chosen_pairs, test_images, test_pairs),) = asked
    assert network is model
    assert chosen_images is splits.validation.images and chosen_pairs is run.validation_pairs
    assert test_images is splits.test.images and test_pairs is test.pairs


@pytest.mark.data
@pytest.mark.slow
def test_no_validation_image_of_omniglot_is_of_a_test_alphabet(data_dir):
    config = QUICK.override(data="omniglot", size=35, num_pairs=100, num_distortions=0)
    run = paper_data.prepare(config, data_dir)
    names = {
        run.splits.validation.alphabet_names[place]
        for place in np.unique(run.splits.validation.alphabet)
    }
    assert len(names) == 10 and not names & set(LAKE_ALPHABETS)
    groups = {*run.validation_episodes.groups, *run.wide_validation_episodes.groups}
    assert groups <= names
    assert run.validation_episodes.images is run.splits.validation.images
    trained = {
        run.splits.train.alphabet_names[place] for place in np.unique(run.splits.train.alphabet)
    }
    assert len(trained) == 30 and not trained & (names | set(LAKE_ALPHABETS))


@pytest.fixture
def evaluation(monkeypatch):
    """An evaluation set with Lake's alphabets and ten others, and small digits."""
    others = [f"Other{place}" for place in range(10)]
    names = sorted([*LAKE_ALPHABETS, *others])
    made = noise("omniglot-evaluation", names, 20, drawers=8, size=8)
    digits = noise("mnist-test", ["mnist"], 10, drawers=8, size=28)

    def runs(**options):
        _, test = evaluation_parts(made)
        return sample_episodes(test, num_episodes=2, n_way=20, seed=0)

    for module in (network_scores, keras_siamese.data):
        monkeypatch.setattr(module, "load_omniglot", lambda *names, **options: made)
    monkeypatch.setattr(network_scores, "official_runs", runs)
    monkeypatch.setattr(network_scores, "load_mnist", lambda *names, **options: digits)
    monkeypatch.setattr(network_scores, "redrawn", lambda episodes, size: episodes.resized(size))
    monkeypatch.setattr(network_scores, "NUM_TRIALS", 100)
    monkeypatch.setattr("keras_siamese.data.omniglot_protocols.NUM_TRIALS", 100)
    return made


def test_thresholds_that_ship_are_chosen_on_the_other_ten_alphabets(evaluation, monkeypatch):
    model = build({"image_size": 8, "encoder": TINY.encoder})
    validation, test = evaluation_parts(evaluation)
    points, verified = [], []

    def find(scores, same, *, false_accept_rate):
        points.append((scores, same))
        return SimpleNamespace(threshold=0.5)

    def verify(head, chosen_on, pairs, images, test_pairs):
        verified.append((chosen_on, pairs, images, test_pairs))
        return VerificationResult(0.5, (0.4, 0.6), len(test_pairs), 0.5, 0.5)

    monkeypatch.setattr(network_scores, "find_operating_point", find)
    monkeypatch.setattr(network_scores, "evaluate_verification", verify)
    network_scores.test_scores(model, 8)
    pairs = sample_pairs(validation, 100_000, seed=0)
    expected = pair_probabilities(model, validation.images, pairs.left, pairs.right)
    assert len(points) == len(network_scores.FALSE_ACCEPT_RATES)
    for scores, same in points:
        np.testing.assert_allclose(scores, expected, atol=1e-6)
        np.testing.assert_array_equal(same, pairs.same)
    assert len(verified) == 2
    for chosen_on, chosen_pairs, images, test_pairs in verified:
        assert (len(chosen_on), len(images)) == (len(validation), len(test))
        np.testing.assert_array_equal(columns(chosen_pairs), columns(pairs))
        encoded = network_scores.encode_images(network_scores.twin_encoder(model), test.images)
        np.testing.assert_allclose(images, encoded, atol=1e-6)
        assert len(test_pairs) == 10_000


def test_probabilities_that_ship_are_calibrated_on_the_other_ten_alphabets(
    evaluation, monkeypatch, tmp_path
):
    calibrated = []

    def calibrate(model, images, pairs):
        calibrated.append((images, pairs))

    entry = {
        "metric": "one-shot accuracy", "protocol": "official", "value": 0.5, "interval": [0.4, 0.6],
        "n": 400,
    }  # fmt: skip
    monkeypatch.setitem(RECIPES, "tiny", replace(TINY, mirrored=True))
    monkeypatch.setattr(keras_siamese.training, "calibrate", calibrate)
    monkeypatch.setattr(
        keras_siamese.training,
        "train_episodes",
        lambda *arguments, **options: SimpleNamespace(
            steps=2, history={"seconds": [1.0], "processor_seconds": [1.0]}
        ),
    )
    monkeypatch.setattr(network_scores, "training_part", lambda *arguments: (evaluation, None))
    monkeypatch.setattr(
        network_scores, "test_scores", lambda *arguments: ([{**entry, "cell": "beyond"}], {})
    )
    others = [{**entry, "cell": cell} for cell in OTHER_SYMMETRIES.values()]
    monkeypatch.setattr(network_scores, "symmetry_scores", lambda *arguments: others)
    result = train_pretrained.run(
        "tiny", seed=0, fold=None, settings={}, data=None, runs=tmp_path / "runs",
        results_dir=tmp_path / "results", write=False,
    )  # fmt: skip
    ((images, pairs),) = calibrated
    others, _ = evaluation_parts(evaluation)
    np.testing.assert_array_equal(images, others.images)
    np.testing.assert_array_equal(columns(pairs), columns(sample_pairs(others, 20_000, seed=2)))
    # Scores of other symmetries are in the result, and not in the card, which is of what ships.
    cells = [score["cell"] for score in result["scores"]]
    assert cells == ["beyond", *OTHER_SYMMETRIES.values()]
    said = json.dumps(train_pretrained.result_card(result)["scores"])
    assert "beyond" in said and "not mirrored" not in said and "eight" not in said


def test_the_parts_of_the_stand_in_are_those_of_omniglot(evaluation):
    others, test = evaluation_parts(evaluation)
    assert isinstance(test, ImageDataset)
    assert len(others) == 10 * 20 * 8 and len(test) == 10 * 20 * 4

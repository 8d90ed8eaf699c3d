"""Data of the figures: what is taken from a network, and that it is the network's."""

import json
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_siamese.data import make_glyphs, sample_episodes, sample_pairs, split_alphabets
from keras_siamese.models import (
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
)
from reproduce.paper import figure_data
from reproduce.paper.data import prepare, prepare_test
from reproduce.paper.presets import (
    CPU,
    QUICK,
)

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def data():
    """The parts of a run's data that figures use: 12 alphabets of 12 glyphs."""
    glyphs = make_glyphs(num_alphabets=12, characters_per_alphabet=12, num_drawers=4, size=16)
    splits = split_alphabets(glyphs, num_validation=2, num_test=2, seed=0, heldout_drawers=(1, 2))
    return SimpleNamespace(
        splits=splits,
        validation_pairs=sample_pairs(splits.validation, 100, seed=1),
        test=SimpleNamespace(
            pairs=sample_pairs(splits.test, 600, seed=2),
            episodes=(sample_episodes(splits.test, num_episodes=2, n_way=5, seed=3),),
        ),
    )


@pytest.fixture(scope="module")
def model():
    encoder = koch_encoder(
        (16, 16, 1), filters=(40, 4), kernel_sizes=(3, 3), units=8, initializer="he"
    )
    return siamese_network(encoder, initializer="he")


@pytest.fixture(scope="module")
def collected(model, data):
    return figure_data.collect(model, data, data.test, QUICK.override(size=16, seed=5))


def test_it_is_json(collected):
    assert json.loads(json.dumps(collected)) == collected
    described = {name: collected[name] for name in ("name", "data", "size", "seed")}
    assert described == {"name": "quick-glyphs", "data": "glyphs", "size": 16, "seed": 5}


def test_the_trial_is_the_first_and_holds_the_networks_probabilities(collected, model, data):
    trial, episodes = collected["trial"], data.test.episodes[0]
    query = episodes.images[episodes.queries[0, 0]]
    support = episodes.images[episodes.support[0, :, 0]]
    np.testing.assert_array_equal(figure_data.png_pixels(trial["query"]), query)
    shown = [figure_data.png_pixels(image) for image in trial["support"]]
    np.testing.assert_array_equal(shown, support)
    assert trial["answer"] == episodes.answers[0, 0]
    assert (trial["run"], trial["trial"], trial["alphabet"]) == (1, 1, episodes.groups[0])
    pairs = [np.repeat(query[None], 5, axis=0) / np.float32(255), support / np.float32(255)]
    expected = model.predict_on_batch(pairs)[:, 0]
    np.testing.assert_allclose(trial["probabilities"], expected, atol=2e-5)


def test_the_first_32_filters_are_the_first_layers(collected, model):
    kernel = model.get_layer("encoder").get_layer("conv1").get_weights()[0]
    np.testing.assert_allclose(collected["filters"], kernel[..., :32], atol=1e-4)


def test_a_dense_network_has_no_filters():
    assert figure_data.filter_data(siamese_network(dense_encoder((8, 8, 1), units=(4, 4)))) is None


def test_the_curve_is_short_and_keeps_its_area(collected):
    roc = collected["roc"]
    rates = np.array([roc["false_positive"], roc["true_positive"]])
    assert rates.shape[1] <= 200
    assert rates[:, 0].tolist() == [0, 0] and rates[:, -1].tolist() == [1, 1]
    assert (np.diff(rates) >= 0).all()
    area = np.sum(np.diff(rates[0]) * (rates[1, 1:] + rates[1, :-1]) / 2)
    assert area == pytest.approx(roc["area"], abs=0.005)
    assert roc["pairs"] == 600


def test_a_curve_worked_by_hand(monkeypatch):
    # Validation: 0.5 parts the pairs. Test, from the top: same, different, same, different.
    of_images = {"validation": [0.8, 0.6, 0.4, 0.2], "test": [0.9, 0.7, 0.3, 0.1]}
    monkeypatch.setattr(
        figure_data, "pair_probabilities", lambda _, images, *indices: np.array(of_images[images])
    )
    by_hand = SimpleNamespace(
        splits=SimpleNamespace(
            validation=SimpleNamespace(images="validation"), test=SimpleNamespace(images="test")
        ),
        validation_pairs=SimpleNamespace(left=0, right=0, same=np.array([1, 1, 0, 0], bool)),
    )
    test = SimpleNamespace(
        pairs=SimpleNamespace(left=0, right=0, same=np.array([1, 0, 1, 0], bool))
    )
    assert figure_data.roc_data(None, by_hand, test) == {
        "false_positive": [0, 0, 0.5, 0.5, 1],
        "true_positive": [0, 0.5, 0.5, 1, 1],
        "area": 0.75,
        "pairs": 4,
        "chosen": {
            "threshold": 0.5, "false_positive": 0.5, "true_positive": 0.5, "accuracy": 0.5,
        },
    }  # fmt: skip


def test_the_map_holds_every_drawing_of_one_alphabet(collected, model, data):
    shown = collected["map"]
    drawings = data.splits.test.select(alphabets=data.test.episodes[0].groups[0])
    assert len(shown["points"]) == len(shown["images"]) == len(drawings) == 24
    assert np.isfinite(shown["points"]).all()
    assert shown["drawers"] == drawings.drawer.tolist()
    same = np.equal.outer(drawings.character, drawings.character)
    np.testing.assert_array_equal(np.equal.outer(shown["characters"], shown["characters"]), same)
    assert figure_data.embedding_data(model, data, data.test) == shown


def test_data_figures_show_training_images(collected, data):
    train = data.splits.train
    shown = figure_data.png_pixels(collected["distortions"]["image"])
    np.testing.assert_array_equal(shown, train.images[0])
    alphabets = collected["samples"]["alphabets"]
    assert len(alphabets) == 8 and {len(row) for row in alphabets.values()} == {12}
    for name, row in alphabets.items():
        own = {image.tobytes() for image in train.select(alphabets=name).images}
        assert {figure_data.png_pixels(image).tobytes() for image in row} <= own


@pytest.mark.parametrize("levels", [(0, 255), (0, 100, 255)])
def test_a_png_holds_the_image(levels):
    image = np.random.default_rng(0).choice(np.uint8(levels), (7, 5, 1))
    np.testing.assert_array_equal(figure_data.png_pixels(figure_data.encode_png(image)), image)


@pytest.mark.slow
@pytest.mark.data
def test_omniglot_is_drawn_at_full_size_and_seen_at_the_networks(data_dir):
    config = CPU.override(num_pairs=60, num_validation_pairs=60, num_test_pairs=60)
    keras.utils.set_random_seed(0)
    model = siamese_network(reduced_encoder(units=8, initializer="he"), initializer="he")
    data = prepare(config, data_dir)
    test = prepare_test(config, data.splits, data_dir)
    data = figure_data.collect(model, data, test, config, data_dir)
    # Run 1 is of Atlantean: 26 characters by the alphabet's four drawers of the official runs.
    assert (data["trial"]["protocol"], data["trial"]["alphabet"]) == ("official", "Atlantean")
    assert figure_data.png_pixels(data["trial"]["query"]).shape == (35, 35, 1)
    assert len(data["map"]["points"]) == 26 * 4
    assert figure_data.png_pixels(data["distortions"]["image"]).shape == (105, 105, 1)
    assert len(json.dumps(data)) < 150_000

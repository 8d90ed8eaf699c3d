"""Tries beyond the paper: their parts against NumPy, and that each kind trains and is scored."""

import dataclasses

import numpy as np
import pytest

from keras_siamese import make_glyphs, sample_episodes
from keras_siamese.models import conv_encoder, siamese_network, twin_encoder, twin_head
from studies.beyond import ablation_parts, ablations
from studies.beyond.ablation_list import BASE, CHANGES

TINY = {"filters": [2, 3], "pools": [1], "units": 8}


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=2, characters_per_alphabet=20, num_drawers=4, size=12)


@pytest.fixture
def model():
    return siamese_network(conv_encoder((12, 12, 1), filters=(2,), num_pools=1, units=5), seed=3)


def random_images(seed, count=3, size=9):
    return np.random.default_rng(seed).random((count, size, size, 1)).astype("float32")


def test_every_try_says_what_it_is_and_what_was_expected():
    for name, one in CHANGES.items():
        assert one.what
        assert bool(one.expected) == (name != "base")
        assert set(one.augment) <= set(ablation_parts.AUGMENT)
    assert len({one.what for one in CHANGES.values()}) == len(CHANGES)


@pytest.mark.parametrize(("embedding", "units"), [("sigmoid", 1024), ("features", None)])
def test_the_base_encoder_is_that_of_the_package(embedding, units):
    ours = ablation_parts.encoder(35, **BASE, embedding=embedding, seed=4)
    packages = conv_encoder((35, 35, 1), units=units, seed=4)
    for left, right in zip(ours.get_weights(), packages.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    images = random_images(0, size=35)
    np.testing.assert_allclose(ours(images), packages(images), atol=1e-6)


def test_cosine_logits_match_numpy():
    left, right = np.random.default_rng(3).normal(size=(2, 4, 5)).astype("float32")
    head = ablation_parts.Cosine()
    logits = head([left, right])
    assert len(head.trainable_variables) == 1
    norms = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    np.testing.assert_allclose(logits[:, 0], 10 * (left * right).sum(-1) / norms, rtol=1e-5)


def test_images_are_changed_in_training_alone():
    images = random_images(5)
    layer = ablation_parts.Augment(["thickness"])
    np.testing.assert_array_equal(layer(images), images)
    assert (np.asarray(layer(images, training=True)) != images).any()


def test_cosine_accuracy_matches_numpy(model, glyphs):
    episodes = sample_episodes(glyphs, num_episodes=5, seed=0)
    vectors = np.asarray(twin_encoder(model)(episodes.images / np.float32(255)), np.float64)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    right = [
        np.argmax([vectors[query] @ vectors[shot] for shot in support[:, 0]]) == answer
        for queries, support, answers in zip(
            episodes.queries, episodes.support, episodes.answers, strict=True
        )
        for query, answer in zip(queries, answers, strict=True)
    ]
    assert ablation_parts.cosine_accuracy(model, episodes) == pytest.approx(np.mean(right))


def test_a_collapsed_network_has_no_cosine_right(model, glyphs):
    episodes = sample_episodes(glyphs, num_episodes=5, seed=0)
    encoder = twin_encoder(model)
    encoder.set_weights([np.zeros_like(value) for value in encoder.get_weights()])
    # Every embedding is the same, so every trial is a tie of all classes.
    assert ablation_parts.cosine_accuracy(model, episodes) == 0


def test_thickness_stays_between_the_thinnest_and_the_thickest():
    images = random_images(4, count=20)
    padded = np.pad(images[..., 0], ((0, 0), (1, 1), (1, 1)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    low, high = windows.min((-2, -1)), windows.max((-2, -1))
    changed = np.asarray(ablation_parts.thickness(images))[..., 0]
    assert np.all(changed >= low - 1e-6) and np.all(changed <= high + 1e-6)
    sums = (changed - images[..., 0]).sum((1, 2))
    assert sums.min() < 0 < sums.max()


def test_elastic_moves_what_there_is():
    ramp = np.broadcast_to(np.arange(40, dtype="float32")[:, None], (40, 40))
    images = np.repeat(ramp[None, :, :, None], 6, axis=0)
    moved = np.asarray(ablation_parts.elastic(images)) - images
    inside = moved[:, 8:-8, 8:-8]
    # The value of a ramp tells from where it came: by up to a few pixels, and smoothly.
    assert 0.05 < np.abs(inside).mean() < 1.5
    assert np.abs(np.diff(inside, axis=1)).max() < 1
    np.testing.assert_allclose(ablation_parts.elastic(np.ones_like(images)), 1, atol=1e-5)


def test_non_positive_alpha_stays_so(glyphs):
    one = dataclasses.replace(
        CHANGES["non-positive"], size=12, network={**TINY, "head": "non-positive"},
        training={"steps": 5, "learning_rate": 0.5},
    )  # fmt: skip
    model, history = ablations.train_ablation(one, glyphs)
    alpha = np.asarray(twin_head(model).kernel)
    assert alpha.max() <= 0 and alpha.min() < 0
    assert history["steps"] == [5]


@pytest.mark.parametrize("name", ["drawers-4", "cosine", "elastic", "sigmoid"])
def test_a_try_trains_and_is_scored(name, glyphs):
    one = CHANGES[name]
    one = dataclasses.replace(
        one, size=12, network={**one.network, **TINY}, training={**one.training, "steps": 2}
    )
    model, _ = ablations.train_ablation(one, glyphs)
    entries = ablations.ablation_scores(one, model, glyphs)
    assert [entry["protocol"] for entry in entries[:2]] == ["within-alphabet", "across-alphabets"]
    assert all(0 <= entry["value"] <= 1 and entry["n"] == 8000 for entry in entries)


def test_an_unknown_try_is_refused(tmp_path):
    with pytest.raises(ValueError, match="The ablation must be one of base, blocks-4"):
        ablations.run("huge", fold=0, data=None, results=tmp_path)
    assert list(tmp_path.iterdir()) == []

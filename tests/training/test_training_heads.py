"""Each head is trained by `fit`, by the loop and on episodes, and calibrated."""

import keras
import numpy as np
import pytest

from keras_siamese import LayerwiseSGD, siamese_network
from keras_siamese.compat import variable_path
from keras_siamese.data import sample_pairs
from keras_siamese.evaluation import pair_probabilities
from keras_siamese.models import dense_encoder, twin_head
from keras_siamese.training import (
    EpisodeConfig,
    TrainingConfig,
    calibrate,
    pair_batches,
    train,
    train_episodes,
)
from keras_siamese.training.step import make_train_step
from tests.training.small_problem import SIZE, make_problem, prototypes

CONFIG = TrainingConfig(batch_size=20, epochs=2, ramp_epochs=1, seed=5)


def _learned():
    """A comparison with a state: averages of batches, and a random layer."""
    first, second = keras.Input((8,)), keras.Input((8,))
    apart = keras.layers.Subtract()([first, second])
    apart = keras.layers.BatchNormalization(name="norm")(apart)
    apart = keras.layers.Dropout(0.2, seed=3)(apart)
    return keras.Model([first, second], keras.layers.Dense(1, name="judge")(apart))


HEADS = {"euclidean": lambda: "euclidean", "cosine": lambda: "cosine", "learned": _learned}


@pytest.fixture(params=HEADS)
def network(request):
    encoder = dense_encoder((SIZE, SIZE, 1), units=(8,), initializer="he")
    model = siamese_network(encoder, head=HEADS[request.param]())
    names = ["judge", "norm"] if request.param == "learned" else ["head"]
    rates = dict.fromkeys(["embedding", *names], 0.1)
    model.compile(LayerwiseSGD(rates, 0.5, 1e-4), "binary_crossentropy", metrics=["accuracy"])
    return model


def _changed(before, model):
    return [
        not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)
    ]


def _trained_weights(model):
    trained = {id(weight) for weight in model.trainable_weights}
    statistics = ("moving_mean", "moving_variance")
    names = [variable_path(each).split("/")[-1] for each in model.weights]
    return [
        id(each) in trained or name in statistics
        for each, name in zip(model.weights, names, strict=True)
    ]


def test_fit_and_the_loop_change_every_weight_and_statistic(network):
    images = prototypes("train")
    pairs = sample_pairs(images, 60, seed=1)
    before = network.get_weights()
    network.fit(pair_batches(images, pairs, batch_size=20), verbose=0)
    # The scale and bias that follow a layer of yours are left to calibrate.
    assert _changed(before, network) == _trained_weights(network)
    before = network.get_weights()
    result = train(network, images, pairs, make_problem().episodes, CONFIG, verbose=0)
    assert np.isfinite(result.history["loss"]).all()
    assert _changed(before, network) == _trained_weights(network)


def test_step_has_the_loss_of_the_network_in_training_mode(network):
    images, rng = prototypes("train"), np.random.default_rng(0)
    if network.get_layer("head").non_trainable_variables:
        # No random layer, so that both see the same.
        network.get_layer("head").layer.layers[-2].rate = 0.0
    left, right = rng.integers(0, len(images.images), (2, 20))
    same = rng.integers(0, 2, 20).astype(np.float32)
    found = network([images.images[left], images.images[right]], training=True)
    expected = keras.losses.binary_crossentropy(same, np.asarray(found)[:, 0])
    step = make_train_step(network, images.images, distorted=False)
    loss, _ = step(
        np.concatenate([left, right]).astype(np.int32), np.zeros((40, 6), np.float32), same
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-4)


@pytest.mark.keras3
def test_episodes_train_each_head(network):
    images = prototypes("train")
    config = EpisodeConfig(n_way=3, episodes_per_step=2, steps=4, validate_every=2)
    before = network.get_weights()
    result = train_episodes(network, images, config, verbose=0)
    assert np.isfinite(result.history["loss"]).all()
    assert any(_changed(before, network))


def test_calibration_makes_the_mean_probability_the_share_of_same_pairs(network):
    images = prototypes("train")
    pairs = sample_pairs(images, 400, seed=1)
    train(network, images, pairs, make_problem().episodes, CONFIG, verbose=0)
    head = twin_head(network)
    head.scale_logits(0.25, 1.5)
    before = pair_probabilities(network, images.images, pairs.left, pairs.right)
    calibrate(network, images.images, pairs)
    after = pair_probabilities(network, images.images, pairs.left, pairs.right)
    assert abs(before.mean() - pairs.same.mean()) > 0.05
    np.testing.assert_allclose(after.mean(), pairs.same.mean(), atol=1e-3)
    found = network.predict([images.images[pairs.left], images.images[pairs.right]], verbose=0)
    np.testing.assert_allclose(found[:, 0], after, atol=1e-5)
    np.testing.assert_array_equal(np.argsort(before), np.argsort(after))

"""Layers computed the faster way: which ones, the same weights up to rounding, exact resuming."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.models import (
    conv_encoder,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
)
from keras_siamese.training import EpisodeConfig, TrainingConfig, train, train_episodes
from keras_siamese.training import fast_layers as module
from keras_siamese.training.batches import pair_rows
from keras_siamese.training.checkpoints import load_state
from keras_siamese.training.fast_layers import (
    choose_fast_layers,
    dense_product,
    with_fast_layers,
)
from keras_siamese.training.step import make_train_step

pytestmark = pytest.mark.keras3


def small_encoder(**options):
    """Return an encoder for the images of `problem`."""
    sizes = {"filters": (4, 4, 4, 4), "kernel_sizes": (3, 2, 2, 2), "units": 8}
    return reduced_encoder((24, 24, 1), **sizes, **options)


@pytest.fixture
def gains(monkeypatch):
    """Let the other way win without timing, and record the layers it was asked about."""
    asked = []

    def record(layer, num_images):
        asked.append((layer.name, num_images))
        return True

    monkeypatch.setattr(module, "_gains", record)
    return asked


def test_auto_times_the_large_layers_only(gains):
    chosen = choose_fast_layers(koch_encoder(), "auto", num_images=32)
    assert chosen == ("conv2", "conv3", "conv4", "embedding")
    assert gains == [(name, 32) for name in chosen]


@pytest.mark.parametrize("encoder", [conv_encoder(), reduced_encoder(units=64), dense_encoder()])
def test_small_layers_cost_no_timing(monkeypatch, encoder):
    monkeypatch.setattr(module, "_LEAST_DENSE_WEIGHTS", 10_000_000)
    monkeypatch.setattr(module, "_gains", None)
    assert choose_fast_layers(encoder, "auto", num_images=32) == ()


def test_none_chooses_nothing_and_all_what_can_be():
    encoder = conv_encoder((20, 20, 1), filters=(4, 4), num_pools=1, units=8)
    assert choose_fast_layers(encoder, "none", num_images=8) == ()
    # `same` padding stays direct.
    assert choose_fast_layers(encoder, "all", num_images=8) == ("embedding",)
    reduced = small_encoder()
    assert len(choose_fast_layers(reduced, "all", num_images=8)) == 5


def test_the_slower_way_is_not_taken(monkeypatch):
    def slow(images, kernel):
        for _ in range(40):
            images = images + tf.reduce_sum(tf.sin(images)) * 1e-9
        return keras.ops.conv(images, kernel)

    encoder = koch_encoder(
        (50, 50, 1), filters=(16, 16, 16, 16), units=8, kernel_sizes=(4, 4, 4, 2)
    )
    monkeypatch.setattr(module, "convolve", slow)
    assert "conv2" not in choose_fast_layers(encoder, "auto", num_images=4)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "float16"])
def test_less_precision_stays_direct(precision):
    encoder = small_encoder(dtype=precision)
    # The embedding is in float32 under every policy.
    assert choose_fast_layers(encoder, "all", num_images=8) == ("embedding",)


def test_an_encoder_with_a_call_of_its_own_stays_as_it_is():
    class Halved(keras.Model):
        def call(self, inputs, training=None):
            return super().call(inputs, training=training) / 2

    image = keras.Input((9, 9, 1))
    encoder = Halved(image, keras.layers.Flatten()(keras.layers.Conv2D(3, 5)(image)))
    assert choose_fast_layers(encoder, "all", num_images=8) == ()


@pytest.mark.parametrize("sequential", [False, True])
def test_the_encoder_stays_and_its_weights_are_shared(sequential):
    layers = [
        keras.layers.Conv2D(3, 5, activation="relu", name="conv1"),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dense(4, name="embedding"),
    ]
    encoder = keras.Sequential([keras.Input((9, 9, 2)), *layers])
    if not sequential:
        encoder = keras.Model(encoder.inputs[0], encoder.outputs[0])
    config, paths = encoder.get_config(), [weight.path for weight in encoder.weights]
    fast = with_fast_layers(encoder, ("conv1", "embedding"))
    images = np.random.default_rng(0).random((5, 9, 9, 2), np.float32)
    np.testing.assert_allclose(fast(images), encoder(images), atol=1e-5)
    encoder.set_weights([weight + 0.5 for weight in encoder.get_weights()])
    # Relative: the outputs are now some 600, where float32 knows no steps finer than 6e-5.
    np.testing.assert_allclose(fast(images), encoder(images), rtol=1e-6)
    assert {id(weight) for weight in fast.weights} == {id(weight) for weight in encoder.weights}
    assert encoder.get_config() == config
    assert [weight.path for weight in encoder.weights] == paths
    # Once more, since the layers have now been called twice.
    again = with_fast_layers(encoder, choose_fast_layers(encoder, "all", num_images=5))
    np.testing.assert_allclose(again(images), encoder(images), rtol=1e-6)


def test_unknown_layers_are_refused():
    with pytest.raises(ValueError, match=r"\['conv9'\] are missing"):
        with_fast_layers(reduced_encoder(units=8), ("conv2", "conv9"))


def test_the_product_of_a_dense_layer_has_the_gradients_of_a_matrix_product():
    rng = np.random.default_rng(0)
    inputs, kernel = (rng.normal(size=shape).astype(np.float32) for shape in ((5, 30), (30, 20)))
    upstream = rng.normal(size=(5, 20)).astype(np.float32)
    with tf.GradientTape() as tape:
        sides = tf.constant(inputs), tf.constant(kernel)
        tape.watch(sides)
        outputs = dense_product(*sides)
    of_inputs, of_kernel = tape.gradient(outputs, sides, output_gradients=upstream)
    np.testing.assert_allclose(outputs, inputs @ kernel, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(of_inputs, upstream @ kernel.T, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(of_kernel, inputs.T @ upstream, rtol=1e-5, atol=1e-5)


def test_twenty_steps_give_the_same_weights_up_to_rounding(problem):
    direct, fast = problem.build(), problem.build()
    names = choose_fast_layers(twin_encoder(fast), "all", num_images=32)
    assert {"conv1", "conv2", "embedding"} <= set(names)
    steps = [
        make_train_step(model, problem.train.images, distorted=True, fast_layers=chosen)
        for model, chosen in ((direct, ()), (fast, names))
    ]
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows = rng.integers(0, len(problem.pairs), 16)
        batch = *pair_rows(problem.pairs, rows), problem.pairs.same[rows].astype(np.float32)
        losses = [float(step(*batch)[0]) for step in steps]
        assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for one, other in zip(direct.get_weights(), fast.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


def config(choice, epochs):
    return TrainingConfig(batch_size=32, epochs=epochs, ramp_epochs=2, fast_layers=choice)


@pytest.fixture(scope="module")
def one_epoch(make_problem, tmp_path_factory):
    """Return the model and the folder of a run of one epoch."""
    problem, folder = make_problem(), tmp_path_factory.mktemp("one")
    model, data = problem.build(), (problem.train, problem.pairs, problem.episodes)
    train(model, *data, config("all", 1), run_dir=folder, verbose=0)
    return model, folder


@pytest.fixture
def begun(one_epoch, tmp_path):
    """Return a copy of that folder."""
    return shutil.copytree(one_epoch[1], tmp_path / "begun")


def test_the_saved_network_has_direct_layers(one_epoch, tmp_path):
    one_epoch[0].save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    kinds = [type(layer) for layer in twin_encoder(loaded).layers if layer.name == "conv2"]
    assert kinds == [keras.layers.Conv2D]


def test_a_run_is_resumed_as_it_began(problem, begun):
    whole = problem.build()
    data = problem.train, problem.pairs, problem.episodes
    train(whole, *data, config("all", 3), verbose=0)
    assert "conv2" in load_state(begun).fast_layers
    resumed = problem.build()
    # Alone, "auto" would time nothing in so small a network, and leave all layers direct.
    train(resumed, *data, config("auto", 3), run_dir=begun, resume=True, verbose=0)
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_way_may_change_when_a_run_is_resumed(problem, begun):
    data = problem.train, problem.pairs, problem.episodes
    model = problem.build()
    train(model, *data, config("none", 2), run_dir=begun, resume=True, verbose=0)
    assert load_state(begun).fast_layers == []


def test_episodes_are_trained_the_faster_way_too(problem):
    weights = []
    for choice in ("none", "all"):
        encoder = small_encoder(initializer="he")
        model = siamese_network(encoder, initializer="he")
        episodes = EpisodeConfig(
            n_way=3, episodes_per_step=2, steps=5, validate_every=5, fast_layers=choice
        )
        train_episodes(model, problem.train, episodes, verbose=0)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("make", [TrainingConfig, EpisodeConfig])
def test_an_unknown_choice_is_refused(make):
    with pytest.raises(ValueError, match="`fast_layers` must be one of"):
        make(fast_layers="fft")

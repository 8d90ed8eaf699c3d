"""Each head on the backend that Keras runs on: logits, training, files. Needs no TensorFlow."""

import keras
import numpy as np
import pytest

import keras_siamese as ks
from keras_siamese.compat import to_numpy
from keras_siamese.evaluation.class_scores import class_logits
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import twin_head
from keras_siamese.models.network_files import load_network, save_network
from keras_siamese.serving.formats import FORMATS
from keras_siamese.training import EpisodeConfig, TrainingConfig, calibrate, train, train_episodes
from tests.training.small_problem import SIZE, make_problem

BACKEND = keras.backend.backend()


def _learned():
    """A comparison with a state: averages of batches, and a random layer."""
    first, second = keras.Input((8,)), keras.Input((8,))
    apart = keras.layers.BatchNormalization(name="norm")(keras.ops.abs(first - second))
    apart = keras.layers.Dropout(0.2, seed=3)(apart)
    return keras.Model([first, second], keras.layers.Dense(1, name="judge")(apart))


HEADS = {"euclidean": lambda: "euclidean", "cosine": lambda: "cosine", "learned": _learned}


@pytest.fixture(params=HEADS)
def network(request):
    encoder = ks.dense_encoder((SIZE, SIZE, 1), units=(8,), initializer="he")
    return ks.siamese_network(encoder, head=HEADS[request.param]())


def test_logits_are_those_of_the_layer(network):
    head = twin_head(network)
    vectors = np.random.default_rng(0).normal(size=(7, 8)).astype(np.float32)
    left, right = np.divmod(np.arange(49), 7)
    expected = to_numpy(head([vectors[left], vectors[right]]))[:, 0]
    np.testing.assert_allclose(head_logits(head, vectors, left, right), expected, atol=1e-5)
    found = class_logits(head, vectors, vectors, np.ones(7, int), shots="mean")
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-5)


def test_both_loops_train_it_and_a_file_keeps_it(network, tmp_path):
    problem = make_problem()
    config = TrainingConfig(batch_size=20, epochs=2, ramp_epochs=1, seed=5)
    network.compile(ks.LayerwiseSGD(0.1, 0.5, 1e-4), "binary_crossentropy")
    before = [to_numpy(weight) for weight in network.trainable_weights]
    result = train(network, problem.train, problem.pairs, problem.episodes, config, verbose=0)
    assert np.isfinite(result.history["loss"]).all()
    for old, new in zip(before, network.trainable_weights, strict=True):
        assert not np.array_equal(old, to_numpy(new))
    episodes = EpisodeConfig(n_way=3, episodes_per_step=2, steps=2, validate_every=2)
    result = train_episodes(network, problem.train, episodes, verbose=0)
    assert np.isfinite(result.history["loss"]).all()
    calibrate(network, problem.train.images, problem.clean)
    save_network(network, tmp_path / "network.keras")
    loaded, images = load_network(tmp_path / "network.keras"), problem.train.images[:6]
    expected = network.predict([images[:3], images[3:]], verbose=0)[:, 0]
    found = ks.Verifier(loaded).probabilities(images[:3], images[3:])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_equal_embeddings_give_no_gradient_that_is_not_a_number():
    encoder = ks.dense_encoder((5, 5, 1), units=(4,), initializer="he")
    images = np.random.default_rng(0).random((8, 5, 5, 1)).astype(np.float32)
    for head in ("euclidean", "cosine"):
        model = ks.siamese_network(encoder, head=head)
        model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
        model.fit([images, images], np.zeros(8), verbose=0)
        assert all(np.isfinite(to_numpy(weight)).all() for weight in model.weights)


@pytest.mark.skipif(BACKEND == "jax", reason="JAX writes no portable file")
def test_openvino_and_onnx_answer_as_the_network_does(network, tmp_path):
    images = np.random.default_rng(1).random((2, 5, SIZE, SIZE, 1)).astype(np.float32)
    expected = network.predict(list(images), verbose=0)[:, 0]
    if BACKEND in FORMATS["openvino"].backends:
        openvino = pytest.importorskip("openvino")
        path = ks.export_openvino(network, tmp_path / "x.xml")
        compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        (found,) = compiled(dict(zip(("left", "right"), images, strict=True))).values()
        np.testing.assert_allclose(found, expected, atol=1e-5)
    if BACKEND in FORMATS["torch"].backends:
        import torch

        program = torch.export.load(ks.export_torch(network, tmp_path / "x.pt2"))
        found = program.module()(*(torch.tensor(side) for side in images))
        np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-5)


def test_a_model_built_by_hand_is_taken(tmp_path):
    tower = keras.Sequential(
        [keras.Input((5, 5, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    left, right = keras.Input((5, 5, 1)), keras.Input((5, 5, 1))
    apart = keras.ops.sum(keras.ops.abs(tower(left) - tower(right)), axis=1, keepdims=True)
    normal = keras.layers.BatchNormalization()(apart)
    model = keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(normal))
    network = ks.from_model(model, output="probability")
    images = np.random.default_rng(1).random((2, 6, 5, 5, 1)).astype(np.float32)
    expected = model.predict(list(images), verbose=0)
    np.testing.assert_allclose(network.predict(list(images), verbose=0), expected, atol=1e-6)
    save_network(network, tmp_path / "network.keras")
    found = ks.Verifier(load_network(tmp_path / "network.keras")).probabilities(*images)
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-5)

"""A small siamese network, and an encoder that counts the images it encodes."""

import keras
import numpy as np
import pytest

from keras_siamese import siamese_network, twin_encoder


class CountingEncoder:
    """Stands in for an encoder and notes every image that it is given."""

    def __init__(self, encoder):
        self.encoder = encoder
        self.input_shape = encoder.input_shape
        self.batches = []

    def __call__(self, images, training):
        assert training is False
        self.batches.append(np.array(images))
        return self.encoder(images, training=training)


@pytest.fixture
def model():
    """A siamese network on 4x4 images with 6 features."""
    encoder = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(
                6, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=1)
            ),
        ]
    )
    return siamese_network(encoder, seed=3)


@pytest.fixture
def counting(model, monkeypatch):
    """The network's encoder, counted wherever the evaluation calls it."""
    encoder = CountingEncoder(twin_encoder(model))
    for module in ("episode_scores", "verification"):
        monkeypatch.setattr(f"keras_siamese.evaluation.{module}.twin_encoder", lambda _: encoder)
    return encoder


@pytest.fixture
def images():
    """Thirty random 4x4 images, all different."""
    return np.random.default_rng(0).integers(0, 256, (30, 4, 4, 1), dtype=np.uint8)


@pytest.fixture
def random():
    """Sixty vectors of six classes, each class around its own place, and their labels."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 6, 60)
    vectors = rng.normal(size=(60, 5)) + np.eye(6)[labels][:, :5]
    return vectors.astype(np.float32), labels

"""A small siamese network on 6x6 images, shared because nothing here trains it."""

import keras
import numpy as np
import pytest

from keras_siamese import siamese_network


@pytest.fixture(scope="session")
def network():
    encoder = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(
                5, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=1)
            ),
        ]
    )
    return siamese_network(encoder, seed=3)


@pytest.fixture(scope="session")
def images():
    """Thirty random 6x6 images, all different."""
    return np.random.default_rng(0).integers(0, 256, (30, 6, 6, 1), dtype=np.uint8)

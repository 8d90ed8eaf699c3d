"""A network that compares pixels, whose answers can be computed by hand, and drawings."""

import keras
import numpy as np
import pytest

from keras_siamese import siamese_network
from keras_siamese.demo.pad import PAD_SIDE


def make_pixel_network(size: int = 35) -> keras.Model:
    """A siamese network whose vectors are the means of 5x5 blocks; p = sigmoid(3 - distance)."""
    encoder = keras.Sequential(
        [keras.Input((size, size, 1)), keras.layers.AveragePooling2D(5), keras.layers.Flatten()]
    )
    model = siamese_network(encoder)
    features = encoder.output_shape[-1]
    model.get_layer("weighted_l1").set_weights([np.full((features, 1), -1.0), np.array([3.0])])
    return model


@pytest.fixture(scope="session")
def pixel_network():
    return make_pixel_network()


@pytest.fixture
def blank():
    return np.full((PAD_SIDE, PAD_SIDE), 255, np.uint8)


@pytest.fixture
def cross(bar):
    """Two bars of 16 pixels, 200 long."""
    return np.minimum(bar, bar.T)


@pytest.fixture
def bar():
    """A level bar of 16 pixels, 200 long."""
    pad = np.full((PAD_SIDE, PAD_SIDE), 255, np.uint8)
    pad[202:218, 110:310] = 0
    return pad

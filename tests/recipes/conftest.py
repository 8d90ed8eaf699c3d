"""Training without the work of it."""

import keras
import numpy as np
import pytest

from keras_siamese import siamese_network
from keras_siamese.models import twin_head
from keras_siamese.recipes import methods


@pytest.fixture
def trained(monkeypatch):
    """Takes the place of the training: a network of pixels; lists what it was given."""
    calls = []

    def train(images, episodes, plan):
        calls.append((images, episodes, plan))
        if plan.network is not None:
            return plan.network
        _, height, width, channels = images.images.shape
        encoder = keras.Sequential([keras.Input((height, width, channels)), keras.layers.Flatten()])
        model = siamese_network(encoder)
        kernel = -np.ones((height * width * channels, 1))
        twin_head(model).set_weights([kernel, np.array([3.0])])
        return model

    for name in methods.METHODS:
        monkeypatch.setitem(methods.METHODS, name, train)
    return calls

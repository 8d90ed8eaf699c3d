"""Drawings of eight rows of pixels, and a network that compares them by hand."""

import keras
import numpy as np

from keras_siamese import siamese_network
from keras_siamese.models import twin_head

SIDE, BIAS = 8, 3.0
SQUARES = (255 * np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((2, 2)))).astype(np.uint8)


def make_network(channels: int = 1) -> keras.Model:
    """Probability sigmoid(3 - sum of |left - right| over the pixels)."""
    inputs = keras.Input((SIDE, SIDE, channels))
    model = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    kernel = -np.ones((SIDE**2 * channels, 1))
    twin_head(model).set_weights([kernel, np.array([BIAS])])
    return model


def drawing(*rows: int, level: int = 0) -> np.ndarray:
    """White paper of 8x8, (8, 8), uint8, with rows of ink."""
    pixels = np.full((SIDE, SIDE), 255, np.uint8)
    pixels[list(rows), 1:7] = level
    return pixels


def same_probability(rows: set[int], others: set[int]) -> float:
    """By hand: each row has six pixels, and counts where one drawing alone has it."""
    return 1 / (1 + np.exp(6 * len(rows ^ others) - BIAS))

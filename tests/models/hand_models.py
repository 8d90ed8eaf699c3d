"""Siamese models as people build them by hand."""

import keras
import numpy as np

SIZE = (6, 6, 1)
LEFT, RIGHT = np.random.default_rng(0).random((2, 5, *SIZE), dtype=np.float32)


def make_tower(**options):
    """Return an encoder; the options are those of the model."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input(SIZE), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(4)], **options
    )


def pair_model(compare, tower=None, other=None):
    """Return a model that compares what one encoder, or two, give for two images."""
    tower = tower or make_tower()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    return keras.Model([left, right], compare(tower(left), (other or tower)(right)))


def euclidean(first, second):
    squares = keras.ops.sum(keras.ops.square(first - second), axis=1, keepdims=True)
    return keras.ops.sqrt(keras.ops.maximum(squares, 1e-7))


def sigmoid_of_difference(first, second):
    apart = keras.layers.Subtract()([first, second])
    return keras.layers.Dense(1, activation="sigmoid")(keras.ops.abs(apart))


def prepared(prepare, *first, other=None):
    """Return a model that does something to the images, then calls an encoder."""
    tower = keras.Sequential([keras.Input(SIZE), *first, *make_tower().layers])
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = tower(prepare(left)), tower((other or prepare)(right))
    return keras.Model([left, right], sigmoid_of_difference(*sides))


def flat(first, second):
    """Return the L1 distance of two embeddings, `(batch,)`."""
    return keras.ops.sum(keras.ops.abs(first - second), axis=1)

"""Value and gradient of a loss on the backend that Keras runs on, in a compiled step."""

from functools import cache

import keras
import numpy as np


def value_and_gradient(loss, labels, matrix):
    """Computes both as a training step does: the values are not known while it is traced."""
    labels, matrix = np.asarray(labels), np.asarray(matrix, "float32")
    step = _STEPS[keras.backend.backend()]
    value, gradient = step(loss, labels.dtype.kind, matrix.shape[1])(labels, matrix)
    return float(value), np.asarray(gradient)


# Traced once per loss, kind of labels and number of features; the number of rows is not known.
@cache
def _tensorflow(loss, kind, features):
    import tensorflow as tf

    labels = tf.TensorSpec([None], "float32" if kind == "f" else "int64")

    @tf.function(input_signature=[labels, tf.TensorSpec([None, features], "float32")])
    def step(labels, matrix):
        with tf.GradientTape() as tape:
            tape.watch(matrix)
            value = loss(labels, matrix)
        return value, tape.gradient(value, matrix)

    return step


@cache
def _jax(loss, kind, features):
    import jax

    step = jax.jit(jax.value_and_grad(lambda matrix, labels: loss(labels, matrix)))
    return lambda labels, matrix: step(matrix, labels)


def _torch(loss, kind, features):
    import torch

    def step(labels, matrix):
        matrix = torch.tensor(matrix, requires_grad=True)
        value = loss(torch.tensor(labels), matrix)
        value.backward()
        return value.detach(), matrix.grad

    return step


_STEPS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}

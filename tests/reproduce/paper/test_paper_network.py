"""The update rule with the paper's misprint."""

import keras
import numpy as np

from keras_siamese.optimizers import LayerwiseSGD
from reproduce.paper.paper_network import PrintedSGD


def variables():
    """Return a kernel and a bias of one layer."""
    layer = keras.layers.Dense(2, name="dense")
    layer(np.zeros((1, 2), "float32"))
    layer.kernel.assign([[0.5, -1.0], [0.25, -0.5]])
    layer.bias.assign([0.5, -0.5])
    return layer.trainable_variables


def test_two_steps_are_as_printed():
    eta, mu, l2 = 0.1, 0.5, 0.05
    kernel, bias = variables()
    optimizer = PrintedSGD(eta, mu, l2)
    w, b = kernel.numpy().astype(np.float64), bias.numpy().astype(np.float64)
    dw, db = np.zeros_like(w), np.zeros_like(b)
    for gradient in (1.0, -2.0):
        optimizer.apply([np.full((2, 2), gradient, "float32"), np.full(2, gradient, "float32")],
                        [kernel, bias])  # fmt: skip
        dw, db = mu * dw - eta * gradient, mu * db - eta * gradient
        w, b = w + dw + 2 * l2 * np.abs(w), b + db
    np.testing.assert_allclose(kernel.numpy(), w, rtol=1e-6)
    np.testing.assert_allclose(bias.numpy(), b, rtol=1e-6)


def test_without_l2_it_is_the_ordinary_rule():
    (kernel, bias), (other_kernel, other_bias) = variables(), variables()
    rng = np.random.default_rng(0)
    printed, ordinary = PrintedSGD(0.1, 0.9), LayerwiseSGD(0.1, 0.9)
    for _ in range(3):
        gradients = [rng.normal(size=(2, 2)).astype("float32"), np.ones(2, "float32")]
        printed.apply(gradients, [kernel, bias])
        ordinary.apply(gradients, [other_kernel, other_bias])
    np.testing.assert_allclose(kernel.numpy(), other_kernel.numpy(), rtol=1e-6)


def test_without_gradient_every_weight_grows():
    kernel, bias = variables()
    before = np.array(kernel)
    optimizer = PrintedSGD(0.1, 0.0, l2=0.05)
    optimizer.apply([np.zeros((2, 2), "float32"), np.zeros(2, "float32")], [kernel, bias])
    assert (kernel.numpy() > before).all()

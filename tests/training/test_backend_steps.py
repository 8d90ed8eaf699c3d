"""The moving average of the weights, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.training.backend_steps import WeightAverage

pytestmark = pytest.mark.keras3


def test_it_averages_all_weights_and_gives_them_for_a_while():
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization()])
    average = WeightAverage(model, 0.5)
    expected = model.get_weights()
    update = tf.function(average.update)
    rng = np.random.default_rng(0)
    for step in range(12):
        weights = [rng.random(3).astype(np.float32) for _ in range(4)]
        model.set_weights(weights)
        update(tf.constant(step, tf.int64))
        momentum = min(0.5, (1 + step) / (10 + step))  # 0.1, 2/11, ..., 0.5 from step 8 on
        expected = [
            momentum * old + (1 - momentum) * new
            for old, new in zip(expected, weights, strict=True)
        ]
    with average.applied():
        np.testing.assert_allclose(model.get_weights(), expected, rtol=1e-5)
    np.testing.assert_array_equal(model.get_weights(), weights)
    average.assign()
    np.testing.assert_allclose(model.get_weights(), expected, rtol=1e-5)


def test_a_count_is_taken_as_it_is_and_bfloat16_averaged():
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Normalization(),
            keras.layers.Dense(1, dtype="bfloat16", use_bias=False),
        ]
    )
    (count,) = [weight for weight in model.weights if weight.dtype.startswith("int")]
    kernel = model.layers[-1].kernel
    average = WeightAverage(model, 0.5)
    before = np.asarray(kernel).astype(np.float32)
    count.assign(7)
    kernel.assign(before + 1)
    tf.function(average.update)(tf.constant(100, tf.int64))
    average.assign()
    assert int(count) == 7
    # bfloat16 has eight bits.
    np.testing.assert_allclose(np.asarray(kernel).astype(np.float32), before + 0.5, atol=0.02)

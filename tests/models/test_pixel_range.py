"""What pixels a model built by hand is for: 0 to 1, or 0 to 255."""

import keras
import numpy as np
import pytest

from keras_siamese import Verifier, from_model
from tests.models.hand_models import (
    LEFT,
    RIGHT,
    SIZE,
    make_tower,
    pair_model,
    prepared,
    sigmoid_of_difference,
)

pytestmark = pytest.mark.keras3


def test_pixels_up_to_255_are_found_by_the_rescaling():
    tower = keras.Sequential(
        [keras.Input(SIZE), keras.layers.Rescaling(1 / 255), *make_tower().layers]
    )
    model = pair_model(sigmoid_of_difference, tower)
    expected = model([255 * LEFT, 255 * RIGHT])
    network = from_model(model, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), expected, atol=1e-5)
    levels = [np.round(255 * side).astype(np.uint8) for side in (LEFT, RIGHT)]
    expected = model([side.astype(np.float32) for side in levels])
    np.testing.assert_allclose(network(levels), expected, atol=1e-5)
    # Of a model that does not say so, by the argument.
    model = pair_model(sigmoid_of_difference)
    expected = model([255 * LEFT, 255 * RIGHT])
    found = from_model(model, output="probability", max_pixel=255)([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    with pytest.raises(ValueError, match="`max_pixel` must be 1 or 255"):
        from_model(model, max_pixel=128)


# What is done to the images, and the largest pixel that it is for.
OPERATIONS = {
    "divided": (lambda x: x / 255.0, 255),
    "cast": (lambda x: keras.ops.cast(x, "float32") / 255, 255),
    "multiplied": (lambda x: x * (1 / 255), 255),
    "multiplied-left": (lambda x: (1 / 255) * x, 255),
    "by-name": (lambda x: keras.ops.divide(x, x2=255.0), 255),
    "array": (lambda x: x / np.float32([255.0]), 255),
    "centred": (lambda x: (x - 127.5) / 127.5, 255),
    "standardized": (lambda x: (x / 255 - 0.4) / 0.2, 255),
    "inverted": (lambda x: (255 - x) / 255, 255),
    "unit": (lambda x: x * 2 - 1, 1),
    "unit-inverted": (lambda x: 1 - x, 1),
    "reshaped": (lambda x: keras.ops.reshape(x, (-1, *SIZE)), 1),
    "maximum": (lambda x: keras.ops.maximum(x, 0.1), 1),
    "slice": (lambda x: x[:, ::-1] / 255.0, 255),
}


@pytest.mark.parametrize(("prepare", "largest"), OPERATIONS.values(), ids=OPERATIONS)
def test_operations_before_the_encoder_say_what_pixels_are(prepare, largest):
    model = prepared(prepare)
    expected = model([largest * LEFT, largest * RIGHT])
    found = from_model(model, output="probability")([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-5)


@keras.saving.register_keras_serializable(package="hand_built_test")
class Unknown(keras.layers.Layer):
    """A layer without weights, of which nothing is known."""

    def call(self, inputs):
        """Return the images."""
        return inputs


def _same(image):
    return image


@pytest.mark.parametrize(
    "model",
    [
        lambda: prepared(keras.ops.sqrt),
        lambda: prepared(lambda x: x / 10),
        lambda: prepared(lambda x: x - keras.ops.mean(x, axis=(1, 2, 3), keepdims=True)),
        lambda: prepared(_same, Unknown(), keras.layers.Rescaling(1 / 255)),
        lambda: prepared(_same, keras.layers.Rescaling(0.1)),
    ],
    ids=["sqrt", "tenth", "mean", "unknown", "rescaling"],
)
def test_pixels_of_which_nothing_is_known_must_be_said(model):
    model = model()
    with pytest.raises(ValueError, match="`max_pixel` must say the largest value"):
        from_model(model, output="probability")
    for largest in (1, 255):
        expected = model([largest * LEFT, largest * RIGHT])
        found = from_model(model, output="probability", max_pixel=largest)([LEFT, RIGHT])
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_rescaling_is_found_behind_what_keeps_the_range():
    layers = keras.layers
    kept = [
        [layers.RandomFlip(), layers.RandomContrast(0.1)],
        [keras.Sequential([layers.RandomRotation(0.1)]), layers.Rescaling(1.0)],
        [
            layers.Identity(),
            layers.Resizing(8, 8),
            layers.ZeroPadding2D(1),
            layers.CenterCrop(*SIZE[:2]),
        ],
        [layers.Reshape(SIZE), layers.Activation("linear")],
    ]
    scales = ((1 / 255, 255), (1 / 127.5, 255), ([1 / 255 / 0.22], 255), (2.0, 1))
    for first, (scale, largest) in zip(kept, scales, strict=True):
        model = prepared(_same, *first, layers.Rescaling(scale))
        expected = model.predict([largest * LEFT, largest * RIGHT], verbose=0)
        network = from_model(model, output="probability")
        found = Verifier(network).probabilities(LEFT, RIGHT)
        np.testing.assert_allclose(found, expected[:, 0], atol=1e-4)


@pytest.mark.parametrize(("mean", "largest"), [(130.0, 255), (0.5, 1)])
@pytest.mark.parametrize("kind", ["given", "batch"])
def test_a_mean_says_what_pixels_are(kind, mean, largest):
    first = keras.layers.Normalization(mean=[mean], variance=[1.0])
    if kind == "batch":
        first = keras.layers.BatchNormalization()
    model = prepared(_same, first)
    if kind == "batch":
        first.moving_mean.assign([mean])
    expected = model([largest * LEFT, largest * RIGHT])
    found = from_model(model, output="probability")([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-4)

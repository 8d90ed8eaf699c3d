"""The convolution in the frequency domain: the values and gradients of `Conv2D`, and its limits."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.models import FrequencyConv2D, koch_encoder
from keras_siamese.models.frequency_conv import (
    _multiplications,
    _tiling,
    can_use_frequencies,
    convolve,
)

pytestmark = pytest.mark.keras3


def by_windows(images, kernel):
    """Convolution as its definition has it, in float64."""
    windows = np.lib.stride_tricks.sliding_window_view(
        images.astype(float), kernel.shape[:2], axis=(1, 2)
    )
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel.astype(float))


@st.composite
def problems(draw):
    """Images, a kernel that fits them, and sides of a tile from the kernel's to the image's."""
    sides = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    kernel = [draw(st.integers(1, side)) for side in sides]
    tile = [draw(st.integers(size, side)) for size, side in zip(kernel, sides, strict=True)]
    batch, channels, filters = (draw(st.integers(1, 3)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    images = rng.normal(size=(batch, *sides, channels)).astype(np.float32)
    weights = rng.normal(size=(*kernel, channels, filters)).astype(np.float32)
    return images, weights, draw(st.sampled_from([None, tuple(tile)]))


@settings(deadline=None, max_examples=60)
@given(problems())
def test_values_are_those_of_the_definition(problem):
    images, kernel, tile_size = problem
    expected = by_windows(images, kernel)
    found = np.asarray(convolve(tf.constant(images), tf.constant(kernel), tile_size))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-5 * max(1, abs(expected).max()))


@settings(deadline=None, max_examples=20)
@given(problems())
def test_gradients_are_those_of_the_direct_convolution(problem):
    images, kernel, tile_size = (
        tf.constant(problem[0]),
        tf.constant(problem[1]),
        problem[2],
    )

    def gradients(convolution):
        with tf.GradientTape() as tape:
            tape.watch([images, kernel])
            outputs = convolution(images, kernel)
            # A sum alone would have the same gradient wherever it is taken.
            objective = tf.reduce_sum(tf.sin(outputs))
        return tape.gradient(objective, [images, kernel])

    direct = gradients(lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"))
    found = gradients(lambda x, k: convolve(x, k, tile_size))
    for ours, theirs in zip(found, direct, strict=True):
        scale = max(1, abs(theirs.numpy()).max())
        np.testing.assert_allclose(ours, theirs, atol=1e-4 * scale)


def test_the_koch_net_keeps_its_numbers_to_a_hundred_thousandth():
    rng = np.random.default_rng(0)
    images = rng.random((2, 48, 48, 64), np.float32)
    direct = koch_encoder(units=8).get_layer("conv2")
    kernel = direct.get_weights()[0]
    expected = by_windows(images, kernel)
    found = np.asarray(convolve(tf.constant(images), tf.constant(kernel)))
    assert abs(found - expected).max() < 1e-5 * abs(expected).max()


@pytest.mark.parametrize(
    ("image", "kernel", "channels", "filters"),
    [((48, 48), (7, 7), 64, 128), ((21, 21), (4, 4), 128, 128), ((30, 9), (3, 9), 2, 5)],
)
def test_chosen_tiles_cover_the_image_once(image, kernel, channels, filters):
    counts, tile, kept = _tiling(image, kernel, channels, filters, None)
    for side, size, count, part, step in zip(image, kernel, counts, tile, kept, strict=True):
        outputs = side - size + 1
        assert part == step + size - 1
        assert (count - 1) * step < outputs <= count * step


def test_the_koch_net_needs_eight_times_fewer_multiplications():
    direct = 42 * 42 * 7 * 7 * 64 * 128
    tiling = _tiling((48, 48), (7, 7), 64, 128, None)
    assert tiling.tile == (27, 20)
    assert direct / _multiplications(tiling, 64, 128) == pytest.approx(8.4, abs=0.05)


def layers(shape, **arguments):
    """A direct layer and one in the frequency domain with the same weights."""
    direct, ours = keras.layers.Conv2D(**arguments), FrequencyConv2D(**arguments)
    for layer in (direct, ours):
        layer.build(shape)
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=weight.shape) for weight in direct.get_weights()]
    direct.set_weights(weights)
    ours.set_weights(weights)
    return direct, ours


SHAPE = (2, 12, 15, 4)
COVERED = {"filters": 6, "kernel_size": (5, 3)}
NOT_COVERED = [
    {"strides": 2},
    {"dilation_rate": 2},
    {"groups": 2},
    {"padding": "same"},
    {"dtype": "bfloat16"},
    {"dtype": "mixed_bfloat16"},
]


def test_bias_and_activation_follow():
    images = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    direct, ours = layers(SHAPE, **COVERED, activation="relu")
    assert can_use_frequencies(ours, SHAPE)
    np.testing.assert_allclose(ours(images), direct(images), atol=1e-4)


@pytest.mark.parametrize("arguments", NOT_COVERED, ids=str)
def test_what_is_not_covered_is_computed_directly(arguments):
    images = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    direct, ours = layers(SHAPE, **COVERED, **arguments)
    assert not can_use_frequencies(ours, SHAPE)
    np.testing.assert_array_equal(
        tf.cast(ours(images), tf.float32), tf.cast(direct(images), tf.float32)
    )


def test_a_kernel_larger_than_the_image_fails_as_it_does_in_keras():
    image = np.zeros((1, 8, 12, 2), np.float32)
    with pytest.raises(Exception) as of_keras:
        keras.layers.Conv2D(3, 9)(image)
    # Keras 3.12 leaves it to TensorFlow, later ones say it themselves.
    with pytest.raises(type(of_keras.value), match="[Nn]egative|zero or|Incompatible shapes"):
        FrequencyConv2D(3, 9)(image)


def test_images_of_unknown_size_are_computed_directly():
    image = keras.Input((None, None, 2))
    model = keras.Model(image, FrequencyConv2D(3, 5)(image))
    assert model(np.zeros((1, 9, 11, 2), np.float32)).shape == (1, 5, 7, 3)


def test_float64_is_exact_to_its_own_precision():
    rng = np.random.default_rng(3)
    images, kernel = rng.normal(size=(2, 20, 20, 3)), rng.normal(size=(7, 7, 3, 4))
    found = np.asarray(convolve(tf.constant(images), tf.constant(kernel)))
    np.testing.assert_allclose(found, by_windows(images, kernel), atol=1e-12)


def test_a_saved_network_loads_in_safe_mode_with_its_tile_size(tmp_path):
    image = keras.Input((20, 20, 2))
    layer = FrequencyConv2D(3, 7, tile_size=11, name="conv1")
    model = keras.Model(image, layer(image))
    model.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    assert loaded.get_layer("conv1").tile_size == (11, 11)
    images = np.random.default_rng(0).random((2, 20, 20, 2))
    np.testing.assert_array_equal(model.predict(images), loaded.predict(images))


@pytest.mark.parametrize("tile_size", [0, (3,), (4, 0), "large", 2.5, (2.0, 2.0), True])
def test_a_wrong_tile_size_is_refused(tile_size):
    with pytest.raises(ValueError, match="`tile_size` must be one or two positive integers"):
        FrequencyConv2D(3, 3, tile_size=tile_size)

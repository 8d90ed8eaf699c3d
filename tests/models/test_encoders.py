import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese import dense_encoder, koch_encoder, reduced_encoder

TINY = {"filters": (2, 3), "kernel_sizes": (3, 2), "units": 5}


def _dense(inputs, outputs):
    return inputs * outputs + outputs


def test_koch_encoder_has_the_geometry_of_figure_4():
    # units=1 leaves out the 37 million weights of the last layer, which figure 4 fixes otherwise.
    encoder = koch_encoder(units=1)
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in encoder.layers}
    assert shapes == {
        "image": (105, 105, 1),
        "conv1": (96, 96, 64),
        "pool1": (48, 48, 64),
        "conv2": (42, 42, 128),
        "pool2": (21, 21, 128),
        "conv3": (18, 18, 128),
        "pool3": (9, 9, 128),
        "conv4": (6, 6, 256),
        "flatten": (9216,),
        "embedding": (1,),
    }


def test_dense_encoder_counts_and_names():
    encoder = dense_encoder((7, 6, 1), units=(20, 10))
    assert encoder.count_params() == _dense(42, 20) + _dense(20, 10)
    assert [layer.name for layer in encoder.layers] == ["image", "flatten", "dense1", "embedding"]
    assert dense_encoder((4, 4, 1)).output_shape == (None, 1024)


def test_reduced_encoder_takes_colour_images_of_any_fitting_size():
    encoder = reduced_encoder((9, 12, 3), **TINY)
    # 9x12 -> 7x10 -> 3x5 -> 2x4, by hand.
    assert encoder.count_params() == (27 * 2 + 2) + (8 * 3 + 3) + _dense(2 * 4 * 3, 5)


def test_activations_are_relu_then_sigmoid():
    for encoder in (reduced_encoder((9, 9, 1), **TINY), dense_encoder((9, 9, 1), units=(3, 2))):
        trained = [layer for layer in encoder.layers if layer.weights]
        activations = [layer.activation.__name__ for layer in trained]
        assert activations == ["relu"] * (len(trained) - 1) + ["sigmoid"]


def test_forward_pass_matches_numpy():
    encoder = koch_encoder((4, 4, 1), filters=(1,), kernel_sizes=(3,), units=2, initializer="he")
    image = np.random.default_rng(0).random((4, 4)).astype("float32")
    kernel, _, weights, _ = (np.asarray(weight) for weight in encoder.weights)
    feature = [
        [max(0.0, float(np.sum(image[i : i + 3, j : j + 3] * kernel[:, :, 0, 0])))]
        for i in range(2)
        for j in range(2)
    ]
    logits = np.reshape(feature, 4) @ weights
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(encoder(image[None, :, :, None])[0], expected, atol=1e-6)


def test_same_seed_gives_the_same_weights_and_another_does_not():
    first, again, other = (reduced_encoder((9, 9, 1), seed=s, **TINY) for s in (3, 3, 4))
    for left, right, different in zip(first.weights, again.weights, other.weights, strict=True):
        np.testing.assert_array_equal(left, right)
        assert np.all(np.asarray(left) != np.asarray(different))


def test_layers_of_one_shape_start_from_different_weights():
    encoder = reduced_encoder((19, 19, 2), filters=(2, 2), kernel_sizes=(3, 3), units=3)
    first, second = encoder.get_layer("conv1"), encoder.get_layer("conv2")
    assert np.all(np.asarray(first.kernel) != np.asarray(second.kernel))
    assert np.all(np.asarray(first.bias) != np.asarray(second.bias))


def test_initializer_he_reaches_every_layer():
    for encoder in (
        reduced_encoder((9, 9, 1), initializer="he", **TINY),
        dense_encoder((9, 9, 1), units=(3, 2), initializer="he"),
    ):
        biases = [weight for weight in encoder.weights if weight.name == "bias"]
        assert not any(np.asarray(bias).any() for bias in biases)


@pytest.mark.parametrize("build", [reduced_encoder, koch_encoder])
def test_embedding_is_float32_under_mixed_precision(build):
    encoder = build((9, 9, 1), dtype="mixed_bfloat16", **TINY)
    assert encoder.get_layer("conv1").compute_dtype == "bfloat16"
    assert encoder.get_layer("embedding").compute_dtype == "float32"
    assert tf.as_dtype(encoder(np.zeros((1, 9, 9, 1), "float32")).dtype) == "float32"
    assert {tf.as_dtype(weight.dtype) for weight in encoder.weights} == {tf.float32}


def test_global_policy_is_the_default():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        encoder = dense_encoder((4, 4, 1), units=(3, 2))
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert encoder.get_layer("dense1").compute_dtype == "bfloat16"
    assert encoder.get_layer("embedding").compute_dtype == "float32"


@pytest.mark.parametrize("size", [(9, 4), (4, 9)])
def test_image_too_small_for_the_kernels_is_an_error(size):
    # 4 - 3 + 1 = 2, pooled to 1, is less than the second kernel.
    with pytest.raises(ValueError, match="conv2 needs at least 2 pixels.*and 1 are left"):
        reduced_encoder((*size, 1), **TINY)


def test_smallest_image_that_fits_is_accepted():
    assert reduced_encoder((6, 6, 1), **TINY).output_shape == (None, 5)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("input_shape", (35, 35)),
        ("input_shape", (None, None, 1)),
        ("filters", ()),
        ("filters", (2, 0)),
        ("filters", 64),
        ("kernel_sizes", (3,)),
        ("kernel_sizes", (3, 2.5)),
        ("units", 0),
        ("units", (4096,)),
    ],
)
def test_counts_that_are_not_positive_integers_are_an_error(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must hold .* positive integer"):
        reduced_encoder(**{"input_shape": (9, 9, 1), **TINY, argument: value})


@pytest.mark.parametrize("units", [(), 1024, (5, -1)])
def test_dense_widths_that_are_not_positive_integers_are_an_error(units):
    with pytest.raises(ValueError, match="`units` must hold one or more positive integer"):
        dense_encoder((4, 4, 1), units=units)

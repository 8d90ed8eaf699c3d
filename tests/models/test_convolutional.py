"""The encoder with batch normalization: geometry, numbers, precision, saving, bad input."""

import keras
import numpy as np
import pytest

from keras_siamese import conv_encoder, siamese_network

TINY = {"filters": (2, 3), "num_pools": 1, "units": 4}


def test_the_default_has_the_stated_geometry():
    encoder = conv_encoder()
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in encoder.layers}
    assert shapes == {
        "image": (35, 35, 1),
        "conv1": (35, 35, 32),
        **dict.fromkeys(("pool1", "norm1", "relu1"), (17, 17, 32)),
        "conv2": (17, 17, 64),
        **dict.fromkeys(("pool2", "norm2", "relu2"), (8, 8, 64)),
        "conv3": (8, 8, 128),
        **dict.fromkeys(("pool3", "norm3", "relu3"), (4, 4, 128)),
        **dict.fromkeys(("conv4", "norm4", "relu4"), (4, 4, 256)),
        "flatten": (4096,),
        "embedding": (1024,),
    }
    kernels = 9 * (32 + 32 * 64 + 64 * 128 + 128 * 256)
    # Scale, offset, mean and variance of each filter.
    norms = 4 * (32 + 64 + 128 + 256)
    assert encoder.count_params() == kernels + norms + 4096 * 1024 + 1024


def test_forward_pass_matches_numpy():
    encoder = conv_encoder((4, 5, 1), filters=(1,), num_pools=1, units=2)
    norm = encoder.get_layer("norm1")
    # A negative scale, so that pooling after normalization would give other numbers.
    norm.set_weights([np.array([value], "float32") for value in (-1.5, 0.8, 0.3, 0.6)])
    image = np.random.default_rng(0).random((4, 5)).astype("float32")
    kernel = np.asarray(encoder.get_layer("conv1").kernel)[:, :, 0, 0]
    padded = np.pad(image, 1)
    feature = [[np.sum(padded[i : i + 3, j : j + 3] * kernel) for j in range(5)] for i in range(4)]
    feature = np.array(feature)
    pooled = np.array([[feature[i : i + 2, j : j + 2].max() for j in (0, 2)] for i in (0, 2)])
    normed = (pooled - 0.3) / np.sqrt(0.6 + 1e-3) * -1.5 + 0.8
    hidden = np.maximum(normed, 0)
    assert 0 < (hidden > 0).sum() < 4
    logits = np.reshape(hidden, 4) @ np.asarray(encoder.get_layer("embedding").kernel)
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(encoder(image[None, :, :, None])[0], expected, atol=1e-6)


def test_without_units_the_last_features_are_the_embedding():
    whole = conv_encoder((9, 6, 1), **TINY)
    encoder = conv_encoder((9, 6, 1), **{**TINY, "units": None})
    assert encoder.output_shape == (None, 4 * 3 * 3)
    names = [layer.name for layer in encoder.layers]
    assert names[-3:] == ["norm2", "flatten", "embedding"] and "relu1" in names
    # The weights of the convolutions are those of the encoder that continues with a dense layer.
    features = keras.Model(whole.input, whole.get_layer("norm2").output)
    images = np.random.default_rng(0).random((3, 9, 6, 1)).astype("float32")
    expected = 1 / (1 + np.exp(-np.asarray(features(images)).reshape(3, -1)))
    np.testing.assert_allclose(encoder(images), expected, atol=1e-6)
    mixed = conv_encoder((9, 6, 1), dtype="mixed_bfloat16", **{**TINY, "units": None})
    assert mixed(images).dtype == "float32"


def test_every_weight_has_a_seed_of_its_own():
    first, again, other = (conv_encoder((9, 9, 1), seed=s, **TINY) for s in (3, 3, 4))
    for left, right in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    for name in ("conv1", "conv2", "embedding"):
        ours, theirs = (np.asarray(model.get_layer(name).kernel) for model in (first, other))
        assert np.all(ours != theirs)
    alike = conv_encoder((9, 9, 2), filters=(2, 2), num_pools=0, units=3)
    kernels = [np.asarray(alike.get_layer(name).kernel) for name in ("conv1", "conv2")]
    assert np.all(kernels[0] != kernels[1])


def test_embedding_is_float32_under_mixed_precision():
    encoder = conv_encoder((9, 9, 1), dtype="mixed_bfloat16", **TINY)
    assert encoder.get_layer("conv2").compute_dtype == "bfloat16"
    assert encoder.get_layer("embedding").compute_dtype == "float32"
    assert encoder(np.zeros((1, 9, 9, 1), "float32")).dtype == "float32"


def test_a_siamese_network_of_it_loads_in_safe_mode(tmp_path):
    model = siamese_network(conv_encoder((9, 12, 3), **TINY), initializer="he")
    pair = list(np.random.default_rng(0).random((2, 5, 9, 12, 3)).astype("float32"))
    model.save(tmp_path / "siamese.keras")
    loaded = keras.saving.load_model(tmp_path / "siamese.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded.predict_on_batch(pair), model.predict_on_batch(pair))


def test_as_many_poolings_as_the_image_has_room_for():
    assert conv_encoder((2, 3, 1), **TINY).output_shape == (None, 4)
    with pytest.raises(ValueError, match=r"1 poolings need at least 2 pixels.*\(1, 3\)"):
        conv_encoder((1, 3, 1), **TINY)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("input_shape", (35, 35)),
        ("filters", ()),
        ("units", 0),
        ("num_pools", 3),
        ("num_pools", -1),
        ("num_pools", True),
    ],
)
def test_bad_counts_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must "):
        conv_encoder(**{"input_shape": (9, 9, 1), **TINY, argument: value})

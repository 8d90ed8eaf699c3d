"""The forward pass in NumPy: the same as Keras's, to 1e-5, or left to Keras."""

import json
import zipfile

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.models import (
    average_mirrored,
    conv_encoder,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
    twin_head,
)
from keras_siamese.models.numpy_config import read_archive
from keras_siamese.models.numpy_network import UnsupportedError, from_card
from keras_siamese.pretrained import build

pytestmark = pytest.mark.keras3
TOLERANCE = 1e-5


def shaken(model: keras.Model, seed: int = 0) -> keras.Model:
    """Gives all weights values other than those that they start with, variances positive ones."""
    generator = np.random.default_rng(seed)
    values = []
    for weight in model.weights:
        value = np.asarray(weight)
        noise = generator.normal(0, 0.1, value.shape)
        values.append(np.abs(value + noise) if "variance" in weight.path else value + noise)
    model.set_weights([value.astype(np.float32) for value in values])
    return model


def in_numpy(model: keras.Model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    return read_archive(path.read_bytes())


def assert_same(network, model: keras.Model, seed: int = 0) -> None:
    """Fails unless both give the same embeddings and the same probabilities."""
    shape = network.input_shape
    images = np.random.default_rng(seed).integers(0, 256, (5, *shape), dtype=np.uint8)
    expected = twin_encoder(model).predict(images / np.float32(255), verbose=0)
    found = network.encode(images)
    assert found.dtype == np.float32 and found.shape == (5, network.num_features)
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE)
    for weight, value in zip(
        network.head.get_weights(), twin_head(model).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(weight, value)


ENCODERS = {
    "conv": lambda: conv_encoder(
        (13, 10, 1), filters=(3, 4, 4), num_pools=2, units=6, initializer="he"
    ),
    "conv, colour": lambda: conv_encoder((9, 9, 3), filters=(3, 4), num_pools=1, units=None),
    "koch": lambda: koch_encoder(
        (40, 38, 1), filters=(4, 5), kernel_sizes=(9, 4), units=7, initializer="he"
    ),
    "reduced": lambda: reduced_encoder(filters=(4, 4, 4, 4), units=8, initializer="he"),
    "dense": lambda: dense_encoder((5, 6, 1), units=(6, 3)),
}


@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
@pytest.mark.parametrize("name", ENCODERS)
def test_a_saved_network_gives_what_keras_gives(name, mirrored, tmp_path):
    model = shaken(siamese_network(ENCODERS[name](), initializer="he"))
    model = average_mirrored(model) if mirrored else model
    assert_same(in_numpy(model, tmp_path), model)


def test_eight_symmetries_give_what_keras_gives(tmp_path):
    encoder = conv_encoder((9, 9, 3), filters=(3, 4), num_pools=1, units=5)
    model = average_mirrored(shaken(siamese_network(encoder, initializer="he")), symmetries=8)
    assert_same(in_numpy(model, tmp_path), model)


@settings(max_examples=12, deadline=None)
@given(
    height=st.integers(4, 17),
    width=st.integers(4, 17),
    channels=st.sampled_from([1, 3]),
    filters=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    pools=st.integers(0, 2),
    units=st.sampled_from([None, 1, 6]),
    seed=st.integers(0, 99),
)
def test_any_shape_gives_what_keras_gives(
    height, width, channels, filters, pools, units, seed, tmp_path_factory
):
    encoder = conv_encoder(
        (height, width, channels),
        filters=filters,
        num_pools=min(pools, len(filters)),
        units=units,
        seed=seed,
    )
    model = shaken(siamese_network(encoder, initializer="he"), seed)
    assert_same(in_numpy(model, tmp_path_factory.mktemp("model")), model, seed)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("units", [None, 4])
def test_a_card_gives_what_keras_gives(units, mirrored):
    card = {
        "image_size": 20,
        "encoder": {"filters": [4, 4], "num_pools": 2, "units": units},
        "mirrored": mirrored,
    }
    model = shaken(build(card))
    weights = {
        "/".join(weight.path.split("/")[-2:]): value
        for weight, value in zip(model.weights, model.get_weights(), strict=True)
    }
    assert_same(from_card(card, weights), model)
    weights.pop("norm2/gamma")
    with pytest.raises(UnsupportedError, match="norm2/gamma"):
        from_card(card, weights)


def test_padding_of_even_kernels_is_that_of_keras(tmp_path):
    image = keras.Input((7, 6, 2))
    output = keras.layers.Conv2D(3, (4, 2), padding="same", activation="sigmoid")(image)
    output = keras.layers.MaxPooling2D(3)(output)
    output = keras.layers.Rescaling(2.0, offset=-1.0)(output)
    output = keras.layers.Dropout(0.5)(output)
    output = keras.layers.Dense(4)(keras.layers.Flatten()(output))
    model = shaken(siamese_network(keras.Model(image, output)))
    assert_same(in_numpy(model, tmp_path), model)


def test_a_sequential_encoder_is_read(tmp_path):
    encoder = keras.Sequential(
        [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    model = shaken(siamese_network(encoder))
    assert_same(in_numpy(model, tmp_path), model)


def test_a_network_without_bias_is_read(tmp_path):
    model = siamese_network(dense_encoder((3, 3, 1), units=(2,)), use_bias=False)
    assert len(in_numpy(model, tmp_path).head.get_weights()) == 1


def encoder_of(*layers):
    """Functional encoder of images of 8x8 by some layers, flattened."""
    image = keras.Input((8, 8, 1))
    output = image
    for layer in layers:
        output = layer(output)
    return keras.Model(image, keras.layers.Flatten()(output))


def residual():
    image = keras.Input((8, 8, 1))
    output = keras.layers.Conv2D(1, 3, padding="same")(image)
    return keras.Model(image, keras.layers.Flatten()(keras.layers.Add()([image, output])))


def skipping():
    """A layer whose result nobody takes, in the middle of a chain."""
    image = keras.Input((8, 8, 1))
    first = keras.layers.Flatten(name="first")(image)
    second = keras.layers.Flatten(name="second")(image)
    return keras.Model(image, keras.layers.Add()([first, second]))


def always_training():
    image = keras.Input((8, 8, 1))
    output = keras.layers.Dropout(0.5)(image, training=True)
    return keras.Model(image, keras.layers.Flatten()(output))


def called_twice():
    image = keras.Input((8, 8, 1))
    layer = keras.layers.Conv2D(1, 3, padding="same")
    return keras.Model(image, keras.layers.Flatten()(layer(layer(image))))


OTHERS = {
    "a stride": lambda: encoder_of(keras.layers.Conv2D(2, 3, strides=2)),
    "a dilation": lambda: encoder_of(keras.layers.Conv2D(2, 3, dilation_rate=2)),
    "groups": lambda: encoder_of(keras.layers.Conv2D(2, 3), keras.layers.Conv2D(2, 3, groups=2)),
    "another activation": lambda: encoder_of(keras.layers.Conv2D(2, 3, activation="elu")),
    "a leaky ReLU": lambda: encoder_of(keras.layers.ReLU(negative_slope=0.1)),
    "a bounded ReLU": lambda: encoder_of(keras.layers.ReLU(max_value=0.5)),
    "overlapping pools": lambda: encoder_of(keras.layers.MaxPooling2D(3, strides=2)),
    "padded pools": lambda: encoder_of(keras.layers.MaxPooling2D(3, padding="same")),
    "another axis": lambda: encoder_of(keras.layers.BatchNormalization(axis=1)),
    "no scale": lambda: encoder_of(keras.layers.BatchNormalization(scale=False)),
    "another layer": lambda: encoder_of(keras.layers.AveragePooling2D(2)),
    "half precision": lambda: encoder_of(keras.layers.Conv2D(2, 3, dtype="mixed_bfloat16")),
    "a branch": residual,
    "two branches": skipping,
    "dropout that always drops": always_training,
    "a layer called twice": called_twice,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_numpy_does_not_know_is_left_to_keras(name, tmp_path):
    with pytest.raises(UnsupportedError):
        in_numpy(siamese_network(OTHERS[name]()), tmp_path)


def rewritten(source, target, change) -> bytes:
    """A `.keras` file whose entries were changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.read_bytes()


def test_a_damaged_file_is_left_to_keras(tmp_path):
    path = tmp_path / "model.keras"
    siamese_network(dense_encoder((3, 3, 1), units=(2,))).save(path)

    def without_layers(name, content):
        return json.dumps({"config": {}}).encode() if name == "config.json" else content

    def cut(name, content):
        return content[:100] if name.endswith(".h5") else content

    changed = [rewritten(path, tmp_path / "new", change) for change in (without_layers, cut)]
    for content in (b"", b"no archive", path.read_bytes()[:200], *changed):
        with pytest.raises(UnsupportedError):
            read_archive(content)


@pytest.mark.parametrize("layer", ["embedding", "weighted_l1"])
def test_weights_that_are_not_finite_are_left_to_keras(layer, tmp_path):
    model = siamese_network(dense_encoder((3, 3, 1), units=(2,)))
    part = twin_head(model) if layer == "weighted_l1" else twin_encoder(model).get_layer(layer)
    kernel, bias = part.get_weights()
    part.set_weights([np.full_like(kernel, np.nan), bias])
    with pytest.raises(UnsupportedError, match="finite"):
        in_numpy(model, tmp_path)


def test_multiplications_are_counted(tmp_path):
    encoder = conv_encoder((8, 6, 1), filters=(2, 3), num_pools=1, units=5)
    network = in_numpy(siamese_network(encoder), tmp_path)
    # 3x3 kernels at each place, then a dense layer on 4x3 places of 3 features.
    assert network.multiplications == 8 * 6 * 9 * 2 + 4 * 3 * 9 * 2 * 3 + 4 * 3 * 3 * 5

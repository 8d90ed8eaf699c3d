"""uint8 means 0 to 255 and float means [0, 1], however a network is called."""

import copy
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import (
    conv_encoder,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
)
from keras_siamese.compat import KERAS_2
from keras_siamese.models import WeightedL1, average_mirrored
from keras_siamese.models.bundles import read_bundle, write_bundle
from keras_siamese.models.image_model import ImageModel
from keras_siamese.models.network_files import load_network, save_network

SHAPE = (9, 9, 1)
TINY = {"filters": (2, 3), "kernel_sizes": (3, 2), "units": 5}
LEFT, RIGHT = np.random.default_rng(0).integers(0, 256, (2, 6, *SHAPE)).astype(np.uint8)


def scaled(images):
    return images.astype(np.float32) / np.float32(255)


@pytest.fixture(scope="module")
def model():
    return siamese_network(reduced_encoder(SHAPE, **TINY), initializer="he")


@pytest.fixture(scope="module")
def expected(model):
    return np.asarray(model([scaled(LEFT), scaled(RIGHT)]))


CALLS = {
    "list": lambda model: model([LEFT, RIGHT]),
    "tuple": lambda model: model((LEFT, RIGHT)),
    "names": lambda model: model({"left": LEFT, "right": RIGHT}),
    "tensors": lambda model: model([tf.constant(LEFT), tf.constant(RIGHT)]),
    "one of them": lambda model: model([LEFT, scaled(RIGHT)]),
    "float64": lambda model: model([LEFT / 255.0, RIGHT]),
    "predict": lambda model: model.predict([LEFT, RIGHT], verbose=0),
    "batch": lambda model: model.predict_on_batch([LEFT, RIGHT]),
    "tf.data": lambda model: model.predict(
        tf.data.Dataset.from_tensor_slices({"left": LEFT, "right": RIGHT}).batch(4), verbose=0
    ),
    "compiled": lambda model: tf.function(model)([tf.constant(LEFT), tf.constant(RIGHT)]),
    "no channel": lambda model: model([LEFT[..., 0], RIGHT[..., 0]]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_uint8_is_0_to_255_in_every_call(model, expected, call):
    np.testing.assert_allclose(call(model), expected, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255))
def test_a_level_is_itself_over_255(level, other):
    image = keras.Input((1, 1, 1))
    encoder = twin_encoder(siamese_network(keras.Model(image, keras.layers.Flatten()(image))))
    levels = np.array([level, other], np.uint8).reshape(2, 1, 1, 1)
    np.testing.assert_array_equal(encoder(levels)[:, 0], np.float32([level, other]) / 255)


ENCODERS = {
    "koch": lambda: koch_encoder(SHAPE, **TINY),
    "reduced": lambda: reduced_encoder(SHAPE, **TINY),
    "dense": lambda: dense_encoder(SHAPE, units=(4, 3)),
    "conv": lambda: conv_encoder(SHAPE, filters=(2,), num_pools=1, units=None),
    "of a network": lambda: twin_encoder(siamese_network(plain_encoder())),
    "named encoder": lambda: twin_encoder(siamese_network(plain_encoder("encoder"))),
    "sequential": lambda: twin_encoder(siamese_network(sequential_encoder())),
    "subclass": lambda: twin_encoder(siamese_network(doubled_encoder())),
    "mirrored": lambda: twin_encoder(average_mirrored(siamese_network(plain_encoder()))),
}


def plain_encoder(name=None):
    image = keras.Input(SHAPE)
    vector = keras.layers.Dense(3, name="vector")(keras.layers.Flatten()(image))
    return keras.Model(image, vector, name=name)


def sequential_encoder():
    layers = [keras.layers.Flatten(), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input(SHAPE), *layers], name="encoder")


def doubled_encoder():
    class Doubled(keras.Model):
        def call(self, inputs, **options):
            return 2.0 * super().call(inputs, **options)

    plain = plain_encoder()
    return Doubled(plain.inputs[0], plain.outputs[0], name="encoder")


@pytest.mark.parametrize("build", ENCODERS.values(), ids=ENCODERS)
def test_every_encoder_takes_both(build):
    encoder = build()
    expected = np.asarray(encoder(scaled(LEFT)))
    assert len(np.unique(expected)) > 1
    np.testing.assert_allclose(encoder(LEFT), expected, atol=1e-6)
    np.testing.assert_allclose(encoder.predict(LEFT, verbose=0), expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint16", "uint32"])
def test_other_whole_numbers_are_an_error_that_says_what_to_do(model, dtype):
    calls = [
        lambda images: model([images, images]),
        lambda images: model([LEFT, images]),
        lambda images: model.predict({"left": images, "right": images}, verbose=0),
        lambda images: twin_encoder(model)(images),
        lambda images: twin_encoder(model).predict(images, verbose=0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=rf"uint8.*Received: {dtype} for.*astype\('uint8'\)"):
            call(LEFT.astype(dtype))


def test_booleans_are_0_and_1(model):
    ink = LEFT > 127
    np.testing.assert_array_equal(model([ink, ink]), model([ink * 1.0, ink * 1.0]))


def test_fit_and_evaluate_see_the_same_of_both():
    same = np.array([[0], [1]] * 3, np.float32)
    weights, losses = [], []
    for left, right in ((LEFT, RIGHT), (scaled(LEFT), scaled(RIGHT))):
        model = siamese_network(reduced_encoder(SHAPE, **TINY), initializer="he")
        model.compile("sgd", "binary_crossentropy")
        model.fit({"left": left, "right": right}, same, epochs=2, shuffle=False, verbose=0)
        weights.append(model.get_weights())
        losses.append(model.evaluate([left, right], same, verbose=0))
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_copies_keep_to_it(model, expected):
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    remade = type(model).from_config(model.get_config())
    remade.set_weights(model.get_weights())
    copies = [clone, remade, copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
    for each in copies:
        np.testing.assert_allclose(each([LEFT, RIGHT]), expected, atol=1e-6)
        embeddings = twin_encoder(model)(scaled(LEFT))
        np.testing.assert_allclose(twin_encoder(each)(LEFT), embeddings, atol=1e-6)


def test_saved_it_keeps_to_it_in_a_fresh_process(model, tmp_path):
    model.save(tmp_path / "model.keras")
    twin_encoder(model).save(tmp_path / "encoder.keras")
    np.save(tmp_path / "images.npy", LEFT)
    script = (
        "import sys, keras, numpy as np, keras_siamese\n"
        "from pathlib import Path\n"
        "folder = Path(sys.argv[1])\n"
        "images = np.load(folder / 'images.npy')\n"
        "for name in ('model', 'encoder'):\n"
        "    model = keras.saving.load_model(folder / f'{name}.keras')\n"
        "    inputs = [images, images[::-1]] if name == 'model' else [images]\n"
        "    for put in (lambda x: x, lambda x: x / np.float32(255)):\n"
        "        given = [put(side) for side in inputs]\n"
        "        np.save(folder / f'{name}-{put(images).dtype}.npy',\n"
        "                model(given if name == 'model' else given[0]))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=120)
    for name, network in (("model", model), ("encoder", twin_encoder(model))):
        given = [scaled(LEFT), scaled(LEFT[::-1])] if name == "model" else scaled(LEFT)
        for dtype in ("uint8", "float32"):
            found = np.load(tmp_path / f"{name}-{dtype}.npy")
            np.testing.assert_allclose(found, network(given), atol=1e-6)


def old_network(encoder):
    """A network as earlier versions made it: of Keras's own functional models."""
    left, right = keras.Input(SHAPE, name="left"), keras.Input(SHAPE, name="right")
    logit = WeightedL1(name="weighted_l1")([encoder(left), encoder(right)])
    probability = keras.layers.Activation("sigmoid", name="probability")(logit)
    return keras.Model([left, right], probability, name="siamese")


def test_a_file_of_an_earlier_version_is_loaded_with_it(tmp_path):
    old = old_network(plain_encoder("encoder"))
    assert not isinstance(old, ImageModel)
    save_network(old, tmp_path / "old.keras")
    write_bundle(tmp_path / "old.zip", "Thing", old, {}, {})
    bundled, _, _ = read_bundle(tmp_path / "old.zip", "Thing", [], [])
    images = [scaled(LEFT), scaled(RIGHT)]
    for loaded in (load_network(tmp_path / "old.keras"), bundled):
        assert [layer.name for layer in loaded.layers] == [layer.name for layer in old.layers]
        np.testing.assert_allclose(loaded([LEFT, RIGHT]), old(images), atol=1e-6)
        embeddings = old.get_layer("encoder")(images[0])
        np.testing.assert_allclose(twin_encoder(loaded)(LEFT), embeddings, atol=1e-6)


def test_weights_of_an_earlier_version_fit(tmp_path):
    old = old_network(plain_encoder("encoder"))
    old.save_weights(tmp_path / "old.weights.h5")
    new = siamese_network(plain_encoder(), seed=5)
    new.load_weights(tmp_path / "old.weights.h5")
    for value, expected in zip(new.get_weights(), old.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_names_and_weights_are_those_of_keras_s_own_models(model):
    weights = [(weight.name, tuple(weight.shape)) for weight in model.weights]
    plain = keras.Model(model.inputs, model.outputs, name="siamese")
    assert weights == [(weight.name, tuple(weight.shape)) for weight in plain.weights]
    assert [layer.name for layer in plain.layers] == [layer.name for layer in model.layers]
    if not KERAS_2:
        assert model.weights[0].path == "conv1/kernel"
        assert model.dtype_policy == plain.dtype_policy


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_scales_before_it_rounds(policy):
    model = siamese_network(reduced_encoder(SHAPE, dtype=policy, **TINY), initializer="he")
    by_float = model([scaled(LEFT), scaled(RIGHT)])
    np.testing.assert_array_equal(model([LEFT, RIGHT]), by_float)


def test_replicas_see_the_same(model, expected):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        replicated = siamese_network(reduced_encoder(SHAPE, **TINY))
    replicated.set_weights(model.get_weights())
    np.testing.assert_allclose(replicated.predict([LEFT, RIGHT], verbose=0), expected, atol=1e-6)


def test_keras_s_own_export_takes_float32_as_before(model, expected, tmp_path):
    model.export(str(tmp_path))
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    inputs = served.structured_input_signature[1]
    assert {name: spec.dtype for name, spec in inputs.items()} == {
        "left": tf.float32,
        "right": tf.float32,
    }
    (same,) = served(left=scaled(LEFT), right=scaled(RIGHT)).values()
    np.testing.assert_allclose(same, expected, atol=1e-6)


def test_it_takes_part_in_a_larger_model(model):
    image = keras.Input(SHAPE, dtype="uint8")
    larger = keras.Model(image, twin_encoder(model)(image))
    expected = twin_encoder(model)(scaled(LEFT))
    np.testing.assert_allclose(larger(LEFT), expected, atol=1e-6)


def test_an_encoder_of_uint8_gets_0_to_255_from_both():
    image = keras.Input(SHAPE, dtype="uint8")
    value = keras.layers.Rescaling(1.0)(image)
    model = siamese_network(keras.Model(image, keras.layers.Flatten()(value)))
    flat = LEFT.reshape(len(LEFT), -1).astype(np.float32)
    for images in (LEFT, scaled(LEFT), LEFT / 255.0):
        np.testing.assert_array_equal(twin_encoder(model)(images), flat)
    np.testing.assert_array_equal(model([scaled(LEFT), RIGHT]), model([LEFT, RIGHT]))


def test_vectors_and_tokens_pass_as_they_are():
    tokens = keras.Input((4,), dtype="int32")
    embedded = keras.layers.Flatten()(keras.layers.Embedding(10, 3)(tokens))
    model = siamese_network(keras.Model(tokens, embedded))
    rows = np.array([[1, 2, 3, 4], [9, 0, 0, 1]])
    table = model.weights[0].numpy()
    np.testing.assert_array_equal(twin_encoder(model)(rows), table[rows].reshape(2, 12))
    vector = keras.Input((2,))
    doubled = twin_encoder(siamese_network(keras.Model(vector, vector * 2.0)))
    np.testing.assert_array_equal(doubled(np.array([[3, 4]], np.uint8)), [[6.0, 8.0]])

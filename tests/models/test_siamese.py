import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.models import (
    koch_encoder,
    reduced_encoder,
    siamese_network,
    twin_encoder,
    twin_head,
)

TINY = {"filters": (2, 3), "kernel_sizes": (3, 2), "units": 5}
LAYERS = ["left", "right", "encoder", "weighted_l1", "probability"]


def _tiny(**options):
    return siamese_network(reduced_encoder((9, 9, 1), **TINY), **options)


def _images(seed, count=4):
    return np.random.default_rng(seed).random((count, 9, 9, 1)).astype("float32")


def _conv(size, inputs, outputs):
    return size * size * inputs * outputs + outputs


def test_koch_network_has_the_parameters_of_figure_4():
    convolutions = _conv(10, 1, 64) + _conv(7, 64, 128) + _conv(4, 128, 128) + _conv(4, 128, 256)
    expected = convolutions + (6 * 6 * 256 + 1) * 4096 + (4096 + 1)
    assert expected == 38_951_745
    assert siamese_network(koch_encoder()).count_params() == expected


def test_reduced_network_has_the_decided_parameters():
    # 35 -> 32 -> 16 -> 14 -> 7 -> 6 -> 3 -> 2 pixels.
    convolutions = _conv(4, 1, 64) + _conv(3, 64, 128) + _conv(2, 128, 128) + _conv(2, 128, 256)
    expected = convolutions + (2 * 2 * 256 + 1) * 4096 + (4096 + 1)
    assert expected == 4_474_433
    model = siamese_network(reduced_encoder())
    assert model.count_params() == expected
    assert siamese_network(twin_encoder(model), use_bias=False).count_params() == expected - 1


def test_probability_is_the_sigmoid_of_the_head_on_both_embeddings():
    model = _tiny()
    left, right = _images(0), _images(1)
    h1, h2 = (np.asarray(twin_encoder(model)(images)) for images in (left, right))
    head = twin_head(model)
    logits = np.abs(h1 - h2) @ np.asarray(head.kernel) + np.asarray(head.bias)
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(model([left, right]), expected, atol=1e-6)
    np.testing.assert_allclose(model({"left": left, "right": right}), expected, atol=1e-6)
    np.testing.assert_array_equal(model([left, right]), model([right, left]))


def test_gradient_is_the_sum_over_the_twins():
    tf = pytest.importorskip("tensorflow")
    model = _tiny(initializer="he")
    encoder, head = twin_encoder(model), twin_head(model)
    copy = keras.models.clone_model(encoder)
    copy.set_weights(encoder.get_weights())
    left, right = _images(0), _images(1)
    with tf.GradientTape() as tape:
        tied = tf.reduce_sum(model([left, right]))
    gradients = tape.gradient(tied, encoder.trainable_variables)
    with tf.GradientTape(persistent=True) as tape:
        apart = tf.reduce_sum(tf.sigmoid(head([encoder(left), copy(right)])))
    first = tape.gradient(apart, encoder.trainable_variables)
    second = tape.gradient(apart, copy.trainable_variables)
    for gradient, one, other in zip(gradients, first, second, strict=True):
        np.testing.assert_allclose(gradient, one + other, rtol=1e-4, atol=1e-7)
    assert len(model.trainable_variables) == 6 + 2


def test_output_unit_starts_from_the_paper_s_weights():
    encoder = reduced_encoder((9, 9, 1), **{**TINY, "units": 4000})
    head = twin_head(siamese_network(encoder, seed=5))
    assert np.std(head.kernel) == pytest.approx(0.2, rel=0.05)
    assert abs(float(head.bias[0]) - 0.5) < 0.05
    he = twin_head(siamese_network(encoder, seed=5, initializer="he"))
    assert np.std(he.kernel) == pytest.approx(np.sqrt(2 / 4001), rel=0.05)
    assert float(he.bias[0]) == 0.0
    other = twin_head(siamese_network(encoder, seed=6))
    assert np.all(np.asarray(head.kernel) != np.asarray(other.kernel))


@pytest.mark.parametrize("kind", ["sequential", "functional", "subclass"])
def test_names_do_not_depend_on_what_was_built_before(kind):
    class Doubled(keras.Model):
        def call(self, inputs, **options):
            return 2.0 * super().call(inputs, **options)

    for _ in range(2):
        image = keras.Input((9, 9, 1))
        layers = [keras.layers.Flatten(), keras.layers.Dense(3)]
        encoder = keras.Sequential([image, *layers])
        if kind != "sequential":
            functional = keras.Model if kind == "functional" else Doubled
            encoder = functional(image, layers[1](layers[0](image)))
        model = siamese_network(encoder)
        assert [layer.name for layer in model.layers] == LAYERS
        assert model.name == "siamese"
        # The encoder under the fixed name shares its weights with the one that was given.
        encoder.layers[-1].bias.assign([1.0, 2.0, 3.0])
        np.testing.assert_array_equal(twin_encoder(model)(_images(0)), encoder(_images(0)))


def test_network_is_float32_where_mixed_precision_would_lose_bits():
    model = siamese_network(reduced_encoder((9, 9, 1), dtype="mixed_bfloat16", **TINY))
    policies = {layer.name: layer.compute_dtype for layer in model.layers[-2:]}
    assert policies == {"weighted_l1": "float32", "probability": "float32"}
    assert model([_images(0), _images(1)]).dtype == "float32"


def test_saved_network_loads_in_safe_mode_in_a_fresh_process(tmp_path):
    model = _tiny(seed=3)
    left, right = _images(0), _images(1)
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "images.npz", left=left, right=right)
    script = (
        "import sys, keras, numpy as np, keras_siamese\n"
        "from pathlib import Path\n"
        "folder = Path(sys.argv[1])\n"
        "model = keras.models.load_model(folder / 'model.keras', safe_mode=True)\n"
        "images = np.load(folder / 'images.npz')\n"
        "assert type(keras_siamese.models.twin_head(model)).__name__ == 'WeightedL1'\n"
        "assert model.count_params() == keras_siamese.twin_encoder(model).count_params() + 6\n"
        "np.save(folder / 'out.npy', model([images['left'], images['right']]))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=120)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), model([left, right]))


def _not_a_vector():
    return keras.Sequential([keras.Input((9, 9, 1)), keras.layers.Conv2D(2, 3)])


def _unknown_length():
    return keras.Sequential([keras.Input((None,)), keras.layers.ReLU()])


def _two_images():
    first, second = keras.Input((4,)), keras.Input((4,))
    return keras.Model([first, second], keras.layers.Add()([first, second]))


class _Subclass(keras.Model):
    def call(self, inputs):
        return inputs


def test_wrapped_subclass_is_accepted():
    image = keras.Input((4,))
    model = siamese_network(keras.Model(image, _Subclass()(image)))
    assert model.count_params() == 4 + 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (_not_a_vector, r"output shapes \[\(None, 7, 7, 2\)\].*End the encoder with Flatten"),
        (_unknown_length, r"output shapes \[\(None, None\)\]"),
        (_two_images, r"input shapes \[\(None, 4\), \(None, 4\)\]"),
        (lambda: keras.Sequential([keras.layers.Flatten()]), "its input shape known"),
        (_Subclass, "wrap a subclassed model"),
        (keras.layers.Flatten, "its input shape known"),
        (lambda: None, "encoder=None"),
    ],
)
def test_encoder_that_gives_no_vector_is_an_error(build, message):
    with pytest.raises(ValueError, match=f"`encoder` must be a Keras model.*{message}"):
        siamese_network(build())


def test_exported_network_gives_the_same_probabilities(tmp_path):
    model, images = _tiny(), {"left": _images(0), "right": _images(1)}
    model.export(str(tmp_path))
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    (same,) = served(**{side: tf.constant(value) for side, value in images.items()}).values()
    np.testing.assert_allclose(same, model(list(images.values())), atol=1e-6)


@pytest.mark.parametrize("part", [twin_encoder, twin_head])
def test_parts_of_another_model_are_an_error(part):
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        part(reduced_encoder((9, 9, 1), **TINY))
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        part(None)

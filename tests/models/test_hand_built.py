"""Models built by hand become siamese networks that answer the same."""

import keras
import numpy as np
import pytest

from keras_siamese import Verifier, from_model, siamese_network, twin_encoder
from keras_siamese.models import twin_head
from keras_siamese.models.network_files import load_network, save_network
from tests.models.hand_models import (
    LEFT,
    RIGHT,
    SIZE,
    euclidean,
    flat,
    make_tower,
    pair_model,
    sigmoid_of_difference,
)

pytestmark = pytest.mark.keras3


def _contrastive(first, second):
    """As in the contrastive example of keras.io, with keras.ops instead of the Lambda layer."""
    normal = keras.layers.BatchNormalization()(euclidean(first, second))
    return keras.layers.Dense(1, activation="sigmoid")(normal)


def _activation(first, second):
    hidden = keras.layers.Dense(3, activation="relu")(keras.ops.concatenate([first, second], 1))
    return keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(hidden))


def _operation(first, second):
    return keras.ops.sigmoid(keras.layers.Dot(axes=1)([first, second]))


def _nested(first, second):
    sides = keras.Input((4,)), keras.Input((4,))
    return keras.Model(sides, sigmoid_of_difference(*sides))([first, second])


def _exponential(first, second):
    return keras.ops.exp(-keras.ops.sum(keras.ops.abs(first - second), axis=1, keepdims=True))


@keras.saving.register_keras_serializable(package="hand_built_test")
class Manhattan(keras.layers.Layer):
    """A distance layer as people write them."""

    def call(self, first, second):
        """Return the distance `(batch, 1)`."""
        return keras.ops.sum(keras.ops.abs(first - second), axis=1, keepdims=True)


def _own_layer(first, second):
    return Manhattan()(first, second)


def _sigmoid(values):
    return 1 / (1 + np.exp(-np.asarray(values).reshape(-1, 1)))


def _as_it_is(values):
    return np.asarray(values)


CASES = [
    (sigmoid_of_difference, None, _as_it_is),
    (sigmoid_of_difference, "probability", _as_it_is),
    (_contrastive, None, _as_it_is),
    (_contrastive, "probability", _as_it_is),
    (_contrastive, "distance", lambda values: 1 - np.asarray(values)),
    (_activation, None, _as_it_is),
    (_operation, None, _as_it_is),
    (_nested, None, _as_it_is),
    (_exponential, "probability", _as_it_is),
    (euclidean, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (flat, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (_own_layer, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (_own_layer, "logit", _sigmoid),
]

IDS = [f"{compare.__name__.lstrip('_')}-{output}" for compare, output, _ in CASES]


@pytest.mark.parametrize(("compare", "output", "probability"), CASES, ids=IDS)
def test_network_answers_as_the_model_and_shares_its_weights(
    compare, output, probability, tmp_path
):
    model = pair_model(compare)
    if output is None:
        model.compile(loss="binary_crossentropy")
    network = from_model(model, output=output)
    names = [layer.name for layer in network.layers]
    assert names == ["left", "right", "encoder", "head", "probability"]
    expected = probability(model([LEFT, RIGHT]))
    np.testing.assert_allclose(network([LEFT, RIGHT]), expected, atol=1e-6)
    for weight in model.weights:
        weight.assign(weight + 0.25)
    expected = probability(model([LEFT, RIGHT]))
    np.testing.assert_allclose(network([LEFT, RIGHT]), expected, atol=1e-6)
    assert [id(weight) for weight in network.trainable_weights] == [
        id(weight) for weight in model.trainable_weights
    ]
    save_network(network, tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded([LEFT, RIGHT]), network([LEFT, RIGHT]))
    found = Verifier(loaded).probabilities(LEFT, RIGHT)
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-6)


def test_output_order_is_left_then_right_whichever_is_encoded_first():
    tower = make_tower()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    second, first = tower(right), tower(left)
    joined = keras.layers.Concatenate()([second, first])
    model = keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(joined))
    network = from_model(model, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)


@pytest.mark.parametrize("by", ["name", "object"])
def test_encoder_of_several_layers_is_named_by_its_last(by):
    first, second = keras.layers.Flatten(), keras.layers.Dense(4, name="embedding")
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = [second(first(keras.layers.Rescaling(2.0)(image))) for image in (left, right)]
    model = keras.Model([left, right], sigmoid_of_difference(*sides))
    with pytest.raises(ValueError, match=r"\['flatten.*', 'embedding'\] are called on both"):
        from_model(model)
    network = from_model(model, "embedding" if by == "name" else second, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_encoder(network).output_shape == (None, 4)
    with pytest.raises(ValueError, match="`encoder` must be a layer of `model`"):
        from_model(model, "dense_of_another")
    with pytest.raises(ValueError, match="must give one vector an image|alone"):
        from_model(keras.Model(*_images_as_embeddings()), "pooled")


def test_a_deep_encoder_with_residual_connections_is_taken():
    layers = [keras.layers.Conv2D(2, 3, padding="same") for _ in range(100)]
    pooled = keras.layers.GlobalAveragePooling2D(name="pooled")

    def encoded(image):
        for layer in layers:
            image = keras.ops.relu(layer(image)) / 100 + image
        return pooled(image)

    left, right = keras.Input(SIZE), keras.Input(SIZE)
    model = keras.Model([left, right], sigmoid_of_difference(encoded(left), encoded(right)))
    network = from_model(model, "pooled", output="probability", max_pixel=1)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)


def _images_as_embeddings():
    pool, flat = keras.layers.MaxPooling2D(name="pooled"), keras.layers.Flatten()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    return [left, right], sigmoid_of_difference(flat(pool(left)), flat(pool(right)))


def test_what_the_output_is_must_be_certain():
    model = pair_model(euclidean)
    with pytest.raises(ValueError, match="`output` must say what `model` gives"):
        from_model(model)
    with pytest.raises(ValueError, match="`output` must be one of .'probability'"):
        from_model(model, output="similarity")
    # A sigmoid may mean "different", which an uncompiled model does not say.
    both = "compiled with no loss.*output='probability' where.*output='distance' where"
    model = pair_model(_contrastive)
    with pytest.raises(ValueError, match=both):
        from_model(model)
    model.compile(optimizer="sgd")
    with pytest.raises(ValueError, match=both):
        from_model(model)
    model.compile(loss=lambda truth, guess: keras.ops.mean(keras.ops.square(truth - guess)))
    with pytest.raises(ValueError, match="compiled with the loss.*output='distance'"):
        from_model(model)
    model.compile(loss="binary_crossentropy")
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    model = pair_model(lambda first, second: keras.layers.Dense(1)(first * second))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    logits = model([LEFT, RIGHT])
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), _sigmoid(logits), atol=1e-6)


def test_network_of_this_package_is_taken_too():
    model = siamese_network(make_tower())
    network = from_model(model)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_head(network).name == "head"

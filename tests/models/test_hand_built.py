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
    make_tower,
    pair_model,
    prepared,
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


def _flat(first, second):
    return keras.ops.sum(keras.ops.abs(first - second), axis=1)


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
    (_flat, "distance", lambda values: _sigmoid(-np.asarray(values))),
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


def test_sides_that_differ_before_the_encoder_are_an_error():
    dense = keras.layers.Dense(4)
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = [
        dense(keras.layers.Flatten()(keras.layers.Rescaling(scale)(image)))
        for image, scale in ((left, 2.0), (right, 3.0))
    ]
    model = keras.Model([left, right], sigmoid_of_difference(*sides))
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(model)
    sides = [
        dense(keras.layers.Flatten()(image * scale)) for image, scale in ((left, 2), (right, 3))
    ]
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(keras.Model([left, right], sigmoid_of_difference(*sides)))


def test_other_outputs_of_one_call_are_not_the_same():
    left, right, dense = keras.Input(SIZE), keras.Input(SIZE), keras.layers.Dense(4)
    upper, lower = (
        keras.ops.split(image, 2, axis=1)[place] for place, image in enumerate((left, right))
    )
    sides = [dense(keras.layers.Flatten()(half)) for half in (upper, lower)]
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(keras.Model([left, right], sigmoid_of_difference(*sides)))


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


@pytest.mark.parametrize(
    "end",
    [
        lambda: keras.layers.Dense(1, activation="sigmoid", use_bias=False),
        lambda: keras.layers.EinsumDense("ab,bc->ac", output_shape=1, activation="sigmoid"),
        lambda: keras.Sequential(
            [
                keras.layers.Reshape((4, 1)),
                keras.layers.Conv1D(1, 4, activation="sigmoid", use_bias=False),
                keras.layers.Flatten(),
            ]
        ),
        lambda: keras.layers.Dense(1, activation="sigmoid", dtype="int8_from_float32"),
        lambda: keras.layers.Dense(1, activation="sigmoid", lora_rank=1),
    ],
    ids=["no-bias", "einsum", "convolution", "int8", "lora"],
)
@pytest.mark.parametrize("output", ["probability", "distance"])
def test_a_sigmoid_of_any_layer_is_left_out_of_the_logit(end, output, tmp_path):
    last = end()
    model = pair_model(lambda first, second: last(3 * keras.ops.abs(first - second)))
    for layer in last._flatten_layers():
        if getattr(layer, "lora_enabled", False):
            layer.lora_kernel_b.assign([[2.0]])
    expected = np.asarray(model([LEFT, RIGHT]))
    network = from_model(model, output=output)
    expected = 1 - expected if output == "distance" else expected
    np.testing.assert_allclose(network([LEFT, RIGHT]), expected, atol=1e-6)
    ids = {id(weight) for weight in network.weights}
    assert all(id(weight) in ids for weight in model.weights)
    save_network(network, tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    np.testing.assert_allclose(loaded([LEFT, RIGHT]), expected, atol=1e-6)


@keras.saving.register_keras_serializable(package="hand_built_test")
class Turned(keras.layers.Dense):
    """A layer that continues after its sigmoid."""

    def call(self, inputs):
        """Return one minus what the sigmoid gives."""
        return 1 - super().call(inputs)


@pytest.mark.parametrize(
    "end",
    [
        lambda: Turned(1, activation="sigmoid"),
        lambda: keras.Sequential(
            [keras.layers.Reshape((4, 1)), keras.layers.SimpleRNN(1, activation="sigmoid")]
        ),
    ],
    ids=["own", "recurrent"],
)
def test_a_sigmoid_inside_of_a_layer_stays(end):
    last = end()
    model = pair_model(lambda first, second: last(keras.ops.abs(first - second)))
    network = from_model(model, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)


@pytest.mark.parametrize(
    ("prepare", "other"),
    [
        (lambda x: x / 255, lambda x: x / 254),
        (lambda x: x / 255, lambda x: 255 / x),
        (lambda x: keras.ops.flip(x, 1), lambda x: keras.ops.flip(x, 2)),
        (lambda x: x * np.float32([1.0]), lambda x: x * np.float32([2.0])),
        (lambda x: keras.ops.maximum(x, 0.1), lambda x: keras.ops.minimum(x, 0.1)),
    ],
    ids=["number", "order", "axis", "array", "kind"],
)
def test_operations_that_differ_before_the_encoder_are_an_error(prepare, other):
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(prepared(prepare, other=other), output="probability")


class _Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.tower = make_tower()

    def call(self, images):
        return euclidean(self.tower(images[0]), self.tower(images[1]))


def _subclassed():
    model = _Subclassed()
    model([LEFT, RIGHT])
    return model


def _triplets():
    tower = make_tower()
    images = [keras.Input(SIZE) for _ in range(3)]
    anchor, same, other = map(tower, images)
    return keras.Model(images, [_flat(anchor, same), _flat(anchor, other)])


def _two_outputs():
    model = pair_model(_flat)
    return keras.Model(model.inputs, [model.outputs[0], model.outputs[0]])


def _called_once():
    tower, left, right = make_tower(), keras.Input(SIZE), keras.Input(SIZE)
    stacked = keras.layers.Subtract()([left, right])
    return keras.Model([left, right], keras.layers.Dense(1)(tower(stacked)))


def _with_lambda():
    return pair_model(lambda first, second: keras.layers.Lambda(lambda x: x[:, :1])(first * second))


def _image_in_the_head():
    left, right, tower = keras.Input(SIZE), keras.Input(SIZE), make_tower()
    mean = keras.ops.mean(left, axis=(1, 2))
    return keras.Model([left, right], euclidean(tower(left), tower(right)) + mean)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (_triplets, "of triplets or with several outputs, pass the encoder"),
        (_two_outputs, "one output"),
        (
            lambda: pair_model(_flat, make_tower(), make_tower()),
            "Two encoders have no tied weights",
        ),
        (_called_once, "no layer that is called on both"),
        (_with_lambda, "no Lambda layer"),
        (lambda: pair_model(lambda first, second: first - second), "one number a pair"),
        (_image_in_the_head, "compare the two embeddings alone.*the images themselves"),
        (make_tower, "two images of one shape.*is an encoder: siamese_network"),
        (lambda: None, "model=None"),
        (_subclassed, r"subclassed model has no graph.*Pass its encoder on: siamese_network"),
    ],
    ids=[
        "triplets",
        "outputs",
        "untied",
        "once",
        "lambda",
        "vector",
        "image",
        "tower",
        "none",
        "sub",
    ],
)
def test_other_models_are_an_error(build, message):
    with pytest.raises(ValueError, match=message):
        from_model(build(), output="distance")


def test_encoder_of_one_call_is_named_in_the_error():
    with pytest.raises(ValueError, match="'tower', with 1 calls. Call one encoder on both"):
        from_model(
            pair_model(_flat, make_tower(name="tower"), make_tower()), "tower", output="distance"
        )


def test_network_of_this_package_is_taken_too():
    model = siamese_network(make_tower())
    network = from_model(model)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_head(network).name == "head"

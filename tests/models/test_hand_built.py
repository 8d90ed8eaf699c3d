"""Models built by hand become siamese networks that answer the same."""

import keras
import numpy as np
import pytest

from keras_siamese import Verifier, from_model, siamese_network, twin_encoder
from keras_siamese.models import twin_head
from keras_siamese.models.network_files import load_network, save_network

pytestmark = pytest.mark.keras3
SIZE = (6, 6, 1)
RNG = np.random.default_rng(0)
LEFT, RIGHT = RNG.random((2, 5, *SIZE), dtype=np.float32)


def _tower(**options):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input(SIZE), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(4)], **options
    )


def _model(compare, tower=None, other=None):
    tower = tower or _tower()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    return keras.Model([left, right], compare(tower(left), (other or tower)(right)))


def _euclidean(first, second):
    squares = keras.ops.sum(keras.ops.square(first - second), axis=1, keepdims=True)
    return keras.ops.sqrt(keras.ops.maximum(squares, 1e-7))


def _sigmoid_of_difference(first, second):
    apart = keras.layers.Subtract()([first, second])
    return keras.layers.Dense(1, activation="sigmoid")(keras.ops.abs(apart))


def _contrastive(first, second):
    """As in the contrastive example of keras.io, with keras.ops instead of the Lambda layer."""
    normal = keras.layers.BatchNormalization()(_euclidean(first, second))
    return keras.layers.Dense(1, activation="sigmoid")(normal)


def _activation(first, second):
    hidden = keras.layers.Dense(3, activation="relu")(keras.ops.concatenate([first, second], 1))
    return keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(hidden))


def _operation(first, second):
    return keras.ops.sigmoid(keras.layers.Dot(axes=1)([first, second]))


def _nested(first, second):
    sides = keras.Input((4,)), keras.Input((4,))
    return keras.Model(sides, _sigmoid_of_difference(*sides))([first, second])


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
    (_sigmoid_of_difference, None, _as_it_is),
    (_sigmoid_of_difference, "probability", _as_it_is),
    (_contrastive, None, _as_it_is),
    (_contrastive, "distance", lambda values: 1 - np.asarray(values)),
    (_activation, None, _as_it_is),
    (_operation, None, _as_it_is),
    (_nested, None, _as_it_is),
    (_exponential, "probability", _as_it_is),
    (_euclidean, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (_flat, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (_own_layer, "distance", lambda values: _sigmoid(-np.asarray(values))),
    (_own_layer, "logit", _sigmoid),
]
IDS = [f"{compare.__name__[1:]}-{output}" for compare, output, _ in CASES]


@pytest.mark.parametrize(("compare", "output", "probability"), CASES, ids=IDS)
def test_network_answers_as_the_model_and_shares_its_weights(
    compare, output, probability, tmp_path
):
    model = _model(compare)
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
    tower = _tower()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    second, first = tower(right), tower(left)
    joined = keras.layers.Concatenate()([second, first])
    model = keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(joined))
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)


@pytest.mark.parametrize("by", ["name", "object"])
def test_encoder_of_several_layers_is_named_by_its_last(by):
    first, second = keras.layers.Flatten(), keras.layers.Dense(4, name="embedding")
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = [second(first(keras.layers.Rescaling(2.0)(image))) for image in (left, right)]
    model = keras.Model([left, right], _sigmoid_of_difference(*sides))
    with pytest.raises(ValueError, match=r"\['flatten.*', 'embedding'\] are called on both"):
        from_model(model)
    network = from_model(model, "embedding" if by == "name" else second)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_encoder(network).output_shape == (None, 4)
    with pytest.raises(ValueError, match="`encoder` must be a layer of `model`"):
        from_model(model, "dense_of_another")
    with pytest.raises(ValueError, match="must give one vector an image|alone"):
        from_model(keras.Model(*_images_as_embeddings()), "pooled")


def _images_as_embeddings():
    pool, flat = keras.layers.MaxPooling2D(name="pooled"), keras.layers.Flatten()
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    return [left, right], _sigmoid_of_difference(flat(pool(left)), flat(pool(right)))


def test_sides_that_differ_before_the_encoder_are_an_error():
    dense = keras.layers.Dense(4)
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = [
        dense(keras.layers.Flatten()(keras.layers.Rescaling(scale)(image)))
        for image, scale in ((left, 2.0), (right, 3.0))
    ]
    model = keras.Model([left, right], _sigmoid_of_difference(*sides))
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(model)
    sides = [
        dense(keras.layers.Flatten()(image * scale)) for image, scale in ((left, 2), (right, 3))
    ]
    with pytest.raises(ValueError, match="must do the same to both images"):
        from_model(keras.Model([left, right], _sigmoid_of_difference(*sides)))


def test_pixels_up_to_255_are_found_by_the_rescaling():
    tower = keras.Sequential([keras.Input(SIZE), keras.layers.Rescaling(1 / 255), *_tower().layers])
    model = _model(_sigmoid_of_difference, tower)
    expected = model([255 * LEFT, 255 * RIGHT])
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), expected, atol=1e-5)
    levels = [np.round(255 * side).astype(np.uint8) for side in (LEFT, RIGHT)]
    expected = model([side.astype(np.float32) for side in levels])
    np.testing.assert_allclose(from_model(model)(levels), expected, atol=1e-5)
    # Of a model that does not say so, by the argument.
    model = _model(_sigmoid_of_difference)
    expected = model([255 * LEFT, 255 * RIGHT])
    found = from_model(model, max_pixel=255)([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    with pytest.raises(ValueError, match="`max_pixel` must be 1 or 255"):
        from_model(model, max_pixel=128)


def test_what_the_output_is_must_be_certain():
    model = _model(_euclidean)
    with pytest.raises(ValueError, match="`output` must say what `model` gives"):
        from_model(model)
    with pytest.raises(ValueError, match="`output` must be one of .'probability'"):
        from_model(model, output="similarity")
    model = _model(_contrastive)
    model.compile(loss=lambda truth, guess: keras.ops.mean(keras.ops.square(truth - guess)))
    with pytest.raises(ValueError, match="compiled with the loss.*output='distance'"):
        from_model(model)
    model.compile(loss="binary_crossentropy")
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    model = _model(lambda first, second: keras.layers.Dense(1)(first * second))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    logits = model([LEFT, RIGHT])
    np.testing.assert_allclose(from_model(model)([LEFT, RIGHT]), _sigmoid(logits), atol=1e-6)


def _triplets():
    tower = _tower()
    images = [keras.Input(SIZE) for _ in range(3)]
    anchor, same, other = map(tower, images)
    return keras.Model(images, [_flat(anchor, same), _flat(anchor, other)])


def _two_outputs():
    model = _model(_flat)
    return keras.Model(model.inputs, [model.outputs[0], model.outputs[0]])


def _called_once():
    tower, left, right = _tower(), keras.Input(SIZE), keras.Input(SIZE)
    stacked = keras.layers.Subtract()([left, right])
    return keras.Model([left, right], keras.layers.Dense(1)(tower(stacked)))


def _with_lambda():
    return _model(lambda first, second: keras.layers.Lambda(lambda x: x[:, :1])(first * second))


def _image_in_the_head():
    left, right, tower = keras.Input(SIZE), keras.Input(SIZE), _tower()
    mean = keras.ops.mean(left, axis=(1, 2))
    return keras.Model([left, right], _euclidean(tower(left), tower(right)) + mean)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (_triplets, "of triplets or with several outputs, pass the encoder"),
        (_two_outputs, "one output"),
        (lambda: _model(_flat, _tower(), _tower()), "Two encoders have no tied weights"),
        (_called_once, "no layer that is called on both"),
        (_with_lambda, "no Lambda layer"),
        (lambda: _model(lambda first, second: first - second), "one number a pair"),
        (_image_in_the_head, "compare the two embeddings alone.*the images themselves"),
        (_tower, "two images of one shape"),
        (lambda: None, "model=None"),
    ],
    ids=["triplets", "outputs", "untied", "once", "lambda", "vector", "image", "tower", "none"],
)
def test_other_models_are_an_error(build, message):
    with pytest.raises(ValueError, match=message):
        from_model(build(), output="distance")


def test_encoder_of_one_call_is_named_in_the_error():
    with pytest.raises(ValueError, match="'tower', with 1 calls. Call one encoder on both"):
        from_model(_model(_flat, _tower(name="tower"), _tower()), "tower", output="distance")


def test_network_of_this_package_is_taken_too():
    model = siamese_network(_tower())
    network = from_model(model)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_head(network).name == "head"

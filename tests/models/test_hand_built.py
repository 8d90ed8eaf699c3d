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
    (_contrastive, "probability", _as_it_is),
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
    tower = _tower()
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
    model = keras.Model([left, right], _sigmoid_of_difference(*sides))
    with pytest.raises(ValueError, match=r"\['flatten.*', 'embedding'\] are called on both"):
        from_model(model)
    network = from_model(model, "embedding" if by == "name" else second, output="probability")
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
    network = from_model(model, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), expected, atol=1e-5)
    levels = [np.round(255 * side).astype(np.uint8) for side in (LEFT, RIGHT)]
    expected = model([side.astype(np.float32) for side in levels])
    np.testing.assert_allclose(network(levels), expected, atol=1e-5)
    # Of a model that does not say so, by the argument.
    model = _model(_sigmoid_of_difference)
    expected = model([255 * LEFT, 255 * RIGHT])
    found = from_model(model, output="probability", max_pixel=255)([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    with pytest.raises(ValueError, match="`max_pixel` must be 1 or 255"):
        from_model(model, max_pixel=128)


def test_what_the_output_is_must_be_certain():
    model = _model(_euclidean)
    with pytest.raises(ValueError, match="`output` must say what `model` gives"):
        from_model(model)
    with pytest.raises(ValueError, match="`output` must be one of .'probability'"):
        from_model(model, output="similarity")
    # A sigmoid may mean "different", which an uncompiled model does not say.
    both = "compiled with no loss.*output='probability' where.*output='distance' where"
    model = _model(_contrastive)
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
    model = _model(lambda first, second: keras.layers.Dense(1)(first * second))
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
    model = _model(lambda first, second: last(3 * keras.ops.abs(first - second)))
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
    model = _model(lambda first, second: last(keras.ops.abs(first - second)))
    network = from_model(model, output="probability")
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)


def _prepared(prepare, *first, other=None):
    """Return a model that does something to the images, then calls an encoder."""
    tower = keras.Sequential([keras.Input(SIZE), *first, *_tower().layers])
    left, right = keras.Input(SIZE), keras.Input(SIZE)
    sides = tower(prepare(left)), tower((other or prepare)(right))
    return keras.Model([left, right], _sigmoid_of_difference(*sides))


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
    model = _prepared(prepare)
    expected = model([largest * LEFT, largest * RIGHT])
    found = from_model(model, output="probability")([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-5)


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
        from_model(_prepared(prepare, other=other), output="probability")


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
        lambda: _prepared(keras.ops.sqrt),
        lambda: _prepared(lambda x: x / 10),
        lambda: _prepared(lambda x: x - keras.ops.mean(x, axis=(1, 2, 3), keepdims=True)),
        lambda: _prepared(_same, Unknown(), keras.layers.Rescaling(1 / 255)),
        lambda: _prepared(_same, keras.layers.Rescaling(0.1)),
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
        model = _prepared(_same, *first, layers.Rescaling(scale))
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
    model = _prepared(_same, first)
    if kind == "batch":
        first.moving_mean.assign([mean])
    expected = model([largest * LEFT, largest * RIGHT])
    found = from_model(model, output="probability")([LEFT, RIGHT])
    np.testing.assert_allclose(found, expected, atol=1e-4)


class _Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.tower = _tower()

    def call(self, images):
        return _euclidean(self.tower(images[0]), self.tower(images[1]))


def _subclassed():
    model = _Subclassed()
    model([LEFT, RIGHT])
    return model


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
        (_tower, "two images of one shape.*is an encoder: siamese_network"),
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
        from_model(_model(_flat, _tower(name="tower"), _tower()), "tower", output="distance")


def test_network_of_this_package_is_taken_too():
    model = siamese_network(_tower())
    network = from_model(model)
    np.testing.assert_allclose(network([LEFT, RIGHT]), model([LEFT, RIGHT]), atol=1e-6)
    assert twin_head(network).name == "head"

"""Models built by hand that are no siamese networks, and are refused."""

import keras
import numpy as np
import pytest

from keras_siamese import from_model
from tests.models.hand_models import (
    LEFT,
    RIGHT,
    SIZE,
    euclidean,
    flat,
    make_tower,
    pair_model,
    prepared,
    sigmoid_of_difference,
)

pytestmark = pytest.mark.keras3


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
    return keras.Model(images, [flat(anchor, same), flat(anchor, other)])


def _two_outputs():
    model = pair_model(flat)
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
            lambda: pair_model(flat, make_tower(), make_tower()),
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
            pair_model(flat, make_tower(name="tower"), make_tower()), "tower", output="distance"
        )

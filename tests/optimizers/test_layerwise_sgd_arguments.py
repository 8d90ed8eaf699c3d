import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese import LayerwiseSGD

RATES = {"first": 0.1, "second": 0.02}
L2 = {"first": 0.05, "second": 0.01}


def _variables():
    first, second = keras.layers.Dense(2, name="first"), keras.layers.Dense(1, name="second")
    return keras.Sequential([keras.Input((3,)), first, second]).trainable_variables


def test_config_round_trips():
    optimizer = LayerwiseSGD(RATES, 0.9, L2, clipnorm=1.0)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, LayerwiseSGD)
    assert again.get_config() == optimizer.get_config()
    config = again.get_config()
    assert (config["learning_rates"], config["momenta"], config["l2"]) == (RATES, 0.9, L2)
    assert type(config["learning_rates"]) is dict
    assert keras.saving.get_registered_name(LayerwiseSGD) == "keras_siamese>LayerwiseSGD"


@pytest.mark.parametrize("argument", ["learning_rates", "momenta", "l2"])
@pytest.mark.parametrize("value", [-1e-9, 1.001, float("nan"), float("inf"), None, "0.1", True])
def test_absurd_constants_are_an_error_that_names_layer_and_argument(argument, value):
    rates = {"learning_rates": 0.1}
    with pytest.raises(ValueError, match=f"`{argument}` must be .* for every layer"):
        LayerwiseSGD(**{**rates, argument: value})
    with pytest.raises(ValueError, match=f"`{argument}` must be .* for 'second'"):
        LayerwiseSGD(**{**rates, argument: {"first": 0.1, "second": value}})


@pytest.mark.parametrize("argument", ["learning_rates", "momenta", "l2"])
@pytest.mark.parametrize("value", [0, 1, np.float32(0.5)])
def test_bounds_and_numpy_numbers_are_accepted(argument, value):
    config = LayerwiseSGD(**{"learning_rates": 0.1, argument: value}).get_config()
    assert config[argument] == value
    assert type(config[argument]) is float


@pytest.mark.parametrize("argument", ["learning_rates", "momenta", "l2"])
@pytest.mark.parametrize(
    ("names", "unmatched", "missing"),
    [
        (("first",), [], ["second"]),
        (("first", "second", "third"), ["third"], []),
        (("first", "Second"), ["Second"], ["second"]),
        ((), [], ["first", "second"]),
    ],
)
def test_names_that_are_not_the_layers_are_an_error(argument, names, unmatched, missing):
    optimizer = LayerwiseSGD(**{"learning_rates": 0.1, argument: dict.fromkeys(names, 0.1)})
    message = f"`{argument}`.*without a layer: {unmatched}; layers without a name: {missing}"
    # A second try must not pass over the error because the first left something built.
    for _ in range(2):
        with pytest.raises(ValueError, match=message.replace("[", r"\[").replace("]", r"\]")):
            optimizer.build(_variables())
    assert optimizer.layer_names == ()


def test_variable_without_a_layer_is_an_error():
    with pytest.raises(ValueError, match="variables that belong to a layer.*'alone'"):
        LayerwiseSGD(0.1).build([tf.Variable(1.0, name="alone")])

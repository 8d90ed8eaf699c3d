"""The sigmoid at the end of a model built by hand, which a logit goes without."""

import keras
import numpy as np
import pytest

from keras_siamese import from_model
from keras_siamese.models.network_files import load_network, save_network
from tests.models.hand_models import LEFT, RIGHT, pair_model

pytestmark = pytest.mark.keras3


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


@keras.saving.register_keras_serializable(package="last_sigmoid_test")
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

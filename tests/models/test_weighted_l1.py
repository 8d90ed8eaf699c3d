import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_siamese import WeightedL1
from keras_siamese.compat import variable_path

EMBEDDINGS = hnp.arrays("float32", (3, 5), elements=st.floats(0, 1, width=32))


def _layer(alpha=(0.5, -2.0, 3.0, 0.0, 1.0), bias=0.25, **options):
    layer = WeightedL1(**options)
    layer.build([(None, len(alpha)), (None, len(alpha))])
    layer.kernel.assign(np.array(alpha)[:, None])
    if layer.bias is not None:
        layer.bias.assign([bias])
    return layer


def test_logit_is_the_weighted_sum_of_differences():
    h1 = np.array([[0.0, 1.0, 0.5, 0.3, 0.2], [1.0, 1.0, 1.0, 1.0, 1.0]])
    h2 = np.array([[1.0, 0.5, 0.5, 0.9, 0.0], [0.0, 1.0, 1.0, 1.0, 0.0]])
    # 0.5*1 - 2*0.5 + 3*0 + 0*0.6 + 1*0.2 + 0.25 and 0.5*1 + 1*1 + 0.25, by hand.
    np.testing.assert_allclose(_layer()([h1, h2]), [[-0.05], [1.75]], atol=1e-6)
    np.testing.assert_allclose(_layer(use_bias=False)([h1, h2]), [[-0.3], [1.5]], atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(EMBEDDINGS, EMBEDDINGS)
def test_distance_is_symmetric_and_bias_alone_for_equal_embeddings(h1, h2):
    layer = _layer()
    np.testing.assert_array_equal(layer([h1, h2]), layer([h2, h1]))
    np.testing.assert_array_equal(layer([h1, h1]), np.full((3, 1), 0.25, "float32"))


def test_config_round_trips_with_every_argument():
    layer = WeightedL1(
        use_bias=False,
        kernel_initializer=keras.initializers.RandomNormal(0.0, 0.2, seed=3),
        bias_initializer="ones",
        name="head",
    )
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert isinstance(again, WeightedL1)
    assert again.get_config() == layer.get_config()
    shapes = [(None, 4), (None, 4)]
    layer.build(shapes)
    again.build(shapes)
    np.testing.assert_array_equal(layer.kernel, again.kernel)


def test_layer_is_registered_under_the_package_s_name():
    assert keras.saving.get_registered_name(WeightedL1) == "keras_siamese>WeightedL1"


def test_shapes_and_weights():
    layer = _layer()
    assert layer.compute_output_shape([(7, 5), (None, 5)]) == (7, 1)
    shapes = {variable_path(weight).split("/")[-1]: tuple(weight.shape) for weight in layer.weights}
    assert shapes == {"kernel": (5, 1), "bias": (1,)}


def test_layer_stays_in_float32_under_mixed_precision():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        layer = _layer(alpha=(1.0,), bias=0.0)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    # 1 - 1e-3 rounds to 1 in bfloat16, so the difference would vanish.
    logit = layer([np.array([[0.999]]), np.array([[1.0]])])
    assert logit.dtype == "float32"
    np.testing.assert_allclose(logit, [[0.001]], rtol=1e-3)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "bfloat16", "float64"])
def test_other_dtypes_are_an_error(dtype):
    with pytest.raises(ValueError, match=f"`dtype` of WeightedL1 must be 'float32'.*{dtype}"):
        WeightedL1(dtype=dtype)


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 5)],
        [(2, 5), (2, 5), (2, 5)],
        [(2, 5), (2, 4)],
        [(2, 5), (1, 5)],
        [(2, 5, 1), (2, 5, 1)],
        [(5,), (5,)],
    ],
)
@pytest.mark.parametrize("built", [False, True])
def test_inputs_that_are_no_pair_of_batches_are_an_error(shapes, built):
    layer = _layer() if built else WeightedL1()
    with pytest.raises(ValueError, match="two tensors .h1, h2. of the same shape"):
        layer([np.zeros(shape, "float32") for shape in shapes])


def test_single_tensor_is_an_error():
    with pytest.raises(ValueError, match="two tensors .h1, h2. of the same shape"):
        WeightedL1()(np.zeros((2, 5), "float32"))


def test_unknown_number_of_features_is_an_error():
    with pytest.raises(ValueError, match="known number of features"):
        WeightedL1().build([(2, None), (2, None)])


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_layer_from_its_configuration_has_a_bias_as_before(use_bias):
    again = WeightedL1.from_config(WeightedL1(use_bias=use_bias).get_config())
    again.build([(None, 5), (None, 5)])
    assert len(again.weights) == (2 if use_bias else 1)

import numpy as np
import pytest

from keras_siamese.models.initializers import weight_initializers, weight_seed


def _draw(layer_name="conv1", shape=(50, 400), **options):
    options = {"kind": "convolution", "activation": "relu", "seed": 0, **options}
    initializers = weight_initializers(layer_name, **options)
    bias = initializers["bias_initializer"]
    bias = np.zeros(shape) if bias == "zeros" else np.asarray(bias(shape))
    return np.asarray(initializers["kernel_initializer"](shape)), bias


@pytest.mark.parametrize(("kind", "stddev"), [("convolution", 0.01), ("dense", 0.2)])
def test_koch_weights_have_the_paper_s_mean_and_deviation(kind, stddev):
    kernel, bias = _draw(kind=kind)
    # Four standard errors of 20,000 draws: 4 / sqrt(n) for the mean, 4 / sqrt(2 n) for the spread.
    assert abs(kernel.mean()) < 0.029 * stddev
    assert kernel.std() == pytest.approx(stddev, rel=0.02)
    assert bias.mean() == pytest.approx(0.5, abs=0.0003)
    assert bias.std() == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize(("activation", "fans"), [("relu", 50), ("sigmoid", (50 + 400) / 2)])
def test_he_weights_scale_with_the_fans_and_have_no_bias(activation, fans):
    kernel, bias = _draw(kind="dense", activation=activation, initializer="he")
    stddev = np.sqrt((2 if activation == "relu" else 1) / fans)
    assert kernel.std() == pytest.approx(stddev, rel=0.02)
    assert not bias.any()


def test_weights_of_one_shape_differ_between_places_and_seeds():
    draws = [
        *_draw("conv1"),
        *_draw("conv2"),
        *_draw("conv1", seed=1),
    ]
    standard = [(draw - draw.mean()) / draw.std() for draw in draws]
    for first in range(len(standard)):
        for second in range(first):
            assert abs(np.mean(standard[first] * standard[second])) < 0.03


def test_same_seed_gives_the_same_weights():
    np.testing.assert_array_equal(_draw("conv3", seed=7), _draw("conv3", seed=7))


def test_weight_seed_fits_a_keras_seed():
    seeds = {weight_seed(seed, f"conv{i}/kernel") for seed in range(20) for i in range(20)}
    assert len(seeds) == 400
    assert min(seeds) >= 0
    assert max(seeds) < 2**31


@pytest.mark.parametrize("seed", [-1, 0.5, None, True, "0"])
def test_seed_that_is_no_natural_number_is_an_error(seed):
    with pytest.raises(ValueError, match="`seed` must be an integer >= 0"):
        weight_seed(seed, "conv1/kernel")


def test_unknown_initializer_is_an_error():
    with pytest.raises(ValueError, match="`initializer` must be one of .*initializer='xavier'"):
        _draw(initializer="xavier")

import keras
import numpy as np
import pytest

from keras_siamese import LayerwiseSGD

tf = pytest.importorskip("tensorflow")

RATES = {"first": 0.1, "second": 0.02}
MOMENTA = {"first": 0.9, "second": 0.3}
L2 = {"first": 0.05, "second": 0.01}
WEIGHTS = [("first", "kernel"), ("first", "bias"), ("second", "kernel")]


def _variables():
    rng = np.random.default_rng(0)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, name="first"),
            keras.layers.Dense(1, use_bias=False, name="second"),
        ]
    )
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    return model.trainable_variables


def _gradients(variables, steps):
    rng = np.random.default_rng(1)
    return [
        [rng.normal(size=variable.shape).astype("float32") for variable in variables]
        for _ in range(steps)
    ]


def _stepper(optimizer, variables, mode):
    def step(*gradients):
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    if mode == "eager":
        return step
    return tf.function(step, jit_compile=mode == "xla")


def _by_hand(weights, velocities, gradients, epoch):
    """One step of sec. 3.2 in float64, with 1 % decay and a momentum ramp of 4 epochs."""
    for index, (layer, name) in enumerate(WEIGHTS):
        eta = RATES[layer] * 0.99**epoch
        mu = 0.5 + min(epoch / 4, 1.0) * (MOMENTA[layer] - 0.5)
        decay = 0.0 if name == "bias" else 2 * L2[layer] * weights[index]
        velocities[index] = mu * velocities[index] - eta * (gradients[index] + decay)
        weights[index] = weights[index] + velocities[index]


@pytest.mark.parametrize("mode", ["eager", "function", "xla"])
def test_steps_of_several_epochs_match_numpy(mode):
    variables = _variables()
    optimizer = LayerwiseSGD(RATES, MOMENTA, L2)
    optimizer.build(variables)
    assert optimizer.layer_names == ("first", "second")
    step = _stepper(optimizer, variables, mode)
    weights = [np.asarray(variable, "float64") for variable in variables]
    velocities = [np.zeros_like(weight) for weight in weights]
    for number, gradients in enumerate(_gradients(variables, 18)):
        epoch = number // 3
        rates = [RATES[layer] * 0.99**epoch for layer in optimizer.layer_names]
        ramp = min(epoch / 4, 1.0)
        optimizer.learning_rates.assign(rates)
        optimizer.momenta.assign(0.5 + ramp * (optimizer.final_momenta - 0.5))
        step(*gradients)
        _by_hand(weights, velocities, gradients, epoch)
        for variable, weight in zip(variables, weights, strict=True):
            np.testing.assert_allclose(variable, weight, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("constant", ["learning_rates", "momenta", "l2"])
def test_every_constant_acts_on_the_compiled_step(constant):
    changed = []
    for value in (None, 0.25):
        variables = _variables()
        optimizer = LayerwiseSGD(0.1, 0.9, 0.01)
        step = _stepper(optimizer, variables, "function")
        first, second = _gradients(variables, 2)
        step(*first)
        if value is not None:
            getattr(optimizer, constant).assign([value, value])
        step(*second)
        changed.append(np.asarray(variables[0]))
    assert np.all(changed[0] != changed[1])


def test_stock_sgd_ignores_a_changed_momentum_in_the_compiled_step():
    # Why LayerwiseSGD exists. When this fails, Keras has mended it.
    results = []
    for momentum in (0.9, 0.25):
        variables = _variables()
        optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
        step = _stepper(optimizer, variables, "function")
        first, second = _gradients(variables, 2)
        step(*first)
        optimizer.momentum = momentum
        step(*second)
        results.append(np.asarray(variables[0]))
    np.testing.assert_array_equal(*results)


def test_base_learning_rate_multiplies_every_layer_s():
    results = []
    for rates, base in ((0.05, 1.0), (0.1, 0.5)):
        variables = _variables()
        optimizer = LayerwiseSGD(rates, 0.9, 0.01)
        optimizer.learning_rate = base
        for gradients in _gradients(variables, 3):
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        results.append([np.asarray(variable) for variable in variables])
    for left, right in zip(*results, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-6)


def test_equal_constants_are_the_stock_optimizer():
    results = []
    for optimizer in (LayerwiseSGD(0.1, 0.9), keras.optimizers.SGD(0.1, momentum=0.9)):
        variables = _variables()
        for gradients in _gradients(variables, 5):
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        results.append([np.asarray(variable) for variable in variables])
    for left, right in zip(*results, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-6)


@pytest.mark.parametrize(
    "option",
    [
        {"clipnorm": 0.1},
        {"global_clipnorm": 0.1},
        {"clipvalue": 0.1},
        {"weight_decay": 0.1},
        {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
        pytest.param({"gradient_accumulation_steps": 2}, marks=pytest.mark.keras3),
    ],
    ids=lambda option: next(iter(option)),
)
def test_options_of_the_base_class_do_what_they_do_in_stock_sgd(option):
    plain, ours, stock = (
        LayerwiseSGD(1.0, 0.5),
        LayerwiseSGD(1.0, 0.5, **option),
        keras.optimizers.SGD(1.0, momentum=0.5, **option),
    )
    results = []
    for optimizer in (plain, ours, stock):
        variables = _variables()
        for gradients in _gradients(variables, 4):
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        results.append(np.asarray(variables[0]))
    assert np.all(results[0] != results[1])
    np.testing.assert_allclose(results[1], results[2], rtol=1e-5, atol=1e-6)

import keras
import numpy as np
import pytest

from keras_siamese import LayerwiseSGD, dense_encoder, siamese_network
from keras_siamese.compat import variable_path
from tests import forked

tf = pytest.importorskip("tensorflow")

LAYERS = ("dense1", "embedding", "weighted_l1")
MOMENTA = {"dense1": 0.9, "embedding": 0.5, "weighted_l1": 0.0}


def _model(optimizer=None, **options):
    encoder = dense_encoder((4, 4, 1), units=(6, 5), initializer="he", **options)
    model = siamese_network(encoder, initializer="he")
    optimizer = optimizer or LayerwiseSGD(dict.fromkeys(LAYERS, 0.1), MOMENTA, 0.01)
    model.compile(optimizer, "binary_crossentropy")
    return model


def _data(count=16):
    rng = np.random.default_rng(0)
    images = [rng.random((count, 4, 4, 1)).astype("float32") for _ in range(2)]
    return images, rng.integers(0, 2, (count, 1)).astype("float32")


def _fit(model, epochs=3, **options):
    images, same = _data()
    return model.fit(images, same, batch_size=8, epochs=epochs, shuffle=False, verbose=0, **options)


def _assert_same_weights(left, right):
    for one, other in zip(left.get_weights(), right.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def _frozen(model):
    """Layers whose weights did not move in training."""
    before = {variable_path(weight): np.array(weight) for weight in model.trainable_variables}
    _fit(model)
    return {
        variable_path(weight).split("/")[-2]
        for weight in model.trainable_variables
        if np.array_equal(before[variable_path(weight)], weight)
    }


def test_fit_moves_every_layer():
    model = _model()
    assert _frozen(model) == set()
    assert model.optimizer.layer_names == LAYERS


def test_rate_of_zero_freezes_that_layer_alone():
    rates = {"dense1": 0.1, "embedding": 0.0, "weighted_l1": 0.1}
    assert _frozen(_model(LayerwiseSGD(rates, 0.5))) == {"embedding"}


def test_fit_stops_at_a_name_that_matches_no_layer():
    with pytest.raises(ValueError, match=r"without a layer: \['conv1'\]"):
        _fit(_model(LayerwiseSGD({**dict.fromkeys(LAYERS, 0.1), "conv1": 0.1})))


def test_fit_with_a_frozen_encoder_trains_the_head():
    model = _model(LayerwiseSGD({"weighted_l1": 0.1}))
    model.get_layer("encoder").trainable = False
    model.compile(model.optimizer, "binary_crossentropy")
    assert _frozen(model) == set()
    assert model.optimizer.layer_names == ("weighted_l1",)


def test_callback_changes_the_momentum_of_a_running_fit():
    class Ramp(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.build(self.model.trainable_variables)
            self.model.optimizer.momenta.assign([0.1 * epoch] * 3)

    ramped, constant = _model(), _model()
    _fit(ramped, callbacks=[Ramp()])
    _fit(constant)
    assert np.all(ramped.get_weights()[0] != constant.get_weights()[0])
    np.testing.assert_allclose(ramped.optimizer.momenta, [0.2] * 3, rtol=1e-6)


@pytest.mark.slow
def test_xla_takes_the_same_steps():
    compiled, plain = _model(), _model()
    compiled.compile(compiled.optimizer, "binary_crossentropy", jit_compile=True)
    _fit(compiled)
    _fit(plain)
    for one, other in zip(compiled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_close_to_float32(policy):
    mixed, plain = _model(dtype=policy), _model()
    losses = [_fit(model).history["loss"] for model in (mixed, plain)]
    np.testing.assert_allclose(*losses, rtol=0.02)
    assert {tf.as_dtype(v.dtype) for v in mixed.optimizer.velocities} == {tf.float32}


def test_saved_model_goes_on_as_if_never_saved(tmp_path):
    model = _model()
    _fit(model)
    # State that the configuration does not hold.
    model.optimizer.learning_rates.assign([0.05, 0.04, 0.03])
    model.optimizer.momenta.assign([0.6, 0.7, 0.8])
    model.optimizer.learning_rate = 0.9
    model.save(tmp_path / "model.keras")
    loaded, fresh = keras.models.load_model(tmp_path / "model.keras"), _model()
    fresh.set_weights(loaded.get_weights())
    assert loaded.optimizer.layer_names == LAYERS
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for one, other in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    _fit(model)
    _fit(loaded)
    _assert_same_weights(model, loaded)
    # Without the optimizer's state the weights would be others.
    _fit(fresh)
    assert np.any(fresh.get_weights()[0] != model.get_weights()[0])


def test_tensorflow_checkpoint_holds_the_whole_state(tmp_path):
    model, again = _model(), _model()
    _fit(model)
    model.optimizer.momenta.assign([0.6, 0.7, 0.8])
    again.optimizer.build(again.trainable_variables)
    path = tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(tmp_path / "state")
    restored = tf.train.Checkpoint(model=again, optimizer=again.optimizer).restore(path)
    restored.assert_existing_objects_matched()
    _fit(model)
    _fit(again)
    _assert_same_weights(model, again)


@pytest.mark.slow
def test_two_replicas_take_the_steps_of_one():
    script = """
import keras, numpy as np, tensorflow as tf
from keras_siamese import LayerwiseSGD
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
def train(strategy):
    with strategy.scope():
        keras.utils.set_random_seed(0)
        first, second = keras.layers.Dense(3, name="a"), keras.layers.Dense(1, name="b")
        model = keras.Sequential([keras.Input((4,)), first, second])
        model.compile(LayerwiseSGD({"a": 0.1, "b": 0.01}, {"a": 0.9, "b": 0.5}, 0.01), "mse")
        model.optimizer.build(model.trainable_variables)
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    for momentum in (0.1, 0.8):
        model.optimizer.momenta.assign([momentum, momentum])
        model.fit(x, x[:, :1], batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()
pair = train(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]))
for one, two in zip(train(tf.distribute.get_strategy()), pair):
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
"""
    result = forked.run(["-c", script])
    assert result.returncode == 0, result.stderr

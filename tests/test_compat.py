"""What holds on both Keras 3 and Keras 2.15."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese import LayerwiseSGD, dense_encoder, siamese_network
from keras_siamese.compat import EarlyStopping, loads_safely, ops, variable_path
from keras_siamese.models.network_files import UnsafeKerasWarning, load_network, save_network
from keras_siamese.verifier import Verifier

PATHS = ["dense1/kernel", "dense1/bias", "embedding/kernel", "embedding/bias"]
PATHS += ["weighted_l1/kernel", "weighted_l1/bias"]


def _model():
    return siamese_network(dense_encoder((3, 3, 1), units=(2, 2)))


def _ends(model):
    return ["/".join(variable_path(weight).split("/")[-2:]) for weight in model.weights]


def test_paths_end_in_layer_and_weight_in_a_new_model_and_in_a_loaded_one(tmp_path):
    model = _model()
    assert _ends(model) == PATHS
    model.save(tmp_path / "model.keras")
    assert _ends(keras.models.load_model(tmp_path / "model.keras")) == PATHS


def test_a_variable_without_a_layer_has_its_name_as_path():
    assert variable_path(tf.Variable(1.0, name="alone")) == "alone"


def test_early_stopping_restores_the_best_weights_at_the_last_epoch_too():
    model, seen = _model(), []
    model.compile(LayerwiseSGD(0.1), "binary_crossentropy")
    images = np.ones((4, 3, 3, 1), np.float32)
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(model.get_weights()),
        # The first epoch is the best.
        on_epoch_end=lambda epoch, logs: logs.update(error=epoch),
    )
    stop = EarlyStopping(monitor="error", mode="min", patience=5, restore_best_weights=True)
    model.fit([images, images], np.ones((4, 1)), epochs=3, verbose=0, callbacks=[watch, stop])
    assert (seen[0][-1] != seen[1][-1]).any()
    for restored, best in zip(model.get_weights(), seen[1], strict=True):
        np.testing.assert_array_equal(restored, best)


@pytest.mark.parametrize("version", ["3.12.4", "3.12.10", "3.15.1", "3.16.0.dev1", "4.0"])
def test_versions_without_known_holes_load_safely(version):
    assert loads_safely(version)


@pytest.mark.parametrize("version", ["2.15.0", "3.0.5", "3.8.0", "3.12.3", "3.13.2", "3.15.0"])
def test_versions_with_known_holes_do_not(version):
    assert not loads_safely(version)


@pytest.mark.parametrize("version", ["2.15.0", "3.8.0"])
def test_loading_a_file_with_an_unsafe_keras_warns(version, tmp_path, monkeypatch):
    save_network(_model(), tmp_path / "model.keras")
    Verifier(_model()).save(tmp_path / "verifier.zip")
    monkeypatch.setattr(keras, "__version__", version)
    for load, name in ((load_network, "model.keras"), (Verifier.load, "verifier.zip")):
        with pytest.warns(UnsafeKerasWarning, match=f"With Keras {version} .* can run code"):
            load(tmp_path / name)


@pytest.mark.keras3
def test_loading_a_file_with_the_keras_of_the_main_line_is_silent(tmp_path):
    save_network(_model(), tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_network(tmp_path / "model.keras")


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_axis_is_reversed(axis):
    values = np.arange(24.0).reshape(2, 3, 4)
    reversed_values = ops.flip(ops.convert_to_tensor(values), axis=axis)
    np.testing.assert_array_equal(reversed_values, np.flip(values, axis))

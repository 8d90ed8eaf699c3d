"""Configurations, registered names, and files of compiled models."""

import keras
import numpy as np
import pytest

from keras_siamese import losses
from tests.losses.cases import CASES, LABELS, matrix_of

pytestmark = pytest.mark.keras3


@pytest.mark.parametrize("name", CASES)
def test_a_loss_comes_back_from_its_configuration(name):
    loss, _ = CASES[name]
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()
    matrix = matrix_of(name)
    assert float(again(LABELS, matrix)) == float(loss(LABELS, matrix))


@pytest.mark.parametrize("name", [name for name in losses.__all__])
def test_classes_are_registered_under_the_package_s_name(name):
    registered = keras.saving.get_registered_name(getattr(losses, name))
    assert registered == f"keras_siamese>{name}"


def small_encoder():
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, kernel_initializer="ones", name="dense")]
    )


def test_a_compiled_model_with_proxies_loads_with_its_loss(tmp_path):
    model = keras.Sequential([small_encoder(), losses.ClassProxies(5, name="proxies")])
    model.compile("sgd", losses.ArcFaceLoss(0.3, 8.0))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.loss.get_config() == model.loss.get_config()
    x = np.random.default_rng(0).normal(size=(6, 3)).astype("f4")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(("warmup_steps", "filled"), [(0, 4), (3, 0)])
def test_a_memory_is_saved_with_what_it_remembers(warmup_steps, filled, tmp_path):
    labels, vectors = keras.Input((), dtype="int32"), keras.Input((3,))
    memory = losses.CrossBatchMemory(
        losses.TripletLoss("hard", 0.5), 6, warmup_steps=warmup_steps, name="memory"
    )
    model = keras.Model([labels, vectors], memory([labels, small_encoder()(vectors)]))
    model.compile("sgd")
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("f4")
    model.fit([np.array([0, 1, 0, 1]), x], verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").get_layer("memory")
    assert again.get_config() == memory.get_config()
    for left, right in zip(again.get_weights(), memory.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert int(again.filled) == filled

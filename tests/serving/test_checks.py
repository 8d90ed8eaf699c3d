"""What the exporters of single files refuse, and that nothing half-written stays."""

import keras
import pytest
import tensorflow as tf

from keras_siamese import (
    dense_encoder,
    export_litert,
    export_onnx,
    siamese_network,
    twin_encoder,
)

EXPORTERS = {"onnx": export_onnx, "tflite": export_litert}


class InverseErrorFunction(keras.layers.Layer):
    """An operation that neither ONNX nor LiteRT has."""

    def call(self, inputs):
        return tf.math.erfinv(inputs)


def network_with(*layers):
    encoder = keras.Sequential([keras.Input((5, 5, 1)), keras.layers.Flatten(), *layers])
    return siamese_network(encoder)


@pytest.fixture(scope="module")
def model():
    return siamese_network(dense_encoder((5, 5, 1), units=(4,)))


@pytest.fixture(params=EXPORTERS)
def exporter(request):
    if request.param == "onnx":
        pytest.importorskip("tf2onnx")
    return EXPORTERS[request.param]


def entries(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_that_exists_stays_unless_told(model, exporter, tmp_path):
    path = tmp_path / "siamese"
    path.write_text("old")
    with pytest.raises(ValueError, match="`path` must be a file that does not exist.*overwrite"):
        exporter(model, path)
    assert path.read_text() == "old"
    exporter(model, path, overwrite=True)
    assert path.stat().st_size > 500
    assert entries(tmp_path) == ["siamese"]


def test_a_folder_is_no_file(model, exporter, tmp_path):
    with pytest.raises(ValueError, match="`path` must name a file"):
        exporter(model, tmp_path, overwrite=True)


def test_a_layer_that_the_form_lacks_is_named_and_the_old_file_stays(exporter, tmp_path):
    path = tmp_path / "siamese"
    path.write_text("old")
    with pytest.raises(ValueError, match="`model` must be made of layers that .*Erfinv"):
        exporter(network_with(InverseErrorFunction()), path, overwrite=True)
    assert path.read_text() == "old"
    assert entries(tmp_path) == ["siamese"]


def test_a_network_that_does_not_fit_is_refused(model, exporter, tmp_path):
    path = tmp_path / "siamese"
    half = network_with(keras.layers.Dense(3, dtype="mixed_bfloat16"), keras.layers.Dense(2))
    with pytest.raises(ValueError, match=r"`model` must compute in float32.*\['bfloat16'\]"):
        exporter(half, path)
    with pytest.raises(ValueError, match="`model` must be a model made by siamese_network"):
        exporter(twin_encoder(model), path)
    encoder = keras.Sequential([keras.Input((None, 9, 1)), keras.layers.GlobalMaxPooling2D()])
    with pytest.raises(ValueError, match="images of one known size. Received"):
        exporter(siamese_network(encoder), path)
    assert entries(tmp_path) == []

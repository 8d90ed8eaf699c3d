"""A network in ONNX gives Keras's numbers in ONNX Runtime."""

import json

import numpy as np
import pytest

from keras_siamese import Preprocessing, export_onnx, twin_encoder

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_probabilities_are_those_of_keras_for_every_batch_size(network, images, tmp_path):
    path = export_onnx(network, tmp_path / "deep" / "siamese.onnx")
    assert path == tmp_path / "deep" / "siamese.onnx"
    runtime = session(path)
    for batch in (1, 3, 64):
        left, right = images[:, :batch]
        expected = network.predict_on_batch([left, right])[:, 0]
        (found,) = runtime.run(["probability"], {"left": left, "right": right})
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1


def test_embed_and_compare_are_the_two_halves_of_it(network, images, tmp_path):
    embed = session(export_onnx(network, tmp_path / "embed.onnx", signature="embed"))
    compare = session(export_onnx(network, tmp_path / "compare.onnx", signature="compare"))
    left, right = (embed.run(["embedding"], {"image": side})[0] for side in images)
    np.testing.assert_allclose(left, twin_encoder(network).predict_on_batch(images[0]), atol=1e-5)
    (found,) = compare.run(["probability"], {"left": left, "right": right})
    expected = network.predict_on_batch(list(images))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_inputs_and_outputs_are_named_and_take_any_batch(network, tmp_path):
    graph = onnx.load(export_onnx(network, tmp_path / "siamese.onnx")).graph
    shapes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output)
    }
    image = ["batch", *network.inputs[0].shape[1:]]
    assert shapes == {"left": image, "right": image, "probability": ["batch"]}


def test_the_weights_of_the_twins_are_written_once(network, tmp_path):
    graph = onnx.load(export_onnx(network, tmp_path / "siamese.onnx")).graph
    numbers = sum(np.prod(tensor.dims, dtype=int) for tensor in graph.initializer)
    assert numbers < 1.2 * network.count_params()


def test_the_metadata_says_how_images_are_read(network, tmp_path):
    *size, channels = network.inputs[0].shape[1:]
    reading = Preprocessing(tuple(size), "grey" if channels == 1 else "rgb", aspect="fit")
    path = export_onnx(network, tmp_path / "siamese.onnx", preprocessing=reading)
    metadata = session(path).get_modelmeta().custom_metadata_map
    saved = json.loads(metadata["keras_siamese.preprocessing"])
    assert Preprocessing.from_json(saved) == reading

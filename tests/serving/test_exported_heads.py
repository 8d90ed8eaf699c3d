"""Networks with each head give Keras's numbers in the files that are served."""

import keras
import numpy as np
import pytest

from keras_siamese import (
    dense_encoder,
    export,
    export_litert,
    export_onnx,
    export_openvino,
    siamese_network,
    twin_encoder,
)
from keras_siamese.evaluation.class_scores import class_logits
from keras_siamese.evaluation.probabilities import expit
from keras_siamese.models import twin_head


def _one_sided():
    first, second = keras.Input((4,)), keras.Input((4,))
    joined = keras.layers.Concatenate()([first, keras.layers.Multiply()([first, second])])
    hidden = keras.layers.BatchNormalization()(joined)
    return keras.Model([first, second], keras.layers.Dense(1)(hidden))


HEADS = {"euclidean": lambda: "euclidean", "cosine": lambda: "cosine", "one-sided": _one_sided}


@pytest.fixture(scope="module", params=HEADS)
def network(request):
    encoder = dense_encoder((5, 5, 1), units=(6, 4), initializer="he")
    network = siamese_network(encoder, head=HEADS[request.param]())
    twin_head(network).scale_logits(2.0, 0.5)
    return network


@pytest.fixture
def images():
    return np.random.default_rng(1).random((2, 7, 5, 5, 1), np.float32)


@pytest.fixture
def expected(network, images):
    return network.predict_on_batch(list(images))[:, 0]


def test_saved_model_verifies_and_classifies(network, images, expected, tmp_path):
    import tensorflow as tf

    signatures = tf.saved_model.load(str(export(network, tmp_path / "served"))).signatures
    left, right = map(tf.constant, images)
    found = signatures["serving_default"](left=left, right=right)["probability"]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # The queries are the first of the two that the head takes.
    found = signatures["classify"](support=right, queries=left)["probability"]
    encode = twin_encoder(network)
    vectors = [np.asarray(encode(side)) for side in images]
    logits = class_logits(twin_head(network), *vectors, np.ones(7, int), shots="best")
    np.testing.assert_allclose(found, expit(logits.astype(np.float64)), atol=1e-5)


def test_litert_compares_embeddings(network, images, expected, tmp_path):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    path = export_litert(network, tmp_path / "siamese.tflite")
    interpreter = interpreters.Interpreter(model_path=str(path))
    embed = interpreter.get_signature_runner("embed")
    left, right = (embed(image=side)["embedding"].copy() for side in images)
    compare = interpreter.get_signature_runner("compare")
    found = compare(left=left, right=right)["probability"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_onnx_verifies_and_compares(network, images, expected, tmp_path):
    pytest.importorskip("tf2onnx")
    runtime = pytest.importorskip("onnxruntime")
    sides = images, [np.asarray(twin_encoder(network)(side)) for side in images]
    for signature, (left, right) in zip(("serving_default", "compare"), sides, strict=True):
        path = export_onnx(network, tmp_path / f"{signature}.onnx", signature=signature)
        session = runtime.InferenceSession(str(path))
        (found,) = session.run(None, {"left": left, "right": right})
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_openvino_verifies(network, images, expected, tmp_path):
    openvino = pytest.importorskip("openvino")
    path = export_openvino(network, tmp_path / "siamese.xml")
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    (found,) = compiled(dict(zip(("left", "right"), images, strict=True))).values()
    np.testing.assert_allclose(found, expected, atol=1e-3)

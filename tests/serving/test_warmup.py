"""Warm-up requests are those that TensorFlow Serving reads, and the model can answer them."""

import numpy as np
import pytest
import tensorflow as tf

from keras_siamese import dense_encoder, export, siamese_network

logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")


def test_one_request_for_each_signature_that_the_model_answers(tmp_path):
    # A name of more than 127 bytes needs a length of two.
    name = "siamese" * 20
    version = export(siamese_network(dense_encoder((40, 30, 3), units=(4,))), tmp_path / name)
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    served = tf.saved_model.load(str(version))
    answered = set()
    for record in tf.data.TFRecordDataset(str(path)):
        log = logs.PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        assert log.ByteSize() == len(record.numpy())
        request = log.predict_log.request
        assert request.model_spec.name == name
        inputs = {key: tf.make_ndarray(tensor) for key, tensor in request.inputs.items()}
        answer = served.signatures[request.model_spec.signature_name](
            **{key: tf.constant(value) for key, value in inputs.items()}
        )
        assert all(np.isfinite(value).all() for value in answer.values())
        answered.add(request.model_spec.signature_name)
    assert answered == set(served.signatures)

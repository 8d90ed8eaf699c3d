"""Requests that TensorFlow Serving answers while it loads a model.

Without them, the first request of each kind is slow. They are a TFRecord file of `PredictionLog`
messages at a fixed place in the SavedModel
(https://www.tensorflow.org/tfx/serving/saved_model_warmup).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_siamese.serving.signatures import Signature

WARMUP_FILE = "tf_serving_warmup_requests"


def write_warmup_requests(
    folder: Path,
    signatures: Mapping[str, Signature],
    *,
    name: str,
    image_shape: tuple[int, int, int],
) -> None:
    """Write one request for each signature: a blank image, or a file of each kind that is read.

    Args:
        folder: The SavedModel's folder `assets.extra`.
        signatures: What it serves, by name; each takes images or the bytes of files.
        name: Name of the model.
        image_shape: Height, width and channels of an image, 1 or 3 channels.
    """
    image = np.zeros((1, *image_shape), np.float32)
    samples = {tf.float32: image, tf.string: _files()}
    with tf.io.TFRecordWriter(str(folder / WARMUP_FILE)) as writer:
        for signature_name, signature in signatures.items():
            inputs = {spec.name: samples[spec.dtype] for spec in signature.inputs}
            writer.write(_prediction_log(name, signature_name, inputs))


def _files() -> list[bytes]:
    """Return a small drawing as a file of each kind; a blank one would be refused."""
    from PIL import Image

    drawing = np.full((24, 24), 255, np.uint8)
    drawing[8:16, 8:16] = 0
    contents = []
    for kind in ("PNG", "JPEG", "BMP", "GIF"):
        content = io.BytesIO()
        Image.fromarray(drawing).save(content, kind)
        contents.append(content.getvalue())
    return contents


def _prediction_log(name: str, signature_name: str, inputs: Mapping[str, object]) -> bytes:
    """Return a serialized `tensorflow.serving.PredictionLog` that holds a `PredictRequest`.

    The messages come from tensorflow-serving-api, which depends on TensorFlow itself and on gRPC.
    Four nested messages are no reason to install it; the tests read them back with it.
    """
    model_spec = _field(1, name.encode()) + _field(3, signature_name.encode())
    request = _field(1, model_spec)
    for key, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(2, _field(1, key.encode()) + _field(2, tensor))
    return _field(6, _field(1, request))


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field of a message, as protocol buffers encode it."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    groups = []
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])

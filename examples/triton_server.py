"""Serve an exported network with NVIDIA's Triton Inference Server, from PyPI alone.

python3.11 -m venv server
server/bin/pip install -r requirements-triton.txt
server/bin/python examples/triton_server.py served/siamese/1

The wheel of PyTriton holds Triton's own server with its backend for Python, in which TensorFlow
answers here. Each signature of the SavedModel is a separate model; a request is
POST /v2/models/SIGNATURE/infer in the Open Inference Protocol. It needs neither Keras nor
keras_siamese, and listens on localhost unless told otherwise.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import sysconfig
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig


def described(specs: dict[str, tf.TensorSpec]) -> list[Tensor]:
    """Return tensors as Triton describes them; -1 is an axis of any length."""
    return [
        Tensor(
            name=name,
            dtype=bytes if spec.dtype == tf.string else spec.dtype.as_numpy_dtype,
            shape=tuple(-1 if axis is None else axis for axis in spec.shape),
        )
        for name, spec in specs.items()
    ]


def answering(signature: Any) -> Callable[[list[Any]], list[dict[str, np.ndarray]]]:
    """Return a function from requests to answers."""

    def answer(requests: list[Any]) -> list[dict[str, np.ndarray]]:
        return [
            {
                name: value.numpy()
                for name, value in signature(
                    **{name: tf.constant(value) for name, value in request.data.items()}
                ).items()
            }
            for request in requests
        ]

    return answer


def main() -> None:
    """Serve until interrupted or told to end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", help="the version folder that `export` wrote")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=8000)
    parser.add_argument("--grpc-port", type=int, default=8001)
    parser.add_argument("--metrics-port", type=int, default=8002)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # Triton's backend looks for libpython: it must be that of this Python, not the system's.
    paths = [sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH")]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
    served = tf.saved_model.load(options.folder)
    config = TritonConfig(
        http_address=options.address,
        grpc_address=options.address,
        metrics_address=options.address,
        http_port=options.http_port,
        grpc_port=options.grpc_port,
        metrics_port=options.metrics_port,
    )
    with Triton(config=config) as triton:
        for name, signature in served.signatures.items():
            triton.bind(
                model_name=name,
                infer_func=answering(signature),
                inputs=described(signature.structured_input_signature[1]),
                outputs=described(signature.structured_outputs),
                # A request is a batch already, and `classify` takes two of different length.
                config=ModelConfig(batching=False),
            )
        triton.serve()


if __name__ == "__main__":
    main()

"""Export of a siamese network as ONNX, for ONNX Runtime and the many others that read it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from keras_siamese.atomic import atomic_write, made_folder
from keras_siamese.data import Preprocessing
from keras_siamese.serving.checks import check_portable
from keras_siamese.serving.layer_errors import layer_errors
from keras_siamese.serving.portable import OUTPUTS

# Where a file's metadata holds its preprocessing, as JSON.
METADATA_KEY = "keras_siamese.preprocessing"
# What converts the graph of each backend.
CONVERTERS = {"tensorflow": "tf2onnx", "torch": "onnxscript"}


def export_onnx(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    signature: str = "serving_default",
    preprocessing: Preprocessing | None = None,
) -> Path:
    """Write a network as one ONNX file, whole or not at all, with Keras on TensorFlow or PyTorch.

    An ONNX file answers one question, which `signature` picks; names, shapes and numbers are those
    of `export`. It takes any batch size. Images are float32 in [0, 1], ink 1 and paper 0, of the
    network's size:

    - `serving_default`: `left`, `right`, images `(batch, height, width, channels)`, to
      `probability` `(batch,)` that both show the same class.
    - `embed`: `image` `(batch, height, width, channels)` to `embedding` `(batch, features)`.
    - `compare`: `left`, `right`, embeddings `(batch, features)`, to `probability` `(batch,)`.

    `embed` and `compare` together classify: every image is encoded once.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size, in float32.
        path: File to write, named `*.onnx` by custom; its folder is made where it is missing.
        overwrite: Whether a file that exists is replaced.
        signature: "serving_default", "embed" or "compare".
        preprocessing: How raw pictures are read for the network, as for `export`. It is written
            into the file's metadata as JSON under "keras_siamese.preprocessing", where a network
            takes images of 1 or 3 channels.

    Returns:
        The file's path.

    Raises:
        ImportError: If the extra `onnx` is missing.
        ValueError: If the network does not fit, it has a layer that ONNX cannot express, an
            argument is out of range, or the file exists and `overwrite` is False.
        OSError: If the file cannot be written, as on a full disk; nothing is left behind.

    Example:
        >>> from keras_siamese import dense_encoder, export_onnx, siamese_network
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> export_onnx(model, "siamese-embed.onnx", signature="embed").name
        'siamese-embed.onnx'
    """
    target, reading = check_portable(
        "onnx",
        model,
        path,
        overwrite=overwrite,
        preprocessing=preprocessing,
        signature=signature,
    )
    graph = onnx_graph(model, signature)
    if reading is not None:
        entry = graph.metadata_props.add()
        entry.key, entry.value = METADATA_KEY, reading
    with made_folder(target.parent), atomic_write(target) as file:
        file.write(graph.SerializeToString())
    return target


def onnx_graph(model: keras.Model, signature: str) -> Any:
    """Convert what a signature answers, with the backend that Keras runs on.

    Args:
        model: Network on images of one known size, in float32.
        signature: As for `export_onnx`.

    Returns:
        `onnx.ModelProto`, checked, for any batch size, its inputs and output named.

    Raises:
        ImportError: If the converter is missing.
        ValueError: If the network has a layer that ONNX cannot express.
    """
    backend = keras.backend.backend()
    onnx = _required(backend)
    converter = _converter(model, signature, backend)
    with layer_errors("ONNX"):
        graph = converter()
        # A converter may leave what it cannot convert in the graph under the backend's name.
        onnx.checker.check_model(graph)
    _name_output(graph, OUTPUTS[signature])
    _name_batch(graph)
    return graph


def _required(backend: str) -> Any:
    """Return the package onnx, after a look at the converter of the backend."""
    converter = CONVERTERS[backend]
    try:
        importlib.import_module(converter)
        return importlib.import_module("onnx")
    except ImportError as error:
        # The extra has the converter of TensorFlow, the default.
        named = "'keras_siamese[onnx]'" if backend == "tensorflow" else f"{converter} onnx"
        raise ImportError(
            f"ONNX needs {converter} and onnx on the backend {backend!r}. Install them: "
            f"pip install {named}"
        ) from error


def _converter(model: keras.Model, signature: str, backend: str) -> Callable[[], Any]:
    """Trace what a signature answers; what is returned converts it to an `onnx.ModelProto`."""
    if backend == "tensorflow":
        import tensorflow as tf
        import tf2onnx

        from keras_siamese.serving.signatures import make_portable_signatures

        # Not Keras's export, which also runs on Keras 3 alone: this has the names already.
        function, inputs = make_portable_signatures(model)[signature]
        return lambda: tf2onnx.convert.from_function(tf.function(function), inputs)[0]
    import torch

    from keras_siamese.serving.torch import quiet_export, torch_program

    program = torch_program(model, signature)
    names = program.graph_signature.user_inputs

    def converted() -> Any:
        with quiet_export():
            return torch.onnx.export(program, input_names=names, verbose=False).model_proto

    return converted


def _name_output(graph: Any, name: str) -> None:
    """Give the one output its name, wherever it is made."""
    (output,) = graph.graph.output
    before, output.name = output.name, name
    for node in graph.graph.node:
        for names in (node.input, node.output):
            for number, each in enumerate(names):
                if each == before:
                    names[number] = name


def _name_batch(graph: Any) -> None:
    """Give the first axis of all inputs and outputs one name instead of a number of TF's."""
    for value in (*graph.graph.input, *graph.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"

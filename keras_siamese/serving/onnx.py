"""Export of a siamese network as ONNX, for ONNX Runtime and the many others that read it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_siamese.atomic import atomic_write, made_folder
from keras_siamese.data import Preprocessing
from keras_siamese.serving.checks import (
    check_float32,
    check_network,
    check_new_file,
    preprocessing_text,
)
from keras_siamese.serving.signatures import make_portable_signatures

# Where a file's metadata holds its preprocessing, as JSON.
METADATA_KEY = "keras_siamese.preprocessing"


def export_onnx(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    signature: str = "serving_default",
    preprocessing: Preprocessing | None = None,
) -> Path:
    """Write a network as one ONNX file, whole or not at all.

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
    try:
        import onnx
        import tf2onnx
    except ImportError as error:
        raise ImportError(
            "ONNX needs tf2onnx and onnx. Install them: pip install 'keras_siamese[onnx]'"
        ) from error
    check_network(model)
    check_float32(model, "ONNX")
    reading = preprocessing_text(model, preprocessing)
    signatures = make_portable_signatures(model)
    if signature not in signatures:
        raise ValueError(
            f"Argument `signature` must be one of {tuple(signatures)}. Received: "
            f"signature={signature!r}. Write one file for each that you need."
        )
    target = check_new_file(path, overwrite=overwrite)
    function, inputs = signatures[signature]
    graph, _ = tf2onnx.convert.from_function(tf.function(function), inputs)
    try:
        # The converter leaves what it cannot convert in the graph under TensorFlow's name.
        onnx.checker.check_model(graph)
    except onnx.checker.ValidationError as error:
        raise ValueError(
            "Argument `model` must be made of layers that ONNX can express. Received: a network "
            f"for which the check says: {error}. Replace that layer in the encoder."
        ) from error
    _name_batch(graph)
    if reading is not None:
        entry = graph.metadata_props.add()
        entry.key, entry.value = METADATA_KEY, reading
    with made_folder(target.parent), atomic_write(target) as file:
        file.write(graph.SerializeToString())
    return target


def _name_batch(graph: Any) -> None:
    """Give the first axis of all inputs and outputs one name instead of a number of TF's."""
    for value in (*graph.graph.input, *graph.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"

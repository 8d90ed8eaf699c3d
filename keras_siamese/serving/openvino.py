"""Export of a siamese network for OpenVINO, on Intel's processors and others."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import keras

from keras_siamese.atomic import atomic_write, made_folder
from keras_siamese.compat import require_keras_3
from keras_siamese.data import Preprocessing
from keras_siamese.serving.checks import check_new_file, check_portable
from keras_siamese.serving.formats import require_backend
from keras_siamese.serving.layer_errors import layer_errors
from keras_siamese.serving.onnx import onnx_graph

# Where a file's runtime information holds its preprocessing, as JSON.
INFORMATION = ["keras_siamese", "preprocessing"]
ENDING = ".xml"


def export_openvino(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    signature: str = "serving_default",
    preprocessing: Preprocessing | None = None,
) -> Path:
    """Write a network for OpenVINO, `NAME.xml` and `NAME.bin`, with Keras on TensorFlow or PyTorch.

    OpenVINO alone runs it. It answers one question, which `signature` picks, and takes any batch
    size. Names, shapes and numbers are those of `export_onnx`, from whose graph it is made.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size, in float32.
        path: File to write, named `*.xml`; its folder is made where it is missing. The weights go
            next to it, to the same name with the ending `.bin`.
        overwrite: Whether files that exist are replaced.
        signature: "serving_default", "embed" or "compare".
        preprocessing: How raw pictures are read for the network, as for `export`. The file holds it
            as JSON in its runtime information, under "keras_siamese" and "preprocessing", where a
            network takes images of 1 or 3 channels.

    Returns:
        The path of the `.xml` file.

    Raises:
        ImportError: If openvino, or what `export_onnx` needs, is missing.
        ValueError: If Keras runs on another backend, the network does not fit, it has a layer that
            ONNX or OpenVINO cannot express, an argument is out of range, or a file exists and
            `overwrite` is False.
        OSError: If a file cannot be written, as on a full disk; nothing is left behind.

    Example:
        >>> from keras_siamese import dense_encoder, export_openvino, siamese_network
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> export_openvino(model, "siamese.xml").name
        'siamese.xml'
    """
    require_keras_3("keras_siamese.export_openvino")
    require_backend("openvino")
    try:
        import openvino
    except ImportError as error:
        raise ImportError(
            "OpenVINO's format needs openvino. Install it: pip install 'keras_siamese[openvino]'"
        ) from error
    if Path(path).suffix != ENDING:
        raise ValueError(
            f"`path` must end in {ENDING}, which OpenVINO knows its files by. Received: "
            f"path={os.fspath(path)!r}. Rename it."
        )
    target, reading = check_portable(
        "openvino",
        model,
        path,
        overwrite=overwrite,
        preprocessing=preprocessing,
        signature=signature,
    )
    weights = check_new_file(target.with_suffix(".bin"), overwrite=overwrite)
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder, "network.onnx")
        graph.write_bytes(onnx_graph(model, signature).SerializeToString())
        # Not `convert_model`, which reports to OpenVINO's makers that it was used.
        with layer_errors("OpenVINO"):
            converted = openvino.Core().read_model(graph)
        if reading is not None:
            converted.set_rt_info(reading, INFORMATION)
        openvino.serialize(converted, Path(folder, "network.xml"))
        del converted
        parts = [Path(folder, f"network{ending}").read_bytes() for ending in (".bin", ENDING)]
    with (
        made_folder(target.parent),
        atomic_write(target) as of_graph,
        atomic_write(weights) as of_weights,
    ):
        for file, content in zip((of_weights, of_graph), parts, strict=True):
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # The files take their places one after the other, and there the old graph must not meet new
        # weights: without a graph there is no network.
        target.unlink(missing_ok=True)
    return target

"""Export of a siamese network as a program of PyTorch, which runs without Keras."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from keras_siamese.atomic import atomic_write, made_folder
from keras_siamese.compat import require_keras_3
from keras_siamese.data import Preprocessing
from keras_siamese.serving.checks import check_portable
from keras_siamese.serving.layer_errors import layer_errors
from keras_siamese.serving.portable import portable_model

# Name under which a file holds its preprocessing.
PREPROCESSING_FILE = "preprocessing.json"


def export_torch(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    signature: str = "serving_default",
    preprocessing: Preprocessing | None = None,
) -> Path:
    """Write a network as a program of PyTorch (`.pt2`), whole or not at all.

    `torch.export.load(path).module()` gives what it computes, as a module that needs PyTorch alone.
    It answers one question, which `signature` picks, and takes any batch size. Keras must run on
    PyTorch to write it. Images are float32 in [0, 1], ink 1 and paper 0, of the network's size:

    - `serving_default`: `left`, `right`, images `(batch, height, width, channels)`, to the
      probability `(batch,)` that both show the same class.
    - `embed`: `image` `(batch, height, width, channels)` to embeddings `(batch, features)`.
    - `compare`: `left`, `right`, embeddings `(batch, features)`, to probabilities `(batch,)`.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size, in float32.
        path: File to write, named `*.pt2`; its folder is made where it is missing.
        overwrite: Whether a file that exists is replaced.
        signature: "serving_default", "embed" or "compare".
        preprocessing: How raw pictures are read for the network, as for `export`. The file holds it
            as the extra file `preprocessing.json`, where a network takes images of 1 or 3 channels:
            `torch.export.load(path, extra_files=files)` fills in `files["preprocessing.json"]`.

    Returns:
        The file's path.

    Raises:
        ValueError: If Keras runs on another backend, the network does not fit, it has a layer that
            PyTorch cannot export, an argument is out of range, or the file exists and `overwrite`
            is False.
        OSError: If the file cannot be written, as on a full disk; nothing is left behind.

    Example:
        >>> from keras_siamese import dense_encoder, export_torch, siamese_network
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> export_torch(model, "siamese.pt2").name  # doctest: +SKIP
        'siamese.pt2'
    """
    require_keras_3("keras_siamese.export_torch")
    target, reading = check_portable(
        "torch",
        model,
        path,
        overwrite=overwrite,
        preprocessing=preprocessing,
        signature=signature,
    )
    import torch

    program = torch_program(model, signature)
    extra = {} if reading is None else {PREPROCESSING_FILE: reading}
    # In memory first: PyTorch ends the process where a file that it writes cannot be written.
    content = io.BytesIO()
    torch.export.save(program, content, extra_files=extra)
    with made_folder(target.parent), atomic_write(target) as file:
        file.write(content.getbuffer())
    return target


def torch_program(model: keras.Model, signature: str) -> Any:
    """Return what a signature answers as a program of PyTorch.

    Not by Keras's own export, which writes all weights twice and gives the inputs no names.

    Args:
        model: Network on images of one known size, in float32, with Keras on PyTorch.
        signature: As for `export_torch`.

    Returns:
        `torch.export.ExportedProgram`, for any batch size.

    Raises:
        ValueError: If the network has a layer that PyTorch cannot export.
    """
    import torch

    portable = portable_model(model, signature)

    # The network is no part of these modules, so its weights become constants of the program.
    class OfTwo(torch.nn.Module):
        def forward(self, left: Any, right: Any) -> Any:
            return portable([left, right], training=False)

    class OfOne(torch.nn.Module):
        def forward(self, image: Any) -> Any:
            return portable(image, training=False)

    module = OfTwo() if len(portable.inputs) > 1 else OfOne()
    # Two rows: PyTorch takes a size of 1 for a constant. One name, so that both have as many rows.
    samples = tuple(keras.ops.ones((2, *each.shape[1:])) for each in portable.inputs)
    rows = {0: torch.export.Dim("batch")}
    with layer_errors("PyTorch's export"), quiet_export(), torch.no_grad():
        program = torch.export.export(
            module, samples, dynamic_shapes=(rows,) * len(samples), strict=False
        )
    for node in program.graph.nodes:
        # The lines of code that it was made by, with the folders of this machine.
        node.meta.pop("stack_trace", None)
    return program


@contextlib.contextmanager
def quiet_export() -> Iterator[None]:
    """Keep PyTorch from telling and warning of what is its own."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)

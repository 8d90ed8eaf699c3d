"""Export of a siamese network for LiteRT (TensorFlow Lite), on phones and small machines."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from pathlib import Path

import keras
import tensorflow as tf

from keras_siamese.atomic import atomic_write, made_folder
from keras_siamese.data import Preprocessing
from keras_siamese.serving.checks import check_portable
from keras_siamese.serving.file_errors import file_errors
from keras_siamese.serving.layer_errors import layer_errors
from keras_siamese.serving.saved_model import PREPROCESSING_FILE, write_archive
from keras_siamese.serving.signatures import make_portable_signatures


def export_litert(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    preprocessing: Preprocessing | None = None,
) -> Path:
    """Write a network as one LiteRT file (TensorFlow Lite's format), whole or not at all.

    It holds LiteRT's own operations only, in float32, so that every interpreter runs it, and
    answers under three signatures with shared weights. It takes any batch size: the signature
    runner resizes the inputs. Images are float32 in [0, 1], ink 1 and paper 0, of the network's
    size:

    - `serving_default`: `left`, `right`, images `(batch, height, width, channels)`, to
      `probability` `(batch,)` that both show the same class.
    - `embed`: `image` `(batch, height, width, channels)` to `embedding` `(batch, features)`.
    - `compare`: `left`, `right`, embeddings `(batch, features)`, to `probability` `(batch,)`.

    `embed` and `compare` together classify: every image is encoded once. Writing needs TensorFlow
    alone; the extra `litert` brings the interpreter.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size, in float32.
        path: File to write, named `*.tflite` by custom; its folder is made where it is missing.
        overwrite: Whether a file that exists is replaced.
        preprocessing: How raw pictures are read for the network, as for `export`. The file holds it
            as `preprocessing.json`, where a network takes images of 1 or 3 channels. As is usual
            for files that belong to a model of this format, it lies in a zip archive at the
            model's end: `zipfile.ZipFile(path).read("preprocessing.json")`.

    Returns:
        The file's path.

    Raises:
        ValueError: If the network does not fit, it has a layer that LiteRT cannot express, or the
            file exists and `overwrite` is False.
        OSError: If the file cannot be written, as on a full disk; nothing is left behind.

    Example:
        >>> from keras_siamese import dense_encoder, export_litert, siamese_network
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> export_litert(model, "siamese.tflite").name
        'siamese.tflite'
    """
    target, reading = check_portable(
        "litert", model, path, overwrite=overwrite, preprocessing=preprocessing
    )
    with made_folder(target.parent):
        content = _converted(model)
        with atomic_write(target) as file:
            file.write(content if reading is None else _with_preprocessing(content, reading))
    return target


def _converted(model: keras.Model) -> bytes:
    """Return a network in LiteRT's format."""
    signatures = make_portable_signatures(model)
    with tempfile.TemporaryDirectory() as folder:
        with file_errors(folder):
            write_archive(folder, signatures)
            converter = tf.lite.TFLiteConverter.from_saved_model(
                folder, signature_keys=list(signatures)
            )
        with layer_errors("LiteRT"):
            return converter.convert()


def _with_preprocessing(content: bytes, reading: str) -> bytes:
    """Return a model's file with a zip archive behind it, which interpreters pass over."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(PREPROCESSING_FILE, reading)
    return file.getvalue()

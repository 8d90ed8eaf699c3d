"""A siamese network in a file of Keras's format."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
import textwrap
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from keras_siamese.atomic import atomic_write
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.unreadable import sentence, what_is_at
from keras_siamese.models.finite_weights import check_finite_weights
from keras_siamese.models.twins import twin_encoder, twin_head

if TYPE_CHECKING:
    import keras

SUFFIX = ".keras"
# Next to Keras's own entries in the archive; Keras does not read it.
_PREPROCESSING = "preprocessing.json"
# What Keras writes of a network on images, and the entry above.
_ENTRIES = frozenset(
    ("metadata.json", "config.json", "model.weights.h5", "model.weights.npz", "assets/")
    + (_PREPROCESSING,)
)


class UnsafeKerasWarning(UserWarning):
    """A model's file is loaded by a version of Keras in which it could run code."""


def save_network(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    preprocessing: Preprocessing | None = None,
) -> None:
    """Write a network to a `.keras` file, whole or not at all.

    Keras's own `keras.saving.load_model` reads the file, too.

    Args:
        model: The network.
        path: The file; its folder must exist.
        preprocessing: How its images are read, kept in the file; None leaves it unsaid.

    Raises:
        OSError: If the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, f"model{SUFFIX}")
        model.save(written)
        if preprocessing is not None:
            with zipfile.ZipFile(written, "a") as archive:
                archive.writestr(_PREPROCESSING, json.dumps(preprocessing.to_json()))
        with atomic_write(path) as file, open(written, "rb") as content:
            shutil.copyfileobj(content, file)


def load_network(path: str | os.PathLike[str]) -> keras.Model:
    """Read a siamese network from a `.keras` file, in Keras's safe mode.

    The file's code is not run: a file from elsewhere can be read. This does not hold with Keras
    2.15 and other versions with known holes, which setup.py allows only next to tensorflow-addons;
    there a warning says so.

    Args:
        path: The file, as `save_network` or Keras's `model.save` writes it.

    Returns:
        The network, not compiled.

    Warns:
        UnsafeKerasWarning: If the file could run code with this version of Keras.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is damaged, was tampered with, holds another model, or
            has weights that are not finite.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(
            f"There is no file {str(file)!r}: it is {what_is_at(file)}. Correct the path."
        )
    try:
        if file.suffix != SUFFIX or not zipfile.is_zipfile(file):
            raise ValueError("it is no such file")
        model = load_model(file.read_bytes())
        twin_encoder(model)
        twin_head(model)
    # Damage shows wherever the first reader meets it: the archive, JSON, HDF5 or Keras.
    except Exception as error:
        reason = textwrap.shorten(str(error) or type(error).__name__, 300, placeholder=" ...")
        raise ValueError(
            f"{str(file)!r} must be a {SUFFIX} file of a siamese network. Received: "
            f"one that cannot be loaded: {sentence(reason)} Save the network again, or "
            "name another file."
        ) from error
    return model


def load_model(content: bytes) -> keras.Model:
    """Read a model from the content of a `.keras` file, in Keras's safe mode.

    A file of an earlier version holds Keras's own functional models, which would take uint8 for
    floats; they become `ImageModel`.

    Args:
        content: The file.

    Returns:
        The model, not compiled.

    Warns:
        UnsafeKerasWarning: As `load_network`.

    Raises:
        ValueError: If a weight is not finite.
        Exception: Of many kinds, if the content is damaged.
    """
    import keras

    from keras_siamese.compat import loads_safely
    from keras_siamese.models.image_model import ImageModel

    if not loads_safely(keras.__version__):
        warnings.warn(
            f"With Keras {keras.__version__} a file of a model can run code on this machine, and "
            "no check finds all that can. Load only files from people you trust; load "
            "others with Keras 3.15.1 or later (docs/stacks.md).",
            UnsafeKerasWarning,
            stacklevel=2,
        )

    _check_entries(content)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"model{SUFFIX}")
        file.write_bytes(content)
        model = keras.saving.load_model(
            file, compile=False, custom_objects={"Functional": ImageModel}
        )
    check_finite_weights(model)
    return model


def _check_entries(content: bytes) -> None:
    """Check what Keras would unpack: where that fails, its temporary folder stays."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        others = sorted(set(archive.namelist()) - _ENTRIES)
        if others:
            raise ValueError(f"it holds what is no part of an image network: {others[0]!r}")
        damaged = archive.testzip()
    if damaged is not None:
        raise ValueError(f"its {damaged!r} is damaged")


def network_preprocessing(path: str | os.PathLike[str]) -> Preprocessing | None:
    """Read how the images of a network in a `.keras` file are read.

    Args:
        path: The file.

    Returns:
        What `save_network` was given; None where the file does not say, as one of an earlier
        version or of Keras's `model.save`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if _PREPROCESSING not in archive.namelist():
                return None
            return Preprocessing.from_json(json.loads(archive.read(_PREPROCESSING)))
    except FileNotFoundError:
        raise
    # Damage shows wherever the first reader meets it: the archive or JSON.
    except Exception as error:
        raise ValueError(
            f"{os.fspath(path)!r} must be a {SUFFIX} file that says how images are read. "
            f"Received: one that does not: {sentence(error)} Save the network again, or "
            "name another file."
        ) from error

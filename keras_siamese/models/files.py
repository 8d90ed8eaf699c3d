"""A siamese network in a file of Keras's format."""

from __future__ import annotations

import os
import shutil
import tempfile
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from keras_siamese.data.atomic import atomic_write
from keras_siamese.models.twins import twin_encoder, twin_head

if TYPE_CHECKING:
    import keras

SUFFIX = ".keras"


def save_network(model: keras.Model, path: str | os.PathLike[str]) -> None:
    """Write a network to a `.keras` file, whole or not at all.

    Args:
        model: The network.
        path: The file; its folder must exist.

    Raises:
        OSError: If the file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, f"model{SUFFIX}")
        model.save(written)
        with atomic_write(path) as file, open(written, "rb") as content:
            shutil.copyfileobj(content, file)


def load_network(path: str | os.PathLike[str]) -> keras.Model:
    """Read a siamese network from a `.keras` file, in Keras's safe mode: no code is run.

    Args:
        path: The file, as `save_network` or Keras's `model.save` writes it.

    Returns:
        The network, not compiled.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is damaged, was tampered with, or holds another model.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"There is no file {str(file)!r}. Correct the path.")
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
            f"{str(file)!r} must be a {SUFFIX} file of a siamese network, but: {reason} Save the "
            "network again, or name another file."
        ) from error
    return model


def load_model(content: bytes) -> keras.Model:
    """Read a model from the content of a `.keras` file, in Keras's safe mode: no code is run.

    A file of an earlier version holds Keras's own functional models, which would take uint8 for
    floats; they become `ImageModel`.

    Args:
        content: The file.

    Returns:
        The model, not compiled.

    Raises:
        Exception: Of many kinds, if the content is damaged.
    """
    import keras

    from keras_siamese.models.image_model import ImageModel

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"model{SUFFIX}")
        file.write_bytes(content)
        return keras.saving.load_model(
            file, compile=False, custom_objects={"Functional": ImageModel}
        )

"""Reads a siamese network from a `.keras` file into NumPy, without Keras."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np

from keras_siamese.models.numpy_config import from_keras
from keras_siamese.models.numpy_network import NumpyNetwork, UnsupportedError


def read_archive(content: bytes) -> NumpyNetwork:
    """Read the network.

    Args:
        content: A `.keras` file, as Keras 3 writes it.

    Returns:
        The network.

    Raises:
        UnsupportedError: If the file is none that this reader knows to the last detail. Keras may
            read it, or say what is wrong with it.
    """
    try:
        import h5py

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            config = json.loads(archive.read("config.json"))
            with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
                weights = _weights_by_layer(file)
    except UnsupportedError:
        raise
    # Damage shows wherever the first reader meets it: the archive, JSON or HDF5.
    except Exception as error:
        raise UnsupportedError(f"a file of another kind: {error!r}") from error
    return from_keras(config, weights)


def _weights_by_layer(file: Any) -> dict[str, list[np.ndarray]]:
    """Return the weights of each layer by its name, which the file holds since Keras 3.4."""
    import h5py

    found: dict[str, list[np.ndarray]] = {}

    def visit(path: str, group: Any) -> None:
        if not isinstance(group, h5py.Group) or path.rsplit("/", 1)[-1] != "vars" or not len(group):
            return
        name = str(group.attrs["name"])
        if name in found:
            raise UnsupportedError(f"two layers are called {name!r}")
        found[name] = [np.asarray(group[str(place)], np.float32) for place in range(len(group))]
        if not all(np.isfinite(weight).all() for weight in found[name]):
            raise UnsupportedError(f"weights of {name!r} that are not finite")

    file.visititems(visit)
    return found

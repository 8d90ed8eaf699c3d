"""A siamese network that answers without TensorFlow, and hands many images to it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.evaluation.network import KerasNetwork, Network
from keras_siamese.models.network_files import load_model
from keras_siamese.models.numpy_config import read_archive
from keras_siamese.models.numpy_network import NumpyNetwork, UnsupportedError

if TYPE_CHECKING:
    import keras

# Multiplications after which starting TensorFlow, or where it runs building the model, has paid:
# 1,800 and 120 images for the network that ships. docs/speed.md says what was measured.
_START_TENSORFLOW = 3e11
_BUILD_MODEL = 2e10
# Held while a model is loaded: threads that ask at once get the same one. It belongs to no network,
# which could not be copied with it.
_LOADING = threading.RLock()


class LightNetwork:
    """A siamese network in NumPy until there is work for Keras; see `Network`.

    The answers of both are the same to 1e-5. Keras takes over for good once the images so far and
    the current ones are so many that it is sooner done with them, or once the model was asked for,
    which may then be trained on.

    Args:
        network: The network in NumPy.
        load_model: Loads the same network as a Keras model.
    """

    def __init__(self, network: NumpyNetwork, load_model: Callable[[], keras.Model]) -> None:
        """Store the arguments; see the class."""
        self.input_shape = network.input_shape
        self.num_features = network.num_features
        self._network = network
        self._load_model = load_model
        self._keras: KerasNetwork | None = None
        self._spent = 0

    @property
    def head(self) -> Any:
        """The head."""
        network = self._keras
        return self._network.head if network is None else network.head

    @property
    def digest(self) -> str:
        """The digest of its weights."""
        network = self._keras
        return self._network.digest if network is None else network.digest

    @property
    def model(self) -> keras.Model:
        """The network as a Keras model, loaded when it is first asked for."""
        return self._in_keras().model

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Encode images, each once; see `Network`."""
        self._spent += len(images) * self._network.multiplications
        limit = _BUILD_MODEL if "tensorflow" in sys.modules else _START_TENSORFLOW
        if self._keras is None and self._spent < limit:
            return self._network.encode(images)
        return self._in_keras().encode(images)

    def _in_keras(self) -> KerasNetwork:
        with _LOADING:
            if self._keras is None:
                self._keras = KerasNetwork(self._load_model())
            return self._keras


def open_light(content: bytes) -> LightNetwork | None:
    """Open a siamese network from the content of a `.keras` file, without Keras.

    Args:
        content: The file.

    Returns:
        The network; None where only Keras can run it, or say what is wrong with it.
    """
    try:
        network = read_archive(content)
    except UnsupportedError:
        return None
    return LightNetwork(network, lambda: load_model(content))


def open_network(content: bytes) -> Network:
    """Open a siamese network from the content of a `.keras` file, in Keras only where it must be.

    Args:
        content: The file.

    Returns:
        The network.

    Raises:
        Exception: Of many kinds, if the content is damaged.
    """
    return open_light(content) or KerasNetwork(load_model(content))

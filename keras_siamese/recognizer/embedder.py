"""A siamese network with how its images are read: raw pictures in, embeddings out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.data.images.fitting import fitting_preprocessing
from keras_siamese.data.images.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.pictures import read_pictures
from keras_siamese.evaluation.network import Network, as_network
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.recognizer.state import State

if TYPE_CHECKING:
    import keras

# Held while a change replaces the state, so that two threads cannot overwrite each other's change.
# It is not an attribute of a recognizer, which could then not be copied.
_CHANGING = threading.Lock()


class Embedder:
    """The network and how its images are read; see `Recognizer`.

    Args:
        model: As for `Recognizer`.
        preprocessing: As for `Recognizer`.
        state: What changes while it is used, at first.

    Attributes:
        preprocessing: As for `Recognizer`.
        novelty: As for `Recognizer`.

    Raises:
        ValueError: If the network and the preprocessing do not fit each other.
    """

    def __init__(
        self, model: keras.Model | Network, preprocessing: Preprocessing | None, state: State
    ) -> None:
        """Check the arguments; see the class."""
        self._network: Network = as_network(model)
        self.preprocessing = fitting_preprocessing(preprocessing, self._network.input_shape)
        self._state = state

    @property
    def model(self) -> keras.Model:
        """The siamese network."""
        return self._network.model

    @property
    def network(self) -> Network:
        """What computes the embeddings: in NumPy for few images, else the model."""
        return self._network

    @property
    def novelty(self) -> Novelty | None:
        """What tells images that are unlike those the network was trained on; or None."""
        return self._state.novelty

    @novelty.setter
    def novelty(self, value: Novelty | None) -> None:
        self._change(lambda state: replace(state, novelty=value))

    def embed(self, images: Any, *, on_unreadable: OnUnreadable | None = None) -> np.ndarray:
        """Return the embeddings of images: vectors that are close where images are similar.

        Args:
            images: One image or a batch.
            on_unreadable: Called with the error of each image that cannot be read, which is then
                left out. None raises the first error.

        Returns:
            `(n, features)`, float32; `(1, features)` for one image.

        Raises:
            ValueError: If an image cannot be read.
            OSError: If a file cannot be read.

        Example:
            >>> from keras_siamese import Recognizer, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=2).images[:4]
            >>> Recognizer.from_preset("omniglot").embed(images).shape
            (4, 9216)
        """
        pictures = read_pictures(images, self.preprocessing, on_unreadable=on_unreadable)
        return self.encode(pictures.images)[pictures.rows[pictures.rows >= 0]]

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the embeddings of images that were read already, by `preprocessing`.

        Args:
            images: `(n, height, width, channels)`, uint8, ink 255, as `preprocessing.read_batch`
                returns them.

        Returns:
            `(n, features)`, float32.

        Raises:
            ValueError: If the images have another type or shape, or the network's answer is not
                finite.
        """
        given = np.asarray(images)
        if given.dtype != np.uint8 or given.shape[1:] != self.preprocessing.shape:
            raise ValueError(
                "`images` must be read already: uint8 of shape (n, "
                f"{', '.join(map(str, self.preprocessing.shape))}). Received: {given.dtype} of "
                f"shape {given.shape}. Use `embed` for other images."
            )
        if not len(given):
            return np.zeros((0, self._network.num_features), np.float32)
        embeddings = self._network.encode(given)
        if not np.isfinite(embeddings).all():
            raise ValueError(
                "The network must give finite embeddings. Received: NaN or inf. Its weights are "
                "damaged, or its training diverged: train it again."
            )
        return embeddings

    def _change(self, change: Callable[[State], State]) -> None:
        """Replace the present state by another, in one step."""
        with _CHANGING:
            self._state = change(self._state)

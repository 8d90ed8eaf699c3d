"""A siamese network in NumPy: encoder and head, for inference without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.models import numpy_layers as layers
from keras_siamese.models.numpy_heads import NumpyHead
from keras_siamese.models.weights_digest import weights_digest

# Images at a time: their windows stay below 50 MB in the network that ships.
_BATCH = 8


class UnsupportedError(ValueError):
    """A network that only Keras can run."""


@dataclass(frozen=True)
class NumpyNetwork:
    """Encoder and head of a siamese network.

    Attributes:
        layers: The encoder's layers.
        input_shape: Height, width and channels of an image.
        head: The head.
        digest: `weights_digest` of all weights.

    Raises:
        UnsupportedError: If the parts do not fit each other, or a weight is not finite.
    """

    layers: tuple[layers.Layer, ...]
    input_shape: tuple[int, int, int]
    head: NumpyHead
    digest: str

    def __post_init__(self) -> None:
        """Check that the parts fit each other."""
        try:
            shape = layers.shape_after(self.layers, self.input_shape)
        except ValueError as error:
            raise UnsupportedError(str(error)) from error
        if len(shape) != 1 or not self.head.fits(shape[0]):
            raise UnsupportedError(f"the head does not fit embeddings of shape {shape}")
        if not all(np.isfinite(value).all() for value in self.head.weights):
            raise UnsupportedError("a weight of the head is not finite")

    @property
    def num_features(self) -> int:
        """Length of an embedding."""
        return layers.shape_after(self.layers, self.input_shape)[0]

    @property
    def multiplications(self) -> int:
        """Multiplications for one image, as a measure of time."""
        return layers.multiplications(self.layers, self.input_shape)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Encode images.

        Args:
            images: `(n, height, width, channels)`, uint8, ink 255, or float in [0, 1].

        Returns:
            `(n, features)`, float32.
        """
        scale = np.float32(255 if images.dtype == np.uint8 else 1)
        embeddings = np.empty((len(images), self.num_features), np.float32)
        for start in range(0, len(images), _BATCH):
            batch = images[start : start + _BATCH].astype(np.float32) / scale
            embeddings[start : start + _BATCH] = layers.run(self.layers, batch)
        return embeddings


def from_card(card: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> NumpyNetwork:
    """Make a network that ships: `conv_encoder` with the arguments of its card, and a head.

    Args:
        card: As `pretrained.build` takes it.
        weights: By layer and name, such as "conv1/kernel".

    Returns:
        The network.

    Raises:
        UnsupportedError: If card and weights do not fit each other.
    """
    settings = card["encoder"]
    units = settings.get("units", 1024)
    chain: list[layers.Layer] = []
    try:
        for index in range(1, len(settings["filters"]) + 1):
            chain.append(layers.Conv2D(weights[f"conv{index}/kernel"], same=True))
            if index <= settings.get("num_pools", 3):
                chain.append(layers.MaxPooling2D())
            norm = [weights[f"norm{index}/{name}"] for name in _NORMALIZATION]
            # The epsilon is Keras's default, which `conv_encoder` leaves.
            chain.append(layers.Affine.batch_normalization(*norm, epsilon=1e-3))
            if units is not None or index < len(settings["filters"]):
                chain.append(layers.Activation("relu"))
        chain.append(layers.Flatten())
        if units is None:
            chain.append(layers.Activation("sigmoid"))
        else:
            kernel, bias = weights["embedding/kernel"], weights["embedding/bias"]
            chain.append(layers.Dense(kernel, bias, "sigmoid"))
        channels = weights["conv1/kernel"].shape[2]
        head = NumpyHead((weights["weighted_l1/kernel"], weights["weighted_l1/bias"]))
    except KeyError as error:
        raise UnsupportedError(f"there is no weight {error}") from error
    encoder = tuple(chain)
    if card.get("mirrored", False):
        encoder = (layers.Mirrored(encoder),)
    shape = (card["image_size"], card["image_size"], channels)
    return NumpyNetwork(encoder, shape, head, weights_digest(weights.values()))


_NORMALIZATION = ("gamma", "beta", "moving_mean", "moving_variance")

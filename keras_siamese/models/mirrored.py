"""Averaging a network's answer over mirror images, as test-time augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

import keras
import numpy as np

from keras_siamese.compat import ops
from keras_siamese.models.layer_head import LayerHead
from keras_siamese.models.siamese import siamese_network
from keras_siamese.models.twins import twin_encoder, twin_head
from keras_siamese.models.weighted_l1 import WeightedL1

# The image, left to right, top to bottom, both: the axes of (batch, height, width, channels).
_MIRRORINGS: tuple[tuple[int, ...], ...] = ((), (2,), (1,), (1, 2))
# The mirrorings alone, or all symmetries of the square.
SYMMETRIES = (4, 8)


@keras.saving.register_keras_serializable(package="keras_siamese")
class MirroredEncoder(keras.layers.Layer):
    """Encodes an image and its mirror images with one encoder, and joins the embeddings.

    Args:
        encoder: Model from images to vectors.
        symmetries: 4, or 8 for all symmetries of the square.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Images `(batch, height, width, channels)`; square where there are 8 symmetries.

    Returns:
        Vectors `(batch, symmetries * features)`: the embeddings of the image, of the image mirrored
        left to right, top to bottom, and both; of 8, then the same with rows and columns exchanged.
    """

    def __init__(self, encoder: keras.Model, symmetries: int = 4, **kwargs: Any) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(**kwargs)
        self.encoder = encoder
        self.symmetries = int(symmetries)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Encode all images in one call; see the class for the call arguments."""
        turned = [inputs] if self.symmetries == 4 else [inputs, _transpose(inputs)]
        mirrored = [_flip(images, axes) for images in turned for axes in _MIRRORINGS]
        images = ops.reshape(ops.stack(mirrored, axis=1), (-1, *inputs.shape[1:]))
        features = self.encoder.output_shape[-1]
        embeddings = self.encoder(images, training=training)
        return ops.reshape(embeddings, (-1, self.symmetries * features))

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the vectors.

        Args:
            input_shape: Shape of the images.

        Returns:
            `(batch, symmetries * features)`.
        """
        return input_shape[0], self.symmetries * self.encoder.output_shape[-1]

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**super().get_config(), "encoder": encoder, "symmetries": self.symmetries}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MirroredEncoder:
        """Make the layer from its configuration.

        Args:
            config: What `get_config` returned.

        Returns:
            The layer.
        """
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})


@keras.saving.register_keras_serializable(package="keras_siamese")
class MirroredHead(keras.layers.Layer):
    """Averages a head's logits over the parts of a `MirroredEncoder`'s vectors.

    Args:
        head: Layer from two embeddings to logits `(batch, 1)`.
        symmetries: Number of parts.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Pair of vectors, each `(batch, symmetries * features)`.

    Returns:
        Logits `(batch, 1)`: the mean of the head's, part by part.
    """

    def __init__(self, head: keras.layers.Layer, symmetries: int = 4, **kwargs: Any) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(**kwargs)
        self.head = head
        self.symmetries = int(symmetries)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Build the head.

        Args:
            input_shape: The two shapes `(batch, symmetries * features)`.
        """
        features = input_shape[0][-1] // self.symmetries
        if not self.head.built:
            self.head([keras.Input((features,)) for _ in range(2)])
        self.built = True

    def call(self, inputs: Sequence[Any]) -> Any:
        """Average the head's logits; see the class for the call arguments."""
        parts = self.symmetries
        features = inputs[0].shape[-1] // parts
        logits = self.head([ops.reshape(side, (-1, features)) for side in inputs])
        return ops.mean(ops.reshape(logits, (-1, parts)), axis=1, keepdims=True)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the logits.

        Args:
            input_shape: The two shapes `(batch, 4 * features)`.

        Returns:
            `(batch, 1)`.
        """
        return input_shape[0][0], 1

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        head = keras.saving.serialize_keras_object(self.head)
        return {**super().get_config(), "head": head, "symmetries": self.symmetries}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MirroredHead:
        """Make the layer from its configuration.

        Args:
            config: What `get_config` returned.

        Returns:
            The layer.
        """
        head = keras.saving.deserialize_keras_object(config["head"])
        return cls(**{**config, "head": head})


def average_mirrored(model: keras.Model, symmetries: int = 4) -> keras.Model:
    """Build a siamese network whose logit is the mean over mirror images of both its images.

    Test-time augmentation, for networks that were trained on mirrored episodes (`EpisodeConfig`'s
    `symmetries`): the image, mirrored left to right, top to bottom and both; with 8 symmetries the
    same four with rows and columns exchanged, too. A weighted L1 distance stays one: the embeddings
    are joined, and each carries its share of alpha. Encoding takes four or eight times as long. The
    encoder's weights are shared with `model`; those of the weighted L1 distance are copied; any
    other head is shared, and called on each.

    Args:
        model: Model made by `siamese_network`. One that averages already, as `load_pretrained`
            gives it, is taken apart first (`without_mirroring`).
        symmetries: 4, or 8 for all symmetries of the square.

    Returns:
        Siamese network with embeddings four or eight times as long.

    Raises:
        ValueError: If `model` was not made by `siamese_network`, its encoder takes no images, or
            none that are square where there are 8 symmetries; if `symmetries` is neither.

    Example:
        >>> from keras_siamese import conv_encoder, siamese_network, twin_encoder
        >>> from keras_siamese.models import average_mirrored
        >>> model = siamese_network(conv_encoder((9, 9, 1), filters=(2,), num_pools=1, units=5))
        >>> twin_encoder(average_mirrored(model)).output_shape
        (None, 20)
    """
    if symmetries not in SYMMETRIES or isinstance(symmetries, bool):
        raise ValueError(
            f"`symmetries` must be one of {SYMMETRIES}. Received: symmetries={symmetries!r}. Give "
            "4 for mirror images, 8 for all symmetries of the square."
        )
    if is_mirrored(model):
        model = without_mirroring(model)
    encoder, head = twin_encoder(model), twin_head(model)
    shape = encoder.input_shape[1:]
    if len(shape) != 3:
        raise ValueError(
            "`model` must have an encoder of images, (batch, height, width, channels). Received: "
            f"an encoder of shape {(None, *shape)}. Take it without mirror images: vectors have "
            "none."
        )
    if symmetries == 8 and (shape[0] is None or shape[0] != shape[1]):
        raise ValueError(
            "`model` must take square images for 8 symmetries. Received: an encoder of "
            f"shape {(None, *shape)}. Take 4."
        )
    image = keras.Input(shape, name="image")
    # It computes nothing itself: an encoder in less than float32 does its casts itself.
    joined = MirroredEncoder(encoder, symmetries, name="mirrored", dtype="float32")(image)
    longer = keras.Model(image, joined, name="encoder")
    if not _is_weighted_l1(head):
        mean = MirroredHead(head, symmetries, name="mirrored")
        return siamese_network(longer, head=mean, name=model.name)
    averaged = siamese_network(longer, use_bias=head.use_bias, name=model.name)
    weights = head.get_weights()
    # The head adds up the differences of all embeddings: so many parts of that are the mean.
    weights[0] = np.tile(weights[0], (symmetries, 1)) / np.float32(symmetries)
    twin_head(averaged).set_weights(weights)
    return averaged


def is_mirrored(model: keras.Model) -> bool:
    """Say whether a siamese network averages over mirror images, as `average_mirrored` makes it."""
    return _mirrored_layer(model) is not None


def without_mirroring(model: keras.Model) -> keras.Model:
    """Return the siamese network that `average_mirrored` was given: a part of the work.

    Args:
        model: What `average_mirrored` returned, trained or loaded.

    Returns:
        Siamese network; the encoder's weights are shared with `model`, those of a weighted L1
        distance copied, those of any other head shared. How such a head was calibrated since
        `average_mirrored` is left behind.

    Raises:
        ValueError: If `model` does not average over mirror images.
    """
    layer = _mirrored_layer(model)
    if layer is None:
        raise ValueError(
            "`model` must average over mirror images. Received: one that does not. Take "
            "it as it is."
        )
    head = twin_head(model)
    if isinstance(head, LayerHead) and isinstance(head.layer, MirroredHead):
        return siamese_network(layer.encoder, head=head.layer.head, name=model.name)
    single = siamese_network(layer.encoder, use_bias=head.use_bias, name=model.name)
    weights = head.get_weights()
    parts = np.split(weights[0], layer.symmetries)
    weights[0] = np.sum(parts, axis=0, dtype=np.float32)
    twin_head(single).set_weights(weights)
    return single


def _is_weighted_l1(head: Any) -> TypeGuard[WeightedL1]:
    return isinstance(head, WeightedL1) and head.in_numpy() is not None


def _mirrored_layer(model: keras.Model) -> MirroredEncoder | None:
    layers = twin_encoder(model).layers
    return next((layer for layer in layers if isinstance(layer, MirroredEncoder)), None)


def _transpose(images: Any) -> Any:
    """Exchange rows and columns of images."""
    return ops.transpose(images, (0, 2, 1, 3))


def _flip(images: Any, axes: tuple[int, ...]) -> Any:
    """Reverse some axes of images."""
    # Keras 3.12, the last for Python 3.10, takes one axis at a time.
    for axis in axes:
        images = ops.flip(images, axis=axis)
    return images

"""What a recognizer needs of a siamese network: embeddings of images, and the head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import keras


class Network(Protocol):
    """A siamese network, whatever computes its embeddings.

    Attributes:
        input_shape: Height, width and channels of its images; None where any size will do.
        num_features: Length of an embedding.
        head: What `class_logits` and `head_logits` take: the layer, or a `NumpyHead`.
        digest: `weights_digest` of its weights.
        model: The network as a Keras model.
    """

    @property
    def input_shape(self) -> tuple[int | None, int | None, int]: ...  # noqa: D102

    @property
    def num_features(self) -> int: ...  # noqa: D102

    @property
    def head(self) -> Any: ...  # noqa: D102

    @property
    def digest(self) -> str: ...  # noqa: D102

    @property
    def model(self) -> keras.Model: ...  # noqa: D102

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Encode images, each once.

        Args:
            images: `(n, height, width, channels)`, uint8, ink 255.

        Returns:
            `(n, num_features)`, float32.
        """
        ...


class KerasNetwork:
    """A siamese network in Keras; see `Network`.

    Args:
        model: As made by `siamese_network`.
        batch_size: Images per encoder call.

    Raises:
        ValueError: If `model` is no siamese network of images.
    """

    def __init__(self, model: keras.Model, *, batch_size: int = 256) -> None:
        """Check the model."""
        from keras_siamese.models import twin_encoder, twin_head

        self.model = model
        self.batch_size = batch_size
        self._encoder, self.head = twin_encoder(model), twin_head(model)
        shape = tuple(self._encoder.input_shape[1:])
        if len(shape) != 3 or shape[2] not in (1, 3):
            raise ValueError(
                "`model` must be a network of images with 1 or 3 channels. Received: one "
                f"that takes {shape}. Use OneShotClassifier and Verifier for it."
            )
        self.input_shape: tuple[int | None, int | None, int] = shape
        self.num_features = int(self._encoder.output_shape[-1])

    @property
    def digest(self) -> str:
        """The digest of its weights as they are now."""
        return keras_digest(self.model)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Encode images, each once; see `Network`."""
        from keras_siamese.evaluation.embeddings import encode_images

        return encode_images(self._encoder, images, batch_size=self.batch_size)


def keras_digest(model: keras.Model) -> str:
    """Return `weights_digest` of a Keras model, of its weights as they are now.

    Args:
        model: The model.

    Returns:
        The digest.
    """
    from keras_siamese.compat import to_numpy
    from keras_siamese.models.weights_digest import weights_digest

    return weights_digest(to_numpy(weight) for weight in model.weights)


def as_network(model: keras.Model | Network) -> Network:
    """Return a network that encodes, from one or from a Keras model.

    Args:
        model: A `Network`, or a model as made by `siamese_network`.

    Returns:
        The network.

    Raises:
        ValueError: As `KerasNetwork`.
    """
    return model if hasattr(model, "encode") else KerasNetwork(model)

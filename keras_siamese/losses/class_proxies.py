"""One trained vector per class, and the similarity of embeddings to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.argument_checks import check_float32, check_whole
from keras_siamese.compat import ops, require_keras_3
from keras_siamese.losses.distances import all_cosines


@keras.saving.register_keras_serializable(package="keras_siamese")
class ClassProxies(keras.layers.Layer):
    """Cosine of the angle between an embedding and a trained vector of each class.

    Put it behind the encoder while you train with `ProxyAnchorLoss` or `ArcFaceLoss`, and keep the
    encoder alone afterwards. Its weights are trained by `fit` and saved like those of any layer.
    It always computes in float32.

    Args:
        num_classes: Classes of the training images, at least 2.
        initializer: Of the vectors. Only their direction counts.
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Embeddings, `(batch, features)`, float.

    Returns:
        Similarities, `(batch, num_classes)`, float32, in [-1, 1].

    Raises:
        ValueError: If an argument is out of range, or the inputs have another shape.

    Example:
        >>> import keras
        >>> from keras_siamese.losses import ArcFaceLoss, ClassProxies
        >>> encoder = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> model = keras.Sequential([encoder, ClassProxies(num_classes=5)])
        >>> model.compile("adam", ArcFaceLoss())
        >>> model.output_shape
        (None, 5)
    """

    def __init__(
        self,
        num_classes: int,
        initializer: Any = "he_normal",
        *,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Create the layer; see the class for the arguments."""
        require_keras_3("ClassProxies")
        super().__init__(dtype="float32" if dtype is None else dtype, **kwargs)
        check_float32(self, dtype)
        self.num_classes = check_whole("num_classes", num_classes, least=2)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create the vectors.

        Args:
            input_shape: `(batch, features)`.

        Raises:
            ValueError: If this is no such shape with known features.
        """
        if len(input_shape) != 2 or input_shape[1] is None:
            raise ValueError(
                "`inputs` of ClassProxies must have the shape (batch, features) with a "
                f"known number of features. Received: shape {tuple(input_shape)}. Flatten the "
                "encoder's output."
            )
        self.proxies = self.add_weight(
            name="proxies", shape=(self.num_classes, input_shape[1]), initializer=self.initializer
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Compute the similarities; see the class for the call arguments."""
        return all_cosines(inputs, ops.convert_to_tensor(self.proxies))

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the similarities.

        Args:
            input_shape: `(batch, features)`.

        Returns:
            `(batch, num_classes)`.
        """
        return input_shape[0], self.num_classes

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        initializer = keras.initializers.serialize(self.initializer)
        own = {"num_classes": self.num_classes, "initializer": initializer}
        return {**super().get_config(), **own}


__all__ = ["ClassProxies"]

"""A head made of any Keras layer of two embeddings, with what calibrates its logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.compat import ops, to_numpy
from keras_siamese.models.head import Head
from keras_siamese.models.numpy_heads import NumpyHead


@keras.saving.register_keras_serializable(package="keras_siamese")
class LayerHead(Head):
    """Logit that any layer of two embeddings gives.

    Computes `s layer([h1, h2]) + b` in float32. The scale s and the bias b are 1 and 0, and are not
    trained: `calibrate` sets them.

    Args:
        layer: Layer or model, called as `layer([h1, h2])` with embeddings `(batch, features)`. It
            gives logits `(batch, 1)`, higher where the embeddings are more similar. It need not be
            symmetric: h1 is the left image or the query, h2 the right or support image.
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Pair `[h1, h2]` of embeddings, each `(batch, features)`, float.

    Returns:
        Logits `(batch, 1)`, float32, unbounded.

    Raises:
        ValueError: If `layer` is no layer, or gives another shape; if `dtype` is not float32; if
            the inputs are not two tensors of one shape `(batch, features)`.

    Example:
        >>> import keras, numpy as np
        >>> from keras_siamese.models import LayerHead
        >>> head = LayerHead(keras.layers.Dot(axes=1))
        >>> float(head([np.full((1, 2), 2.0), np.full((1, 2), 3.0)])[0, 0])
        12.0
    """

    def __init__(self, layer: keras.layers.Layer, *, dtype: Any = None, **kwargs: Any) -> None:
        """Create the head; see the class for the arguments."""
        super().__init__(dtype=dtype, **kwargs)
        if not isinstance(layer, keras.layers.Layer):
            raise ValueError(
                "`layer` of LayerHead must be a Keras layer of two embeddings. Received: "
                f"layer={layer!r}. Give one that is called as layer([h1, h2])."
            )
        self.layer = layer

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create scale and bias, and build the layer.

        Args:
            input_shape: The two shapes `(batch, features)`.

        Raises:
            ValueError: If these are not two shapes `(batch, features)`, or the layer gives anything
                but `(batch, 1)` for them.
        """
        features = self.sizes(input_shape)[1]
        embeddings = [keras.Input((features,)) for _ in range(2)]
        _check_logits(self.layer, self.layer(embeddings))
        constant = {"shape": (1,), "trainable": False}
        self.scale = self.add_weight(name="scale", initializer="ones", **constant)
        self.bias = self.add_weight(name="bias", initializer="zeros", **constant)
        self.built = True

    def call(self, inputs: Sequence[Any]) -> Any:
        """Compute the logits; see the class for the call arguments."""
        logits = ops.cast(self.layer(list(self.pair(inputs))), "float32")
        return ops.add(ops.multiply(logits, self.scale), self.bias)

    def in_numpy(self) -> NumpyHead | None:
        """Return the same head in NumPy; None where only the layer knows what it computes."""
        of_layer = getattr(self.layer, "in_numpy", lambda: None)()
        if of_layer is None or type(self).call is not LayerHead.call:
            return None
        scale, bias = (float(to_numpy(value)[0]) for value in (self.scale, self.bias))
        return of_layer.scaled(scale, bias)

    def scale_logits(self, slope: float, offset: float) -> None:
        """Change scale and bias so that a logit z becomes `slope * z + offset`.

        Args:
            slope: Positive.
            offset: Any number.
        """
        self.scale.assign(self.scale * slope)
        self.bias.assign(self.bias * slope + offset)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the head can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        layer = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": layer}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LayerHead:
        """Make the head from its configuration.

        Args:
            config: What `get_config` returned.

        Returns:
            The head.
        """
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})


def _check_logits(layer: keras.layers.Layer, output: Any) -> None:
    """Check that a layer gives one number a pair."""
    shape = getattr(output, "shape", None)
    if shape is None or len(shape) != 2 or shape[1] != 1:
        found = f"outputs of shape {tuple(shape)}" if shape is not None else f"{type(output)}"
        raise ValueError(
            f"`head` must give logits of shape (batch, 1) for two embeddings. Received: "
            f"{layer.name!r}, which gives {found}. End it with Dense(1), or sum over the features "
            "with keepdims=True."
        )

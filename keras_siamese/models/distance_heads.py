"""Heads without a weight per feature: Euclidean distance and cosine, with a scale and a bias."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np

from keras_siamese.argument_checks import check_number
from keras_siamese.compat import ops
from keras_siamese.models.head import Head
from keras_siamese.models.numpy_heads import COSINE, EUCLIDEAN, NumpyHead


class _ScaledHead(Head, ABC):
    """A similarity of two embeddings, times a positive scale, plus a bias."""

    kind: ClassVar[str]

    def __init__(self, scale: float, bias: float, *, dtype: Any, **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.initial_scale = check_number("scale", scale, above=0.0)
        self.initial_bias = check_number("bias", bias)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create the scale's logarithm, which keeps the scale positive, and the bias.

        Args:
            input_shape: The two shapes `(batch, features)`.

        Raises:
            ValueError: If these are not two shapes `(batch, features)`.
        """
        self.sizes(input_shape)
        constant = keras.initializers.Constant
        self.log_scale = self.add_weight(
            name="log_scale", shape=(1,), initializer=constant(float(np.log(self.initial_scale)))
        )
        self.bias = self.add_weight(
            name="bias", shape=(1,), initializer=constant(self.initial_bias)
        )
        self.built = True

    def call(self, inputs: Sequence[Any]) -> Any:
        """Compute the logits; see the class for the call arguments."""
        first, second = self.pair(inputs)
        similar = self.similarity(first, second)
        return ops.add(ops.multiply(ops.exp(self.log_scale), similar), self.bias)

    @abstractmethod
    def similarity(self, first: Any, second: Any) -> Any:
        """Return the similarity `(batch, 1)` of embeddings `(batch, features)`, float32."""

    def in_numpy(self) -> NumpyHead | None:
        """Return the same head in NumPy; None for a subclass that computes something else."""
        own, known = type(self), _KINDS[self.kind]
        if own.call is not known.call or own.similarity is not known.similarity:
            return None
        return NumpyHead(tuple(self.get_weights()), self.kind)

    def scale_logits(self, slope: float, offset: float) -> None:
        """Change the weights so that a logit z becomes `slope * z + offset`.

        Args:
            slope: Positive.
            offset: Any number.
        """
        log_scale, bias = self.get_weights()
        self.set_weights([log_scale + np.log(slope), slope * bias + offset])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        config = {"scale": self.initial_scale, "bias": self.initial_bias}
        return {**super().get_config(), **config}


@keras.saving.register_keras_serializable(package="keras_siamese")
class EuclideanHead(_ScaledHead):
    """Logit that falls with the Euclidean distance of two embeddings.

    Computes `-s ||h1 - h2|| + b`, the distance of Hadsell et al. 2006 ("Dimensionality reduction by
    learning an invariant mapping", eq. 1) with a trainable scale s > 0 and bias b. The weight
    `log_scale` holds log s, so that s stays positive. The layer always computes in float32. At
    equal embeddings the gradient by the embeddings is 0.

    Args:
        scale: Positive number, s at the beginning.
        bias: Number, b at the beginning.
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Pair `[h1, h2]` of embeddings, each `(batch, features)`, float.

    Returns:
        Logits `(batch, 1)`, float32, at most b.

    Raises:
        ValueError: If `scale` is not positive, `dtype` is not float32, or the inputs are not two
            tensors of one shape `(batch, features)`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import EuclideanHead
        >>> layer = EuclideanHead(scale=2.0, bias=1.0)
        >>> float(layer([np.zeros((1, 2)), np.array([[3.0, 4.0]])])[0, 0])
        -9.0
    """

    kind = EUCLIDEAN

    def __init__(
        self, scale: float = 1.0, bias: float = 0.0, *, dtype: Any = None, **kwargs: Any
    ) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(scale, bias, dtype=dtype, **kwargs)

    def similarity(self, first: Any, second: Any) -> Any:
        """Return minus the Euclidean distance `(batch, 1)`."""
        squares = ops.square(ops.subtract(first, second))
        squared = ops.sum(squares, axis=-1, keepdims=True)
        # The root has no finite gradient at 0; the other branch keeps NaN out of the gradient.
        apart = squared > 0
        distance = ops.sqrt(ops.where(apart, squared, ops.ones_like(squared)))
        return ops.where(apart, -distance, ops.zeros_like(squared))


@keras.saving.register_keras_serializable(package="keras_siamese")
class CosineHead(_ScaledHead):
    """Logit that rises with the cosine of two embeddings.

    Computes `s cos(h1, h2) + b` with a trainable scale s > 0 and bias b. The weight `log_scale`
    holds log s, so that s stays positive. They begin as in Zhai et al. 2023 ("Sigmoid loss for
    language image pre-training", sec. 3.2), at 10 and -10. The layer always computes in float32.
    The cosine of a vector of zeros is 0 to every other.

    Args:
        scale: Positive number, s at the beginning.
        bias: Number, b at the beginning.
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Pair `[h1, h2]` of embeddings, each `(batch, features)`, float.

    Returns:
        Logits `(batch, 1)`, float32, in [b - s, b + s].

    Raises:
        ValueError: If `scale` is not positive, `dtype` is not float32, or the inputs are not two
            tensors of one shape `(batch, features)`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import CosineHead
        >>> layer = CosineHead(scale=10.0, bias=0.0)
        >>> round(float(layer([np.array([[1.0, 0.0]]), np.array([[3.0, 4.0]])])[0, 0]), 4)
        6.0
    """

    kind = COSINE

    def __init__(
        self, scale: float = 10.0, bias: float = -10.0, *, dtype: Any = None, **kwargs: Any
    ) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(scale, bias, dtype=dtype, **kwargs)

    def similarity(self, first: Any, second: Any) -> Any:
        """Return the cosine `(batch, 1)`."""
        return ops.sum(ops.multiply(_unit(first), _unit(second)), axis=-1, keepdims=True)


_KINDS: dict[str, type[_ScaledHead]] = {EUCLIDEAN: EuclideanHead, COSINE: CosineHead}


def _unit(vectors: Any) -> Any:
    """Return vectors of length 1; those without a length as they are, and with a gradient of 0."""
    # By the largest element first, so that no square leaves float32's range.
    largest = ops.stop_gradient(ops.max(ops.abs(vectors), axis=-1, keepdims=True))
    ones = ops.ones_like(largest)
    vectors = ops.divide(vectors, ops.where(largest > 0, largest, ones))
    squared = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return ops.divide(vectors, ops.sqrt(ops.where(squared > 0, squared, ones)))

"""Weighted component-wise L1 distance of two embeddings (Koch et al. 2015, sec. 3.1)."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.compat import ops
from keras_siamese.models.head import Head
from keras_siamese.models.numpy_heads import NumpyHead


@keras.saving.register_keras_serializable(package="keras_siamese")
class WeightedL1(Head):
    """Logit of the probability that two embeddings show the same class.

    Computes `sum_j alpha_j |h1_j - h2_j| + b` (Koch et al. 2015, sec. 3.1). The paper's formula
    prints no bias; `use_bias=False` leaves it out. The weights alpha are called `kernel`, shape
    `(features, 1)`. The layer always computes in float32: saturated sigmoids differ by less than
    bfloat16 can hold.

    Args:
        use_bias: Boolean, whether to add the bias b.
        kernel_initializer: Initializer of alpha.
        bias_initializer: Initializer of b.
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Pair `[h1, h2]` of embeddings, each `(batch, features)`, float.

    Returns:
        Logits `(batch, 1)`, float32, unbounded.

    Raises:
        ValueError: If `dtype` is not float32, or the inputs are not two tensors of one shape
            `(batch, features)`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import WeightedL1
        >>> layer = WeightedL1(kernel_initializer="ones")
        >>> float(layer([np.zeros((1, 3)), np.ones((1, 3))])[0, 0])
        3.0
    """

    def __init__(
        self,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_normal",
        bias_initializer: Any = "zeros",
        *,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(dtype=dtype, **kwargs)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create alpha and, when used, the bias.

        Args:
            input_shape: The two shapes `(batch, features)`.

        Raises:
            ValueError: If these are not two shapes `(batch, features)` with known features.
        """
        features = self.sizes(input_shape)[1]
        if features is None:
            raise ValueError(
                "`inputs` of WeightedL1 must have a known number of features. Received: "
                f"shapes {input_shape}. Fix the length of the encoder's output vector."
            )
        self.kernel = self.add_weight(
            name="kernel", shape=(features, 1), initializer=self.kernel_initializer
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(1,), initializer=self.bias_initializer)
        self.built = True

    def call(self, inputs: Sequence[Any]) -> Any:
        """Compute the logits; see the class for the call arguments."""
        first, second = self.pair(inputs)
        logits = ops.matmul(ops.abs(ops.subtract(first, second)), self.kernel)
        return logits if self.bias is None else ops.add(logits, self.bias)

    def in_numpy(self) -> NumpyHead | None:
        """Return the same head in NumPy; None for a subclass that computes something else."""
        changed = type(self).call is not WeightedL1.call
        return None if changed else NumpyHead(tuple(self.get_weights()))

    def scale_logits(self, slope: float, offset: float) -> None:
        """Change the weights so that a logit z becomes `slope * z + offset`; it needs the bias.

        Args:
            slope: Positive.
            offset: Any number.
        """
        alpha, bias = self.get_weights()
        self.set_weights([slope * alpha, slope * bias + offset])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        config = {
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
        return {**super().get_config(), **config}

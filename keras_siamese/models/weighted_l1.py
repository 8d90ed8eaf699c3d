"""Weighted component-wise L1 distance of two embeddings (Koch et al. 2015, sec. 3.1)."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.compat import ops


@keras.saving.register_keras_serializable(package="keras_siamese")
class WeightedL1(keras.layers.Layer):
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
        super().__init__(dtype="float32" if dtype is None else dtype, **kwargs)
        if self.compute_dtype != "float32" or self.variable_dtype != "float32":
            raise ValueError(
                "Argument `dtype` of WeightedL1 must be 'float32' or None. Received: "
                f"dtype={dtype!r}. Leave it out; inputs of other types are cast."
            )
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
        features = _check_shapes(input_shape)[1]
        if features is None:
            raise ValueError(
                "Argument `inputs` of WeightedL1 must have a known number of features. Received: "
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
        # Broadcasting would hide a mistake: one embedding against many is not a batch of pairs.
        _check_shapes([getattr(h, "shape", None) for h in inputs])
        first, second = inputs
        logits = ops.matmul(ops.abs(ops.subtract(first, second)), self.kernel)
        return logits if self.bias is None else ops.add(logits, self.bias)

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the logits.

        Args:
            input_shape: The two shapes `(batch, features)`.

        Returns:
            `(batch, 1)`.
        """
        return _check_shapes(input_shape)[0], 1

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


def _check_shapes(shapes: Any) -> tuple[int | None, int | None]:
    """Check the two input shapes and merge them; None is an unknown size."""
    valid = len(shapes) == 2 and all(
        hasattr(shape, "__len__") and len(shape) == 2 for shape in shapes
    )
    if valid:
        sizes = [[size for size in pair if size is not None] for pair in zip(*shapes, strict=True)]
        # Compared, not counted: a size may be a symbol, which has no hash.
        if all(known[0] == known[-1] for known in sizes if known):
            batch, features = (known[0] if known else None for known in sizes)
            return batch, features
    raise ValueError(
        "Argument `inputs` of WeightedL1 must be two tensors [h1, h2] of the same shape "
        f"(batch, features). Received: shapes {shapes}. Encode both images with one encoder and "
        "repeat an embedding that is compared with many."
    )

"""AdamW whose steps for the kernels of convolutions are orthogonal matrices (Muon)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.compat import ops, require_keras_3

# Of the quintic iteration that brings singular values near 1 (Jordan et al. 2024).
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
# Root mean square of AdamW's steps, in rates (Liu et al. 2025, sec. 2.2).
_RMS = 0.2


@keras.saving.register_keras_serializable(package="keras_siamese")
class ConvMuon(keras.optimizers.AdamW):
    """Muon for the kernels of convolutions, AdamW for all other weights.

    A kernel `(height, width, channels, filters)` with gradient G is taken as a matrix of
    `height * width * channels` rows and `filters` columns (Jordan et al. 2024, "Muon"; the scale of
    the step is that of Liu et al. 2025, "Muon is scalable for LLM training"):

        M <- momentum M + G
        U <- the orthogonal matrix next to G + momentum M, by five Newton-Schulz iterations
        K <- K - eta kernel_factor 0.2 sqrt(max(rows, columns)) U

    so that all directions of a kernel learn equally, and not only those in which gradients are
    large. A kernel's step has the root mean square of AdamW's with `kernel_factor` times its rate.
    The kernels of a first layer with one channel have few rows and take part like the others.

    `keras.optimizers.Muon` leaves convolutions to Adam, and has had other rules in other versions.

    Args:
        learning_rate: Rate of AdamW, a float or a schedule.
        weight_decay: Fraction of the weights, times the rate, that each step takes off.
        kernel_factor: How many times that rate the kernels of convolutions have, above 0.
        momentum: Of the kernels of convolutions, in [0, 1).
        name: Name of the optimizer.
        **kwargs: Further arguments of `keras.optimizers.AdamW`.

    Raises:
        ValueError: If a constant is out of range, or on Keras 2.

    Example:
        >>> from keras_siamese.optimizers import ConvMuon
        >>> optimizer = ConvMuon(1e-3, kernel_factor=10.0)
        >>> optimizer.get_config()["kernel_factor"]
        10.0
    """

    def __init__(
        self,
        learning_rate: Any = 1e-3,
        weight_decay: float = 1e-4,
        *,
        kernel_factor: float = 10.0,
        momentum: float = 0.95,
        name: str = "conv_muon",
        **kwargs: Any,
    ) -> None:
        """Create the optimizer; see the class for the arguments."""
        require_keras_3("ConvMuon")
        if not kernel_factor > 0:
            raise ValueError(
                f"`kernel_factor` must be above 0. Received: {kernel_factor!r}. Give for example "
                "10.0."
            )
        if not 0 <= momentum < 1:
            raise ValueError(
                f"`momentum` must lie in [0, 1). Received: {momentum!r}. Give for example 0.95."
            )
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **kwargs)
        self.kernel_factor = float(kernel_factor)
        self.momentum = float(momentum)

    def build(self, variables: Sequence[Any]) -> None:
        """Create AdamW's variables, and a momentum for each kernel.

        Args:
            variables: Trainable variables of the model.
        """
        if self.built:
            return
        super().build(variables)
        self.kernel_momenta = [
            self.add_variable_from_reference(variable, name="kernel_momentum")
            if is_kernel(variable)
            else None
            for variable in variables
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one step to one weight.

        Args:
            gradient: Gradient of the loss, of the weight's shape.
            variable: The weight.
            learning_rate: Scalar, the rate of AdamW.
        """
        if not is_kernel(variable):
            super().update_step(gradient, variable, learning_rate)
            return
        gradient = ops.cast(gradient, variable.dtype)
        momentum = self.kernel_momenta[self._get_variable_index(variable)]
        self.assign(momentum, ops.add(ops.multiply(self.momentum, momentum), gradient))
        # Nesterov's momentum.
        ahead = ops.add(gradient, ops.multiply(self.momentum, momentum))
        matrix = orthogonalized(ops.reshape(ahead, (-1, variable.shape[-1])))
        # An orthogonal matrix has a root mean square of 1 / sqrt(longer side).
        scale = self.kernel_factor * _RMS * max(matrix.shape) ** 0.5
        rate = ops.cast(ops.multiply(learning_rate, scale), variable.dtype)
        step = ops.reshape(ops.multiply(rate, matrix), variable.shape)
        self.assign_sub(variable, step)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the optimizer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        own = {"kernel_factor": self.kernel_factor, "momentum": self.momentum}
        return {**super().get_config(), **own}


def is_kernel(variable: Any) -> bool:
    """Say whether a weight is the kernel of a two-dimensional convolution."""
    return len(variable.shape) == 4


def orthogonalized(matrix: Any) -> Any:
    """Bring the singular values of a matrix near 1 and leave its singular vectors.

    Args:
        matrix: `(rows, columns)`, float.

    Returns:
        A matrix of the same shape, its singular values mostly between 0.7 and 1.2.
    """
    rows, columns = matrix.shape
    # The iteration squares the shorter side, which is less work.
    wide = ops.transpose(matrix) if rows > columns else matrix
    # It converges for singular values up to 1; the Frobenius norm is no less than the largest.
    wide = wide / (ops.norm(wide) + 1e-7)
    first, third, fifth = _COEFFICIENTS
    for _ in range(_ITERATIONS):
        square = ops.matmul(wide, ops.transpose(wide))
        powers = third * square + fifth * ops.matmul(square, square)
        wide = first * wide + ops.matmul(powers, wide)
    return ops.transpose(wide) if rows > columns else wide

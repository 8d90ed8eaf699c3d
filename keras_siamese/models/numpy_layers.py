"""The layers of this package's encoders in NumPy, for inference without TensorFlow.

TensorFlow takes seconds to start, and a few images take milliseconds. Each layer computes in
float32 what Keras's layer of the same name does outside training, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Shape = tuple[int, ...]


class Layer(Protocol):
    """A layer whose weights are set."""

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Compute the outputs of a batch, float32."""
        ...

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one output for that of one input.

        Raises:
            ValueError: If the layer's weights do not fit such inputs.
        """
        ...


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return `1 / (1 + exp(-x))`, float32; a large negative x gives 0 without a warning."""
    with np.errstate(over="ignore"):
        return np.float32(1) / (np.float32(1) + np.exp(-values))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda values: values,
    "relu": lambda values: np.maximum(values, np.float32(0)),
    "sigmoid": sigmoid,
}


@dataclass(frozen=True)
class Conv2D:
    """Convolution of stride 1.

    Attributes:
        kernel: `(height, width, channels, filters)`, float32.
        bias: `(filters,)`, float32, or None.
        same: Whether the outputs have the size of the inputs; else only where the kernel fits.
        activation: A name of `ACTIVATIONS`.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    same: bool = False
    activation: str = "linear"

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Multiply all windows, laid out in rows, by the kernel."""
        height, width, channels, filters = self.kernel.shape
        if self.same:
            rows, columns = height - 1, width - 1
            # As in TensorFlow: an even kernel has its odd row below, its odd column to the right.
            around = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2))
            inputs = np.pad(inputs, ((0, 0), *around, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(inputs, (height, width), axis=(1, 2))
        # From (..., channels, height, width) to the kernel's order.
        windows = windows.transpose(0, 1, 2, 4, 5, 3)
        # The reshape copies every window: memory for the speed of one matrix product.
        outputs = windows.reshape(-1, height * width * channels) @ self.kernel.reshape(-1, filters)
        if self.bias is not None:
            outputs += self.bias
        return ACTIVATIONS[self.activation](outputs.reshape(*windows.shape[:3], filters))

    def output_shape(self, shape: Shape) -> Shape:
        """Return height, width and filters."""
        height, width, channels, filters = self.kernel.shape
        _check(len(shape) == 3 and shape[2] == channels, self, shape)
        if self.same:
            return (*shape[:2], filters)
        sides = shape[0] - height + 1, shape[1] - width + 1
        _check(min(sides) > 0, self, shape)
        return (*sides, filters)


@dataclass(frozen=True)
class MaxPooling2D:
    """Largest value of each of the squares that an image is cut into; a rest is left out."""

    size: int = 2

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Take the largest of the rows, then of the columns, of each square."""
        height, width = (side // self.size * self.size for side in inputs.shape[1:3])
        rows = [inputs[:, start : height : self.size] for start in range(self.size)]
        tall = np.maximum.reduce(rows)
        columns = [tall[:, :, start : width : self.size] for start in range(self.size)]
        return np.maximum.reduce(columns)

    def output_shape(self, shape: Shape) -> Shape:
        """Return height, width and channels."""
        _check(len(shape) == 3 and min(shape[:2]) >= self.size, self, shape)
        return shape[0] // self.size, shape[1] // self.size, shape[2]


@dataclass(frozen=True)
class Affine:
    """`scale * x + offset` by channel: batch normalization outside training."""

    scale: np.ndarray
    offset: np.ndarray

    @classmethod
    def batch_normalization(
        cls,
        gamma: np.ndarray,
        beta: np.ndarray,
        mean: np.ndarray,
        variance: np.ndarray,
        *,
        epsilon: float,
    ) -> Affine:
        """Make the layer from the weights of Keras's BatchNormalization, each `(channels,)`."""
        # Both steps in one: two passes over the values instead of four.
        scale = gamma / np.sqrt(variance + np.float32(epsilon))
        return cls(scale, beta - mean * scale)

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Scale and shift."""
        outputs = inputs * self.scale
        outputs += self.offset
        return outputs

    def output_shape(self, shape: Shape) -> Shape:
        """Return the input's shape."""
        _check(self.scale.shape == self.offset.shape == shape[-1:], self, shape)
        return shape


@dataclass(frozen=True)
class Rescaling:
    """`scale * x + offset` of all values."""

    scale: float
    offset: float

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Scale and shift."""
        return inputs * np.float32(self.scale) + np.float32(self.offset)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the input's shape."""
        return shape


@dataclass(frozen=True)
class Activation:
    """A function of each value.

    Attributes:
        name: A name of `ACTIVATIONS`.
    """

    name: str

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Apply the function."""
        return ACTIVATIONS[self.name](inputs)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the input's shape."""
        return shape


@dataclass(frozen=True)
class Flatten:
    """Lays each input out in a row."""

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Flatten all axes but the first."""
        return inputs.reshape(len(inputs), -1)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the number of values."""
        return (int(np.prod(shape)),)


@dataclass(frozen=True)
class Dense:
    """Fully-connected layer on vectors.

    Attributes:
        kernel: `(features, units)`, float32.
        bias: `(units,)`, float32, or None.
        activation: A name of `ACTIVATIONS`.
    """

    kernel: np.ndarray
    bias: np.ndarray | None = None
    activation: str = "linear"

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Multiply by the kernel."""
        outputs = inputs @ self.kernel
        if self.bias is not None:
            outputs += self.bias
        return ACTIVATIONS[self.activation](outputs)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the number of units."""
        _check(shape == self.kernel.shape[:1], self, shape)
        return self.kernel.shape[1:]


@dataclass(frozen=True)
class Mirrored:
    """The outputs of some layers for an image and its mirror images, joined.

    Attributes:
        layers: From an image to a vector.
        symmetries: 4, or 8 for all symmetries of the square, as `average_mirrored` takes them.
    """

    layers: tuple[Layer, ...]
    symmetries: int = 4

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Encode each image, and mirrored left to right, top to bottom, and both."""
        turned = (inputs, inputs.transpose(0, 2, 1, 3))[: self.symmetries // 4]
        mirrored = [
            image
            for one in turned
            for image in (one, one[:, :, ::-1], one[:, ::-1], one[:, ::-1, ::-1])
        ]
        images = np.stack(mirrored, axis=1).reshape(-1, *inputs.shape[1:])
        return run(self.layers, images).reshape(len(inputs), -1)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the length of the joined vectors."""
        (features,) = shape_after(self.layers, shape)
        return (self.symmetries * features,)


def run(layers: Sequence[Layer], inputs: np.ndarray) -> np.ndarray:
    """Compute layers one after the other.

    Args:
        layers: The layers.
        inputs: A batch, float32.

    Returns:
        The last one's outputs, float32.
    """
    for layer in layers:
        inputs = layer(inputs)
    return inputs


def shape_after(layers: Sequence[Layer], shape: Shape) -> Shape:
    """Return the shape of one output of several layers.

    Args:
        layers: The layers.
        shape: Shape of one input.

    Returns:
        The shape.

    Raises:
        ValueError: If the layers do not fit each other.
    """
    for layer in layers:
        shape = layer.output_shape(shape)
    return shape


def multiplications(layers: Sequence[Layer], shape: Shape) -> int:
    """Count the multiplications of matrix products for one input, as a measure of time.

    Args:
        layers: The layers.
        shape: Shape of one input.

    Returns:
        The count.

    Raises:
        ValueError: If the layers do not fit each other.
    """
    total = 0
    for layer in layers:
        after = layer.output_shape(shape)
        if isinstance(layer, Mirrored):
            total += layer.symmetries * multiplications(layer.layers, shape)
        elif isinstance(layer, Conv2D):
            total += layer.kernel.size * int(np.prod(after[:2]))
        elif isinstance(layer, Dense):
            total += layer.kernel.size
        shape = after
    return total


def _check(fits: bool, layer: Layer, shape: Shape) -> None:
    if not fits:
        raise ValueError(f"a {type(layer).__name__} layer does not fit inputs of shape {shape}")

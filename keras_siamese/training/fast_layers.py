"""Layers that a training step computes another, faster way: the same function, other rounding.

On a CPU, two kinds of layers take most of the time of `koch_encoder`'s step, and both have a faster
way: a convolution with large kernels in the frequency domain (`FrequencyConv2D`), and the gradient
of a large fully-connected layer with respect to its inputs as `W dy^T`, which TensorFlow
computes several times as fast as `dy W^T` where there are few rows. Only the training step uses
them; the network, its file and its predictions stay what they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.compat import KERAS_2, dtype_name
from keras_siamese.models.frequency_conv import FrequencyConv2D, can_use_frequencies, convolve
from keras_siamese.models.image_model import ImageModel

# Below these a layer is not worth the seconds that timing it takes.
_LEAST_KERNEL_AREA = 16
_LEAST_CHANNELS = 16
_LEAST_DENSE_WEIGHTS = 1_000_000
# Timed on at most as many images.
_MOST_IMAGES = 64
_ROUNDS = 2


def choose_fast_layers(encoder: keras.Model, choice: str, *, num_images: int) -> tuple[str, ...]:
    """Choose the layers that a training step computes the other way.

    Args:
        encoder: Encoder of the siamese network.
        choice: "none", "all" that can be, or "auto": the large ones are timed both ways, forward
            and backward, and the faster way is taken. It takes some seconds where there are such
            layers, and nothing else.
        num_images: Images of a step.

    Returns:
        Names of the layers, in the encoder's order.
    """
    if choice == "none":
        return ()
    layers = [layer for layer in _layers(encoder) if _possible(layer)]
    if choice == "auto":
        images = min(num_images, _MOST_IMAGES)
        layers = [layer for layer in layers if _large(layer) and _gains(layer, images)]
    return tuple(layer.name for layer in layers)


def with_fast_layers(encoder: keras.Model, names: Sequence[str]) -> keras.Model:
    """Return an encoder that computes some layers the other way, all weights shared.

    Args:
        encoder: Encoder of the siamese network; it stays as it is.
        names: Names of layers, as `choose_fast_layers` gives them.

    Returns:
        The same function, up to rounding; the encoder itself where `names` is empty.

    Raises:
        ValueError: If the encoder has no such layer that can be computed this way.
    """
    if not names:
        return encoder
    chosen = {layer.name: layer for layer in _layers(encoder) if _possible(layer)}
    unknown = sorted(set(names) - set(chosen))
    if unknown:
        raise ValueError(
            f"The encoder must have the layers {sorted(names)}, which the run computes the faster "
            f"way. Received: an encoder where {unknown} are missing or not computed this way. "
            "Build the same network, or give `fast_layers='none'`."
        )
    shared = {name: _Shared(chosen[name], name=f"fast_{name}") for name in names}

    def call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        return shared.get(layer.name, layer)(*args, **kwargs)

    return keras.models.clone_model(
        _graph(encoder), clone_function=lambda layer: layer, call_function=call
    )


class _Shared(keras.layers.Layer):
    """Computes another layer, with its weights, the faster way."""

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        super().__init__(dtype=layer.dtype_policy, **kwargs)
        self.layer = layer

    def call(self, inputs: Any) -> Any:
        layer = self.layer
        # A layer may be called on images of several sizes.
        if not _can_be_fast(layer, inputs.shape):
            return layer(inputs)
        outputs = _fast(layer)(inputs, tf.convert_to_tensor(layer.kernel))
        if layer.use_bias:
            outputs = outputs + layer.bias
        return outputs if layer.activation is None else layer.activation(outputs)


@tf.custom_gradient
def dense_product(inputs: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Return the product of a fully-connected layer, whose gradient is computed as `(W dy^T)^T`.

    Args:
        inputs: `(batch, features)`.
        kernel: `(features, units)`.

    Returns:
        `(batch, units)`, the matrix product.
    """

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        of_inputs = tf.transpose(tf.matmul(kernel, tf.transpose(upstream)))
        return of_inputs, tf.matmul(inputs, upstream, transpose_a=True)

    return tf.matmul(inputs, kernel), gradient


def _graph(encoder: keras.Model) -> keras.Model:
    """Return an encoder as a plain functional model of its layers."""
    return keras.Model(encoder.inputs[0], encoder.outputs[0], name=encoder.name)


def _layers(encoder: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers that an encoder runs through; none where it may do something else."""
    known = type(encoder) in (type(_graph(encoder)), keras.Sequential, ImageModel)
    # The step gives floats, which an encoder of other inputs would convert first.
    plain = known and "float" in dtype_name(encoder.inputs[0].dtype)
    return encoder.layers if plain and not KERAS_2 else []


def _possible(layer: keras.layers.Layer) -> bool:
    kinds = (keras.layers.Conv2D, FrequencyConv2D, keras.layers.Dense)
    return type(layer) in kinds and _can_be_fast(layer, layer.input.shape)


def _can_be_fast(layer: keras.layers.Layer, shape: Sequence[int | None]) -> bool:
    if isinstance(layer, keras.layers.Dense):
        return len(shape) == 2 and layer.compute_dtype == "float32"
    return can_use_frequencies(layer, shape)


def _fast(layer: keras.layers.Layer) -> Callable:
    return dense_product if isinstance(layer, keras.layers.Dense) else convolve


def _large(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.Dense):
        return int(np.prod(layer.kernel.shape)) >= _LEAST_DENSE_WEIGHTS
    channels = min(layer.filters, layer.input.shape[-1])
    return int(np.prod(layer.kernel_size)) >= _LEAST_KERNEL_AREA and channels >= _LEAST_CHANNELS


def _gains(layer: keras.layers.Layer, num_images: int) -> bool:
    """Time a layer both ways, in turns, forward and backward."""
    inputs = tf.random.uniform((num_images, *layer.input.shape[1:]), dtype=layer.compute_dtype)
    kernel = tf.convert_to_tensor(layer.kernel)
    plain = tf.matmul if isinstance(layer, keras.layers.Dense) else keras.ops.conv
    ways = [_gradients(way, inputs, kernel) for way in (plain, _fast(layer))]
    seconds = [float("inf")] * len(ways)
    for turn in range(_ROUNDS + 1):
        for way, gradients in enumerate(ways):
            started = time.perf_counter()
            _wait(gradients(inputs, kernel))
            if turn:  # the first warms up
                seconds[way] = min(seconds[way], time.perf_counter() - started)
    return seconds[1] < seconds[0]


def _gradients(operation: Callable, inputs: tf.Tensor, kernel: tf.Tensor) -> Callable:
    """Compile a function of such inputs and kernel that gives the gradients of both."""

    @tf.function
    def gradients(inputs: tf.Tensor, kernel: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([inputs, kernel])
            outputs = operation(inputs, kernel)
        return tape.gradient(outputs, [inputs, kernel], output_gradients=outputs)

    # By calls alone TensorFlow would warn of a function that is made again and again.
    return gradients.get_concrete_function(inputs, kernel)


def _wait(gradients: list[tf.Tensor]) -> None:
    """Wait for the device."""
    for gradient in gradients:
        gradient[:1].numpy()

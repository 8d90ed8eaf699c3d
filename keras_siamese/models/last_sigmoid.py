"""What the sigmoid at the end of a Keras model was applied to."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.models.operations import call_of, is_layer

# Layers of Keras that apply their activation last. Others, such as LSTM or a layer of the user's,
# apply it somewhere inside or may continue after it.
_ACTIVATION_LAST = (
    "Dense EinsumDense Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose "
    "DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D"
).split()
# What may follow a sigmoid and changes the shape alone.
_SHAPES = ("Flatten", "Reshape", "Squeeze")
_CLIP = 1e-7


def before_sigmoid(tensor: Any) -> Any:
    """Return what a sigmoid at the end of a model was applied to; None without a sigmoid."""
    node = call_of(tensor)
    operation = node.operation
    if type(operation).__name__ in _SHAPES and len(node.input_tensors) == 1:
        before = before_sigmoid(node.input_tensors[0])
        return None if before is None else operation(before)
    if not is_layer(operation):
        return node.input_tensors[0] if type(operation).__name__ == "Sigmoid" else None
    if isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        before = before_sigmoid(operation.outputs[0]) if len(operation.outputs) == 1 else None
        if before is None:
            return None
        inner = keras.Model(operation.inputs, before, name=operation.name)
        return inner(*node.arguments.args, **node.arguments.kwargs)
    if getattr(operation, "activation", None) is not keras.activations.sigmoid:
        return None
    if isinstance(operation, keras.layers.Activation):
        return node.input_tensors[0]
    if type(operation) not in [getattr(keras.layers, name) for name in _ACTIVATION_LAST]:
        return log_odds(tensor)
    return _without_activation(operation)(*node.arguments.args, **node.arguments.kwargs)


def log_odds(probability: Any) -> Any:
    """Return the logit of a probability, of at most 16 in size."""
    share = keras.ops.clip(probability, _CLIP, 1 - _CLIP)
    return keras.ops.log(keras.ops.divide(share, keras.ops.subtract(1.0, share)))


def _without_activation(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return a layer that shares the weights of another, and leaves out its activation."""
    linear = type(layer).from_config({**layer.get_config(), "activation": "linear"})
    made = set(vars(linear))
    for attribute, value in vars(layer).items():
        # What `build`, `quantize` and `enable_lora` set: weights, no bias, quantizers, flags.
        added = attribute not in made and not attribute.startswith("_self_")
        flag = isinstance(value, bool) and attribute not in ("built", "_lock")
        if isinstance(value, keras.Variable) or added or flag:
            setattr(linear, attribute, value)
    linear.input_spec = layer.input_spec
    linear.built = True
    return linear

"""The largest pixel that an encoder takes, read from what it does to the image first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_siamese.models.operations import calls_before, constants, is_layer

UNIT, LEVELS = 1.0, 255.0
# A factor up to the first is for pixels from 0 to 255; one from the second on, for 0 to 1.
_DIVIDES, _KEEPS = 1 / 30, 1 / 2
# The same of what is added or subtracted, and of means: the mean of images in [0, 1] is at most 1.
_SHIFT_UNIT, _SHIFT_LEVELS = 1.0, 30.0

# What leaves the range of pixels as it is. Augmentation does, and is off in prediction.
_LAYERS = (
    "InputLayer Identity Dropout GaussianNoise GaussianDropout SpatialDropout2D Resizing "
    "CenterCrop Cropping2D ZeroPadding2D Reshape Flatten Permute RepeatVector UpSampling2D "
    "MaxPooling2D AveragePooling2D MaxPooling1D AveragePooling1D ReLU Concatenate AugMix "
    "RandAugment"
).split()
_OPERATIONS = (
    "Identity Copy Cast Reshape Transpose ExpandDims Squeeze Ravel Flip Pad Repeat Tile "
    "BroadcastTo Concatenate Stack GetItem Moveaxis Swapaxes Rot90 Roll Resize RGBToGrayscale "
    "CropImages PadImages Clip Maximum Minimum Absolute Abs Relu StopGradient"
).split()


def largest_pixel(encoder: keras.Model) -> tuple[float | None, str]:
    """Return the largest value of a pixel that an encoder takes.

    Augmentation, changes of shape and of type are passed over, up to the first step that scales the
    image, shifts it, normalizes it or has weights.

    Args:
        encoder: Functional or Sequential model of one image.

    Returns:
        1 for images in [0, 1] or where nothing states the range, 255 for pixels up to 255, and
        None where it cannot be known; and the name of the step that decides.
    """
    found = _read(encoder.inputs[0], encoder.outputs[0])
    return found if found is not None else (UNIT, encoder.name)


def _read(image: Any, output: Any) -> tuple[float | None, str] | None:
    """Return what is said between an image and an output; None if nothing is."""
    calls = calls_before(output)
    while image is not output:
        users = [node for node in calls if any(each is image for each in node.input_tensors)]
        straight = len(users) == 1 and all(each is image for each in users[0].input_tensors)
        if not straight:
            return _unsure([node.operation for node in users], calls)
        node = users[0]
        operation = node.operation
        if _is_graph(operation):
            found = _read(operation.inputs[0], operation.outputs[0])
            if found is not None:
                return found
        elif is_layer(operation):
            if operation.weights or _scales(operation):
                found = _of_layer(operation)
                if found != "keeps":
                    return found, operation.name
            elif not _passes(operation):
                return _unsure([operation], calls)
        else:
            found = _of_operation(node)
            if found != "keeps":
                return found, operation.name
        image = node.outputs[0]
    return None


def _is_graph(operation: Any) -> bool:
    return isinstance(operation, keras.Model) and len(getattr(operation, "inputs", None) or ()) == 1


def _passes(layer: Any) -> bool:
    name = type(layer).__name__
    own = type(layer).__module__.startswith("keras.")
    linear = name == "Activation" and layer.activation is keras.activations.linear
    return own and (name in _LAYERS or name.startswith("Random") or linear)


def _scales(layer: Any) -> bool:
    return isinstance(layer, (keras.layers.Rescaling, keras.layers.Normalization))


def _unsure(operations: list[Any], calls: list[Any]) -> tuple[float | None, str]:
    """Return None where a step on the way may change the range, and a division follows or may."""
    last = operations[0]
    unknown = [each for each in operations if not is_layer(each)]
    divides = [
        layer
        for layer in _layers_inside([node.operation for node in calls])
        if isinstance(layer, keras.layers.Rescaling) and _of_layer(layer) != UNIT
    ]
    return (None if unknown or divides else UNIT), (unknown or [last])[0].name


def _layers_inside(operations: list[Any]) -> Iterator[Any]:
    for operation in operations:
        if is_layer(operation):
            yield from operation._flatten_layers()


def _of_layer(layer: Any) -> Any:
    """Return what a layer that scales, normalizes or has weights says about its pixels."""
    if isinstance(layer, keras.layers.Rescaling):
        scaled = _of_factor(layer.scale)
        return _of_shift(layer.offset) if scaled == "keeps" else scaled
    mean = getattr(layer, "mean", None)
    if isinstance(layer, keras.layers.BatchNormalization):
        mean = layer.moving_mean
    if mean is None or not isinstance(
        layer, (keras.layers.Normalization, keras.layers.BatchNormalization)
    ):
        return UNIT
    return LEVELS if np.max(keras.ops.convert_to_numpy(mean)) > _SHIFT_UNIT else UNIT


def _of_operation(node: Any) -> Any:
    """Return what an operation of keras.ops says about the pixels before it."""
    name = type(node.operation).__name__
    given = constants(node)
    if name in _OPERATIONS:
        return "keeps"
    first = isinstance((node.arguments.args or (None,))[0], keras.KerasTensor)
    if len(given) != 1:
        return None
    if name == "Multiply":
        return _of_factor(given[0])
    if name in ("Divide", "TrueDivide") and first:
        divisor = np.abs(keras.ops.convert_to_numpy(given[0])).astype(float)
        return _of_factor(1 / divisor) if np.all(divisor > 0) else None
    if name in ("Add", "Subtract"):
        return _of_shift(given[0])
    return None


def _of_factor(factor: Any) -> Any:
    sizes = np.abs(keras.ops.convert_to_numpy(factor).astype(float))
    if np.all(sizes == 1):
        return "keeps"
    if np.all(sizes <= _DIVIDES) and np.all(sizes > 0):
        return LEVELS
    return UNIT if np.all(sizes >= _KEEPS) else None


def _of_shift(shift: Any) -> Any:
    sizes = np.abs(keras.ops.convert_to_numpy(shift).astype(float))
    if np.all(sizes <= _SHIFT_UNIT):
        return "keeps"
    return LEVELS if np.all(sizes >= _SHIFT_LEVELS) else None

"""Siamese networks from models that were built by hand in Keras."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_choice
from keras_siamese.compat import require_keras_3
from keras_siamese.models.image_model import ImageModel
from keras_siamese.models.last_sigmoid import before_sigmoid, log_odds
from keras_siamese.models.operations import (
    alike,
    call_of,
    calls_before,
    is_layer,
    output_of_call,
    same_value,
    sources,
)
from keras_siamese.models.pixel_range import LEVELS, UNIT, largest_pixel
from keras_siamese.models.siamese import siamese_network

OUTPUTS = ("probability", "logit", "distance")


def from_model(
    model: keras.Model,
    encoder: str | keras.layers.Layer | None = None,
    *,
    output: str | None = None,
    max_pixel: float | None = None,
    name: str = "siamese",
) -> keras.Model:
    """Make a siamese network of a model that was built by hand in Keras.

    Everything in this package takes the network: `Verifier`, `Recognizer`, `calibrate`, `export`
    and the rest. All layers and weights are shared with `model`. The encoder is called `encoder`;
    what follows the two embeddings is the head, a model inside a `LayerHead` called `head`.

    Args:
        model: Functional model of two images, the left one first, with one output `(batch, 1)` or
            `(batch,)`. One encoder is called on both images.
        encoder: The layer or model that is called on both images, or its name. What comes before
            it becomes part of the encoder. None takes the only layer that is called on both.
        output: What the model gives: the "probability" that both images show the same class, its
            "logit", or a "distance", which is larger where the images are less similar, such as the
            Euclidean distance or the probability of different classes. The network's logit is
            minus a distance, so that `calibrate` or a threshold is needed. None is for a model that
            was compiled with binary cross-entropy: "probability" where it ends with a sigmoid, and
            "logit" where the loss is on logits.
        max_pixel: Largest value of a pixel that the model takes: 1, or 255. The network takes
            uint8, or floats in [0, 1], and multiplies. None takes 255 for an encoder that begins
            with `Rescaling(1 / 255)`, `images / 255` or the like, behind any augmentation, or with
            a normalization by means above 1; else 1. It is an error where an operation or a layer
            leaves no telling.
        name: Name of the network.

    Returns:
        Siamese network, as `siamese_network` makes it.

    Raises:
        ValueError: If `model` is no such model, has two encoders, or holds a `Lambda` layer; if
            there is no telling what the encoder, the output or the largest pixel is; or on Keras 2.

    Example:
        >>> import keras
        >>> from keras_siamese import from_model, twin_encoder
        >>> encoder = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(8)])
        >>> left, right = keras.Input((9, 9, 1)), keras.Input((9, 9, 1))
        >>> apart = keras.layers.Subtract()([encoder(left), encoder(right)])
        >>> same = keras.layers.Dense(1, activation="sigmoid")(keras.ops.abs(apart))
        >>> network = from_model(keras.Model([left, right], same), output="probability")
        >>> twin_encoder(network).output_shape
        (None, 8)
    """
    require_keras_3("from_model")
    if output is not None:
        check_choice("output", output, OUTPUTS)
    graph = _Graph(model)
    shared = graph.find_encoder(encoder)
    embeddings = graph.embeddings(shared)
    encoding = _scaled(graph.encoder(shared, embeddings), max_pixel)
    logit = _logit(model, output)
    graph.check_head(logit, embeddings)
    if len(logit.shape) == 1:
        logit = keras.layers.Reshape((1,), name="logit")(logit)
    # On new inputs: Keras 3.12 saves two outputs of one layer as a single input.
    sides = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in embeddings]
    head = keras.Model(sides, keras.Model(embeddings, logit).call(sides), name="comparison")
    return siamese_network(encoding, head=head, name=name)


class _Graph:
    """The calls of a hand-built model, and which of the two images each depends on."""

    def __init__(self, model: Any) -> None:
        inputs, outputs = (getattr(model, side, None) or [] for side in ("inputs", "outputs"))
        built = isinstance(model, keras.Model) and len(inputs) == 2 and len(outputs) == 1
        if not built or inputs[0].shape[1:] != inputs[1].shape[1:]:
            shapes = [[tuple(tensor.shape) for tensor in side] for side in (inputs, outputs)]
            raise ValueError(
                "`model` must be a functional Keras model of two images of one shape with "
                f"one output. Received: model={model!r} with input shapes {shapes[0]} and output "
                f"shapes {shapes[1]}. {_remedy(model, inputs, outputs)}"
            )
        output = tuple(outputs[0].shape)
        if len(output) > 2 or output[1:] not in ((), (1,)):
            raise ValueError(
                "`model` must give one number a pair, (batch, 1) or (batch,). Received: "
                f"outputs of shape {output}. Pass the model that compares two images."
            )
        self.model, self.inputs = model, list(inputs)
        # From the images on.
        self.calls = calls_before(outputs[0], self.inputs)[::-1]
        for node in self.calls:
            for layer in _layers_of(node.operation):
                if isinstance(layer, keras.layers.Lambda):
                    raise ValueError(
                        "`model` must have no Lambda layer: its file could not be loaded "
                        f"safely. Received: {layer.name!r}. Build the model with keras.ops or a "
                        "registered layer instead, and give it the weights: "
                        "new.set_weights(old.get_weights())."
                    )

    def _side(self, node: Any) -> set[int]:
        """Return which images a call depends on."""
        return set().union(*(sources(tensor, self.inputs) for tensor in node.input_tensors))

    def _sides(self, layer: Any) -> list[set[int]]:
        return [self._side(node) for node in self.calls if node.operation is layer]

    def find_encoder(self, encoder: Any) -> keras.layers.Layer:
        """Return the layer that is called on both images."""
        layers = {id(node.operation): node.operation for node in self.calls}
        layers = {key: op for key, op in layers.items() if is_layer(op)}
        twice = [layer for layer in layers.values() if _is_twin(self._sides(layer))]
        names = [layer.name for layer in twice]
        if encoder is None:
            if len(twice) == 1:
                return twice[0]
            what = f"{names} are" if twice else "no layer that is"
            remedy = "Two encoders have no tied weights: build one, and call it twice."
            if twice:
                remedy = "Pass the name of the last layer before the comparison as `encoder`."
            raise ValueError(
                "`model` must call one encoder on both images. Received: a model in which "
                f"{what} called on both. {remedy}"
            )
        found = [layer for layer in layers.values() if encoder in (layer, layer.name)]
        if not found or not _is_twin(self._sides(found[0])):
            calls = len(self._sides(found[0])) if found else "no"
            raise ValueError(
                "`encoder` must be a layer of `model`, or its name, that is called once "
                f"on each image. Received: encoder={encoder!r}, with {calls} calls. "
                + (f"Choose from {names}." if names else "Call one encoder on both images.")
            )
        return found[0]

    def embeddings(self, encoder: keras.layers.Layer) -> list[Any]:
        """Return what the encoder gives for the left and the right image."""
        nodes = [node for node in self.calls if node.operation is encoder]
        nodes.sort(key=lambda node: sorted(self._side(node)))
        outputs = [node.outputs for node in nodes]
        if any(len(each) != 1 or len(each[0].shape) != 2 for each in outputs):
            shapes = [tuple(tensor.shape) for tensor in outputs[0]]
            raise ValueError(
                "`encoder` must give one vector an image, (batch, features). Received: "
                f"{encoder.name!r} with outputs of shape {shapes}. Name the last layer that is "
                "called on both images."
            )
        return [each[0] for each in outputs]

    def encoder(self, layer: keras.layers.Layer, embeddings: list[Any]) -> keras.Model:
        """Return the model from an image to its embedding."""
        if not self._same(*embeddings):
            raise ValueError(
                "`model` must do the same to both images before the encoder. Received: a "
                f"model that does not, before {layer.name!r}. Name the layer with which the shared "
                "part ends, or build one encoder."
            )
        direct = call_of(embeddings[0]).input_tensors[0] is self.inputs[0]
        if direct and isinstance(layer, keras.Model) and getattr(layer, "inputs", None):
            return layer
        return keras.Model(self.inputs[0], embeddings[0])

    def _same(self, left: Any, right: Any) -> bool:
        """Say whether two tensors are computed in the same way from the two images."""
        compared: set[tuple[int, int]] = set()
        waiting = [(left, right)]
        # Not recursive, and each pair once: an encoder may be deep, and have residual connections.
        while waiting:
            one, other = waiting.pop()
            if (id(one), id(other)) in compared:
                continue
            compared.add((id(one), id(other)))
            if one is self.inputs[0] or other is self.inputs[1]:
                if one is not self.inputs[0] or other is not self.inputs[1]:
                    return False
                continue
            first, second = call_of(one), call_of(other)
            if output_of_call(one) != output_of_call(other):
                return False
            if not alike(first.operation, second.operation):
                return False
            given = [
                keras.tree.flatten_with_path((node.arguments.args, node.arguments.kwargs))
                for node in (first, second)
            ]
            if [path for path, _ in given[0]] != [path for path, _ in given[1]]:
                return False
            for (_, value), (_, beside) in zip(*given, strict=True):
                if isinstance(value, keras.KerasTensor) and isinstance(beside, keras.KerasTensor):
                    waiting.append((value, beside))
                elif not same_value(value, beside):
                    return False
        return True

    def check_head(self, logit: Any, embeddings: list[Any]) -> None:
        """Check that the logit comes from both embeddings, and from nothing else."""
        reached = sources(logit, [*embeddings, *self.inputs])
        if reached != {0, 1}:
            parts = {str(place) if place < 2 else "the images themselves" for place in reached}
            raise ValueError(
                "`model` must compare the two embeddings alone. Received: an output that "
                f"comes from {sorted(parts)}. Name the layer that gives all that is compared as "
                "`encoder`."
            )


def _remedy(model: Any, inputs: list[Any], outputs: list[Any]) -> str:
    """Return what to do with a model that is not one of two images and one output."""
    if not isinstance(model, keras.Model):
        return "Build one: keras.Model([left, right], output)."
    if not inputs:
        return (
            "A subclassed model has no graph of its calls. Pass its encoder on: "
            "siamese_network(encoder), with a functional encoder, such as "
            "keras.Model(image, model.encoder(image)) of image = keras.Input(shape)."
        )
    if len(inputs) == 1 and len(outputs) == 1:
        return "A model of one image is an encoder: siamese_network(model)."
    if len(inputs) == 2 and len(outputs) == 1:
        return "Give both images one shape."
    return (
        "Of a model of triplets or with several outputs, pass the encoder on: "
        'siamese_network(encoder, head="euclidean").'
    )


def _layers_of(operation: Any) -> list[Any]:
    return operation._flatten_layers() if is_layer(operation) else []


def _is_twin(sides: list[set[int]]) -> bool:
    return sorted(map(sorted, sides)) == [[0], [1]]


def _scaled(encoder: keras.Model, max_pixel: float | None) -> keras.Model:
    """Return an encoder of images in [0, 1]."""
    declared = encoder.inputs[0]
    if max_pixel is None:
        # Where an encoder declares whole numbers, the network gives it 0 to 255 anyway.
        found, step = largest_pixel(encoder) if "float" in declared.dtype else (UNIT, "")
        if found is None:
            raise ValueError(
                "`max_pixel` must say the largest value of a pixel that `model` takes, 1 "
                f"or 255. Received: max_pixel=None, and no telling from {step!r}, through which "
                "the image goes first. Pass max_pixel=255 if the model was trained on pixels from "
                "0 to 255, max_pixel=1 if on images in [0, 1]."
            )
        max_pixel = found
    if max_pixel not in (UNIT, LEVELS):
        raise ValueError(
            f"`max_pixel` must be 1 or 255. Received: max_pixel={max_pixel!r}. Leave it "
            "out, or bring the images to one of these ranges inside of the encoder."
        )
    if max_pixel == UNIT:
        return encoder
    image = keras.Input(declared.shape[1:], dtype=declared.dtype)
    return keras.Model(image, encoder(keras.layers.Rescaling(LEVELS, name="levels")(image)))


def _logit(model: keras.Model, output: str | None) -> Any:
    """Return the tensor of the logit, higher where the images are more similar."""
    given = model.outputs[0]
    before = before_sigmoid(given)
    output = _kind(model, before is not None) if output is None else output
    if output == "logit":
        return given
    if output == "distance":
        return keras.layers.Rescaling(-1.0, name="negative")(given if before is None else before)
    return log_odds(given) if before is None else before


def _kind(model: keras.Model, sigmoid: bool) -> str:
    """Return what a model gives, where its end and its loss leave no doubt."""
    last = call_of(model.outputs[0]).operation.name
    if isinstance(model, ImageModel) and last == "probability":
        return "probability"  # A network of this package.
    losses = keras.tree.flatten(getattr(model, "loss", None))
    losses = [loss for loss in losses if loss is not None]
    if losses and all(_is_cross_entropy(loss) for loss in losses):
        if sigmoid:
            return "probability"
        if all(getattr(loss, "from_logits", False) for loss in losses):
            return "logit"
    compiled = f"compiled with the loss {losses}" if losses else "compiled with no loss"
    raise ValueError(
        f"`output` must say what `model` gives, one of {OUTPUTS}. Received: a model that "
        f"ends with {last!r}, {compiled}. Pass output='probability' where a sigmoid's 1 means the "
        "same class, output='distance' where a larger output means less similar, as where the "
        "label of different classes was 1."
    )


def _is_cross_entropy(loss: Any) -> bool:
    text = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    text = text.lower().replace("_", "")
    return text == "bce" or ("binary" in text and "crossentropy" in text)

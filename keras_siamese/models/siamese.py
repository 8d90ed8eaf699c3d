"""The siamese network: one encoder called on both images (Koch et al. 2015, sec. 3.1)."""

from typing import Any

import keras

from keras_siamese.models.distance_heads import CosineHead, EuclideanHead
from keras_siamese.models.image_model import ImageModel
from keras_siamese.models.initializers import check_initializer, weight_initializers
from keras_siamese.models.layer_head import LayerHead
from keras_siamese.models.numpy_heads import COSINE, EUCLIDEAN, WEIGHTED_L1
from keras_siamese.models.twins import ENCODER, HEAD, OTHER_HEAD
from keras_siamese.models.weighted_l1 import WeightedL1


def siamese_network(
    encoder: keras.Model,
    *,
    head: str | keras.layers.Layer = WEIGHTED_L1,
    use_bias: bool = True,
    seed: int = 0,
    initializer: str = "koch",
    name: str = "siamese",
) -> keras.Model:
    """Build a network that gives the probability that two images show the same class.

    `p = sigmoid(sum_j alpha_j |h1_j - h2_j| + b)` (Koch et al. 2015, sec. 3.1). The encoder is
    called on both images, so that its weights are tied by construction and its gradient is the
    sum over the twins. The layers are always named `left`, `right`, `encoder`, `weighted_l1` and
    `probability`, whatever was built before: an encoder of another name takes part, with its
    layers and weights shared, under the name `encoder`. Any head but the weighted L1 distance is
    named `head`.

    Args:
        encoder: Functional or Sequential model from an image to a vector, for example
            `koch_encoder()`.
        head: What gives the logit of two embeddings: "weighted_l1", the paper's; "euclidean"
            (`EuclideanHead`); "cosine" (`CosineHead`); or a layer or model that is called as
            `layer([h1, h2])` and gives logits `(batch, 1)`, higher where the embeddings are more
            similar. Its weights are shared with the network. It need not be symmetric: h1 is the
            left image, or the query; h2 is the right image, or the support image.
        use_bias: Boolean, whether the output unit of "weighted_l1" has a bias; the paper's formula
            prints none.
        seed: Non-negative integer for the initial weights of "weighted_l1".
        initializer: Of "weighted_l1": "koch" for alpha N(0, 0.2) and bias N(0.5, 0.01), "he" for
            Glorot-normal alpha and zero bias.
        name: Name of the model.

    Returns:
        Functional model with inputs `left` and `right`, each `(batch, height, width, channels)`,
        uint8 (0 to 255) or float in [0, 1], and output `probability`, `(batch, 1)`, float32 in
        [0, 1].

    Raises:
        ValueError: If `encoder` is no model from one image to one vector, or `head` is unknown or
            gives anything but `(batch, 1)`.

    Example:
        >>> from keras_siamese import koch_encoder, siamese_network
        >>> siamese_network(koch_encoder(units=64)).output_shape
        (None, 1)
        >>> siamese_network(koch_encoder(units=64), head="cosine").layers[-2].name
        'head'
    """
    encoder = _as_image_model(_check_encoder(encoder))
    image = encoder.inputs[0]
    left = keras.Input(image.shape[1:], dtype=image.dtype, name="left")
    right = keras.Input(image.shape[1:], dtype=image.dtype, name="right")
    compare = _make_head(head, use_bias, seed, initializer)
    logit = compare([encoder(left), encoder(right)])
    probability = keras.layers.Activation("sigmoid", dtype="float32", name="probability")(logit)
    return ImageModel([left, right], probability, name=name)


def _make_head(head: Any, use_bias: bool, seed: int, initializer: str) -> keras.layers.Layer:
    """Return the layer that compares two embeddings, under its fixed name."""
    if isinstance(head, keras.layers.Layer):
        if not use_bias:
            raise ValueError(
                "`use_bias` must be True where `head` is a layer. Received: use_bias=False with "
                f"{head.name!r}. Leave it out: the layer itself says whether it has a bias."
            )
        fixed = (WeightedL1, HEAD), ((EuclideanHead, CosineHead, LayerHead), OTHER_HEAD)
        named = any(isinstance(head, kind) and head.name == name for kind, name in fixed)
        return head if named else LayerHead(head, name=OTHER_HEAD)
    if head == WEIGHTED_L1:
        weights = weight_initializers(
            HEAD, kind="dense", activation="sigmoid", seed=seed, initializer=initializer
        )
        return WeightedL1(use_bias=use_bias, name=HEAD, **weights)
    check_initializer(initializer)
    kinds = {EUCLIDEAN: EuclideanHead, COSINE: CosineHead}
    if not isinstance(head, str) or head not in kinds:
        raise ValueError(
            f"`head` must be one of {(WEIGHTED_L1, *kinds)}, or a Keras layer of two "
            f"embeddings. Received: head={head!r}. Leave it out for the paper's weighted L1."
        )
    if not use_bias:
        raise ValueError(
            f"`use_bias` must be True with head={head!r}. Received: use_bias=False. Leave it out: "
            "only 'weighted_l1' goes without a bias."
        )
    return kinds[head](name=OTHER_HEAD)


def _check_encoder(encoder: Any) -> keras.Model:
    """Check that the encoder is a model from one tensor to one vector of known length."""
    expected = "`encoder` must be a Keras model from one image to one vector"
    known = isinstance(encoder, keras.Model) and encoder.built and hasattr(encoder, "inputs")
    if not known or not encoder.inputs:
        raise ValueError(
            f"{expected}, with its input shape known. Received: encoder={encoder!r}. Give a "
            "Sequential model a keras.Input, and wrap a subclassed model: "
            "keras.Model(image, encoder(image)) with image = keras.Input(shape)."
        )
    inputs = [tuple(tensor.shape) for tensor in encoder.inputs]
    outputs = [tuple(tensor.shape) for tensor in encoder.outputs]
    if len(inputs) != 1 or len(outputs) != 1 or len(outputs[0]) != 2 or outputs[0][1] is None:
        raise ValueError(
            f"{expected}, that is with one output of shape (batch, features). Received: input "
            f"shapes {inputs} and output shapes {outputs}. End the encoder with Flatten or "
            "pooling, and a Dense layer."
        )
    return encoder


def _as_image_model(encoder: keras.Model) -> ImageModel:
    """Return the encoder as an `ImageModel` of the fixed name, sharing layers and weights."""
    if type(encoder) is ImageModel and encoder.name == ENCODER:
        return encoder
    image, vector = encoder.inputs[0], encoder.outputs[0]
    renamed = ImageModel(image, vector, name=ENCODER)
    # A subclass may override `call`, which the graph of its layers would drop.
    functional = type(keras.Model(image, vector))
    if type(encoder) not in (ImageModel, functional, keras.Sequential):
        renamed = ImageModel(image, encoder(image), name=ENCODER)
    return renamed

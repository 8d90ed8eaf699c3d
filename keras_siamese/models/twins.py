"""The parts of a siamese network, found by the names that `siamese_network` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Keras is imported where a network is looked at, so that this file's users start without it.
if TYPE_CHECKING:
    import keras

    from keras_siamese.models.distance_heads import CosineHead, EuclideanHead
    from keras_siamese.models.layer_head import LayerHead
    from keras_siamese.models.weighted_l1 import WeightedL1

    Head = WeightedL1 | EuclideanHead | CosineHead | LayerHead

ENCODER = "encoder"
# The weighted L1 distance has the name that it had when there was no other head.
HEAD = "weighted_l1"
OTHER_HEAD = "head"


def check_inputs(network: Any, argument: str) -> None:
    """Refuse a Keras model that does not know the shape of what it takes.

    Args:
        network: Anything.
        argument: Name of the argument, for errors.

    Raises:
        ValueError: If it is a model that was not built, or has no `keras.Input`.
    """
    if hasattr(network, "layers") and not getattr(network, "inputs", None):
        raise ValueError(
            f"`{argument}` must know the shape of its images. Received: a {type(network).__name__} "
            "without an input. Give it a keras.Input: "
            "keras.Sequential([keras.Input(shape), network])."
        )


def twin_encoder(model: keras.Model) -> keras.Model:
    """Return the encoder of a siamese network, its weights shared with it.

    Args:
        model: Model made by `siamese_network`, trained or loaded or new.

    Returns:
        Model from images `(batch, height, width, channels)`, uint8 or float in [0, 1], to vectors
        `(batch, features)`.

    Raises:
        ValueError: If `model` was not made by `siamese_network`.

    Example:
        >>> from keras_siamese import reduced_encoder, siamese_network, twin_encoder
        >>> model = siamese_network(reduced_encoder(units=64))
        >>> twin_encoder(model).output_shape
        (None, 64)
    """
    import keras

    return _siamese_layer(model, ENCODER, keras.Model)


def twin_head(model: keras.Model) -> Head:
    """Return the head of a siamese network, its weights shared with it.

    Args:
        model: Model made by `siamese_network`, trained or loaded or new.

    Returns:
        Layer from two embeddings `[h1, h2]`, each `(batch, features)`, to logits `(batch, 1)`:
        `WeightedL1`, `EuclideanHead`, `CosineHead`, or `LayerHead` around a layer of yours.

    Raises:
        ValueError: If `model` was not made by `siamese_network`.
    """
    from keras_siamese.models.distance_heads import CosineHead, EuclideanHead
    from keras_siamese.models.layer_head import LayerHead
    from keras_siamese.models.weighted_l1 import WeightedL1

    names = {layer.name for layer in getattr(model, "layers", ())}
    if OTHER_HEAD in names and HEAD not in names:
        return _siamese_layer(model, OTHER_HEAD, (EuclideanHead, CosineHead, LayerHead))
    return _siamese_layer(model, HEAD, WeightedL1)


def _siamese_layer(model: Any, name: str, kind: type | tuple[type, ...]) -> Any:
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    if not isinstance(layers.get(name), kind):
        raise ValueError(
            f"`model` must be a model made by siamese_network, with a layer {name!r}. "
            f"Received: model={model!r} with layers {sorted(layers)}. Pass the siamese network "
            "itself, not its encoder."
        )
    return layers[name]

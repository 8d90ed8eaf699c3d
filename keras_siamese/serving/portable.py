"""What a portable file answers, as models of Keras, for backends other than TensorFlow.

`keras_siamese.serving.signatures` has the same in TensorFlow's own operations.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from keras_siamese.models import twin_encoder, twin_head


def portable_model(model: keras.Model, signature: str) -> keras.Model:
    """Return a model that answers one signature; its weights are shared with the network.

    Args:
        model: Network, as made by `siamese_network`, on images of one known size.
        signature: "serving_default", "embed" or "compare", as for `export_onnx`.

    Returns:
        Functional model, whose inputs have the signature's names. It takes one tensor, or a list of
        two, and gives one.

    Raises:
        ValueError: If the signature is another.
    """
    check_signature(signature)
    makers: dict[str, Callable[[keras.Model], keras.Model]] = {
        "serving_default": _verify,
        "embed": _embed,
        "compare": _compare,
    }
    return makers[signature](model)


# By signature: the name of the one output.
OUTPUTS = {"serving_default": "probability", "embed": "embedding", "compare": "probability"}


def check_signature(signature: str) -> None:
    """Check that a portable file can answer a signature.

    Args:
        signature: Its name.

    Raises:
        ValueError: If it is not one of `OUTPUTS`.
    """
    if signature not in OUTPUTS:
        raise ValueError(
            f"`signature` must be one of {tuple(OUTPUTS)}. Received: "
            f"signature={signature!r}. Write one file for each that you need."
        )


def _verify(model: keras.Model) -> keras.Model:
    encoder = twin_encoder(model)
    left, right = (keras.Input(encoder.input_shape[1:], name=name) for name in ("left", "right"))
    return keras.Model([left, right], _probability(model, encoder(left), encoder(right)))


def _embed(model: keras.Model) -> keras.Model:
    encoder = twin_encoder(model)
    image = keras.Input(encoder.input_shape[1:], name="image")
    return keras.Model(image, encoder(image))


def _compare(model: keras.Model) -> keras.Model:
    features = twin_encoder(model).output_shape[1:]
    left, right = (keras.Input(features, name=name) for name in ("left", "right"))
    return keras.Model([left, right], _probability(model, left, right))


def _probability(
    model: keras.Model, first: keras.KerasTensor, second: keras.KerasTensor
) -> keras.KerasTensor:
    """Return the probability `(batch,)` for two embeddings."""
    return keras.ops.sigmoid(twin_head(model)([first, second])[:, 0])

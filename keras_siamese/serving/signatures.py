"""What a served siamese network answers, as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.serving.decoding import decode_images

Answer = dict[str, tf.Tensor]


class Signature(NamedTuple):
    """A function to serve and the tensors that it takes, which carry the names of its inputs."""

    function: Callable[..., Answer]
    inputs: list[tf.TensorSpec]


def make_signatures(model: keras.Model, *, ink: str, max_pixels: int) -> dict[str, Signature]:
    """Return the signatures of a siamese network, by name.

    Args:
        model: Network on images of one known size.
        ink: "dark" or "bright", as `decode_images` takes it.
        max_pixels: Largest image that `verify_images` decodes.

    Returns:
        `serving_default`, `embed`, `verify_images` and `classify`.
    """
    encoder, head = twin_encoder(model), twin_head(model)
    shape, features = tuple(encoder.input_shape[1:]), encoder.output_shape[-1]

    def images(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None, *shape), tf.float32, name)

    def files(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None,), tf.string, name)

    def encode(batch: tf.Tensor) -> tf.Tensor:
        # TensorFlow's oneDNN kernels fail on the second convolution of an empty batch.
        embeddings = tf.cond(
            tf.equal(tf.shape(batch)[0], 0),
            lambda: tf.zeros((0, features)),
            lambda: tf.cast(encoder(batch, training=False), tf.float32),
        )
        return tf.ensure_shape(embeddings, (None, features))

    def compare(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(head([first, second])[:, 0])

    def verify(left: tf.Tensor, right: tf.Tensor) -> Answer:
        return {"probability": compare(encode(left), encode(right))}

    def embed(image: tf.Tensor) -> Answer:
        return {"embedding": encode(image)}

    def verify_images(left: tf.Tensor, right: tf.Tensor) -> Answer:
        decoded = (
            decode_images(side, shape=shape, ink=ink, max_pixels=max_pixels)
            for side in (left, right)
        )
        return verify(*decoded)

    def classify(support: tf.Tensor, queries: tf.Tensor) -> Answer:
        known = encode(support)

        # One query at a time, so that memory does not grow with queries times supports.
        def against_all(query: tf.Tensor) -> tf.Tensor:
            return compare(tf.broadcast_to(query, tf.shape(known)), known)

        row = tf.TensorSpec((None,), tf.float32)
        probability = tf.map_fn(against_all, encode(queries), fn_output_signature=row)
        return {"probability": probability, "best": tf.argmax(probability, axis=1)}

    return {
        "serving_default": Signature(verify, [images("left"), images("right")]),
        "embed": Signature(embed, [images("image")]),
        "verify_images": Signature(verify_images, [files("left"), files("right")]),
        "classify": Signature(classify, [images("support"), images("queries")]),
    }


def make_portable_signatures(model: keras.Model) -> dict[str, Signature]:
    """Return the signatures that need no operations of TensorFlow's own, by name.

    Args:
        model: Network on images of one known size.

    Returns:
        `serving_default` and `embed`, as in `make_signatures` but for batches of one or more, and
        `compare`, from embeddings `left` and `right` `(batch, features)` to `probability`
        `(batch,)`.
    """
    encoder, head = twin_encoder(model), twin_head(model)

    def images(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None, *encoder.input_shape[1:]), tf.float32, name)

    def embeddings(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None, encoder.output_shape[-1]), tf.float32, name)

    def embed(image: tf.Tensor) -> Answer:
        return {"embedding": encoder(image, training=False)}

    def compare(left: tf.Tensor, right: tf.Tensor) -> Answer:
        return {"probability": tf.sigmoid(head([left, right])[:, 0])}

    def verify(left: tf.Tensor, right: tf.Tensor) -> Answer:
        return compare(embed(left)["embedding"], embed(right)["embedding"])

    return {
        "serving_default": Signature(verify, [images("left"), images("right")]),
        "embed": Signature(embed, [images("image")]),
        "compare": Signature(compare, [embeddings("left"), embeddings("right")]),
    }

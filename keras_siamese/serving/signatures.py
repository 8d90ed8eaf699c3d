"""What a served siamese network answers, as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import tensorflow as tf

from keras_siamese.data import Preprocessing
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.serving.decoding import decode_images
from keras_siamese.serving.inputs import checked_files, checked_images, checked_pairs

Answer = dict[str, tf.Tensor]


class Signature(NamedTuple):
    """A function to serve and the tensors that it takes, which carry the names of its inputs."""

    function: Callable[..., Answer]
    inputs: list[tf.TensorSpec]


def make_signatures(
    model: keras.Model, preprocessing: Preprocessing | None, *, max_pixels: int, max_images: int
) -> dict[str, Signature]:
    """Return the signatures of a siamese network, by name.

    Each refuses what it cannot answer, with an error that names the input: batches that are empty,
    too long or of two lengths, wrong sizes, values outside [0, 1] and files that are no images.

    Args:
        model: Network on images of one known size.
        preprocessing: How files are read; None for no signature that takes files.
        max_pixels: Largest image that is decoded.
        max_images: Most images of an input.

    Returns:
        `serving_default`, `embed`, `classify` and, for files, `verify_images` and `embed_images`.
    """
    encoder, head = twin_encoder(model), twin_head(model)
    shape, features = tuple(encoder.input_shape[1:]), encoder.output_shape[-1]

    def images(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None, *shape), tf.float32, name)

    def checked(batch: tf.Tensor, name: str) -> tf.Tensor:
        return checked_images(batch, name, shape, max_images=max_images)

    def encode(batch: tf.Tensor) -> tf.Tensor:
        embeddings = tf.cast(encoder(batch, training=False), tf.float32)
        return tf.ensure_shape(embeddings, (None, features))

    def compare(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        return tf.sigmoid(head([first, second])[:, 0])

    def verify(left: tf.Tensor, right: tf.Tensor) -> Answer:
        left, right = checked_pairs(checked(left, "left"), checked(right, "right"))
        return {"probability": compare(encode(left), encode(right))}

    def embed(image: tf.Tensor) -> Answer:
        return {"embedding": encode(checked(image, "image"))}

    def classify(support: tf.Tensor, queries: tf.Tensor) -> Answer:
        known = encode(checked(support, "support"))

        # One query at a time, so that memory does not grow with queries times supports.
        def against_all(query: tf.Tensor) -> tf.Tensor:
            return compare(tf.broadcast_to(query, tf.shape(known)), known)

        asked = encode(checked(queries, "queries"))
        row = tf.TensorSpec((None,), tf.float32)
        probability = tf.map_fn(against_all, asked, fn_output_signature=row)
        return {"probability": probability, "best": tf.argmax(probability, axis=1)}

    signatures = {
        "serving_default": Signature(verify, [images("left"), images("right")]),
        "embed": Signature(embed, [images("image")]),
        "classify": Signature(classify, [images("support"), images("queries")]),
    }
    if preprocessing is not None:
        signatures.update(_file_signatures(encode, compare, preprocessing, max_pixels, max_images))
    return signatures


def _file_signatures(
    encode: Callable[[tf.Tensor], tf.Tensor],
    compare: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    preprocessing: Preprocessing,
    max_pixels: int,
    max_images: int,
) -> dict[str, Signature]:
    """Return the signatures that take the bytes of files."""

    def checked(contents: tf.Tensor, name: str) -> tf.Tensor:
        return checked_files(contents, name, max_images=max_images)

    def files(name: str) -> tf.TensorSpec:
        return tf.TensorSpec((None,), tf.string, name)

    # One function for all signatures, so that its many operations are traced and written once.
    strings = tf.TensorSpec((None,), tf.string)
    read = tf.function(
        lambda contents, names: decode_images(
            contents, names, preprocessing, max_pixels=max_pixels
        ),
        autograph=False,
    ).get_concrete_function(strings, strings)

    def named(contents: tf.Tensor, name: str) -> tf.Tensor:
        rows = tf.as_string(tf.range(tf.size(contents)))
        return tf.strings.join([f"Input `{name}`, row ", rows, ","])

    def verify_images(left: tf.Tensor, right: tf.Tensor) -> Answer:
        left, right = checked_pairs(checked(left, "left"), checked(right, "right"))
        names = tf.concat([named(left, "left"), named(right, "right")], axis=0)
        embeddings = encode(read(tf.concat([left, right], axis=0), names))
        return {"probability": compare(*tf.split(embeddings, 2))}

    def embed_images(image: tf.Tensor) -> Answer:
        image = checked(image, "image")
        return {"embedding": encode(read(image, named(image, "image")))}

    return {
        "verify_images": Signature(verify_images, [files("left"), files("right")]),
        "embed_images": Signature(embed_images, [files("image")]),
    }


def make_portable_signatures(model: keras.Model) -> dict[str, Signature]:
    """Return the signatures that need no operations of TensorFlow's own, by name.

    Args:
        model: Network on images of one known size.

    Returns:
        `serving_default` and `embed`, as in `make_signatures` except for batches of one or more,
        and `compare`, from embeddings `left` and `right` `(batch, features)` to `probability`
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

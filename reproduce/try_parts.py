"""What the tries of `reproduce/tries.py` change: encoders, heads, images and losses.

Nothing of it is in the package: what a try showed to pay became a setting there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_siamese.models import siamese_network, twin_encoder, twin_head
from keras_siamese.models.encoders import embedding_layer
from keras_siamese.models.initializers import weight_initializers
from keras_siamese.training.block_step import all_pairs_logits, drawer_pairs

Augment = Callable[[tf.Tensor], tf.Tensor]


def encoder(
    size: int,
    *,
    filters: list[int],
    pools: list[int],
    units: int = 1024,
    seed: int = 0,
    residual: bool = False,
    dropout: float = 0.0,
    embedding: str = "sigmoid",
) -> keras.Model:
    """Return an encoder as `conv_encoder` makes it, with poolings at will and other parts.

    Args:
        size: Side of the images.
        filters: Filters of each convolution.
        pools: The convolutions that are followed by a pooling, from 1.
        units: Length of the embedding.
        seed: Seed of the weights.
        residual: Whether a convolution that changes no shape is added to its input.
        dropout: Share of the features before the embedding that is dropped.
        embedding: "sigmoid", or "normalized" for batch normalization in its place.
    """
    image = keras.Input((size, size, 1), name="image")
    outputs = image
    for index, count in enumerate(filters, start=1):
        weights = weight_initializers(
            f"conv{index}", kind="convolution", activation="relu", seed=seed, initializer="he"
        )
        before = outputs
        outputs = keras.layers.Conv2D(
            count, 3, padding="same", use_bias=False,
            kernel_initializer=weights["kernel_initializer"],
        )(outputs)  # fmt: skip
        if index in pools:
            outputs = keras.layers.MaxPooling2D(2)(outputs)
        outputs = keras.layers.BatchNormalization()(outputs)
        if residual and before.shape == outputs.shape:
            outputs = keras.layers.Add()([before, outputs])
        outputs = keras.layers.ReLU()(outputs)
    outputs = keras.layers.Flatten()(outputs)
    if dropout:
        outputs = keras.layers.Dropout(dropout, seed=seed)(outputs)
    if embedding == "sigmoid":
        outputs = embedding_layer(units, seed=seed, initializer="he")(outputs)
    else:
        outputs = keras.layers.Dense(units, use_bias=False)(outputs)
        outputs = keras.layers.BatchNormalization()(outputs)
    return keras.Model(image, outputs, name="encoder")


def network(size: int, *, head: str = "l1", **parts: Any) -> keras.Model:
    """Return a siamese network.

    With the head "non-positive" alpha stays at or below zero; with "cosine" the bias is the factor
    of a cosine, and alpha has no part.
    """
    model = siamese_network(encoder(size, **parts), initializer="he")
    kernel, bias = twin_head(model).weights
    if head == "cosine":
        bias.assign([10.0])
    if head == "non-positive":
        kernel.assign(-tf.abs(kernel.value))
        kernel.constraint = lambda value: tf.minimum(value, 0.0)
    return model


def thickness(images: tf.Tensor) -> tf.Tensor:
    """Thicken or thin the strokes of each image by up to a pixel."""
    grown = tf.nn.max_pool2d(images, 3, 1, "SAME")
    shrunk = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    amount = tf.random.uniform((tf.shape(images)[0], 1, 1, 1), -0.5, 0.5)
    there = tf.where(amount > 0, grown, shrunk)
    return images + tf.abs(amount) * (there - images)


def elastic(images: tf.Tensor) -> tf.Tensor:
    """Move the pixels of each image by a smooth random field of up to some 2.5 % of its side."""
    count, size = tf.shape(images)[0], images.shape[1]
    field = 0.0125 * size * tf.random.normal((count, 4, 4, 2))
    moved = tf.image.resize(field, (size, size), method="bicubic")
    grid = tf.cast(
        tf.stack(tf.meshgrid(tf.range(size), tf.range(size), indexing="ij"), -1), "float32"
    )
    places = tf.clip_by_value(grid + moved, 0.0, size - 1.001)
    low = tf.floor(places)
    part = places - low
    corner = tf.cast(low, tf.int32)
    values = 0.0
    for down in (0, 1):
        for right in (0, 1):
            weight = tf.abs(1 - down - part[..., :1]) * tf.abs(1 - right - part[..., 1:])
            values += weight * tf.gather_nd(images, corner + [down, right], batch_dims=1)
    return values


AUGMENT: dict[str, Augment] = {"thickness": thickness, "elastic": elastic}


def pair_logits(model: keras.Model, embeddings: tf.Tensor, *, cosine: bool = False) -> tf.Tensor:
    """Compare every two drawers of a block, each other's queries and shots.

    Args:
        model: Siamese network.
        embeddings: `(blocks, n_way, drawers, features)`.
        cosine: Whether logits are cosines, times the head's bias.

    Returns:
        Logits `(blocks * pairs of drawers, n_way, n_way, 1)`.
    """
    pairs = drawer_pairs(embeddings)
    if not cosine:
        return all_pairs_logits(twin_head(model), pairs)
    queries, shots = tf.unstack(tf.math.l2_normalize(pairs, -1), axis=2)
    return (twin_head(model).bias * tf.matmul(queries, shots, transpose_b=True))[..., None]


def cosine_accuracy(model: keras.Model, runs: Any) -> float:
    """Return the share of one-shot trials that the largest cosine of embeddings answers right."""
    embeddings = twin_encoder(model).predict(runs.images / 255.0, batch_size=256, verbose=0)
    embeddings /= (embeddings**2).sum(-1, keepdims=True) ** 0.5
    queries, support = embeddings[runs.queries], embeddings[runs.support[:, :, 0]]
    return float(((queries @ support.swapaxes(1, 2)).argmax(-1) == runs.answers).mean())

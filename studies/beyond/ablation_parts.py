"""What the ablations of `studies.beyond.ablations` change: encoders, heads and images.

Nothing of it is in the package: a change that paid became a setting there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_siamese.evaluation import score_episodes
from keras_siamese.models import WeightedL1, siamese_network, twin_encoder, twin_head
from keras_siamese.models.encoders import embedding_layer
from keras_siamese.models.initializers import weight_initializers


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
    augment: Sequence[str] = (),
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
        embedding: "sigmoid"; "normalized" for batch normalization instead; or "features" for
            the sigmoid of the last convolution's features, with no fully-connected layer.
        augment: Keys of `AUGMENT`, what changes the images in training.
    """
    image = keras.Input((size, size, 1), name="image")
    outputs = Augment(augment)(image) if augment else image
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
        # A ReLU before the final sigmoid would confine the embedding to [0.5, 1).
        if embedding != "features" or index < len(filters):
            outputs = keras.layers.ReLU()(outputs)
    outputs = keras.layers.Flatten()(outputs)
    if dropout:
        outputs = keras.layers.Dropout(dropout, seed=seed)(outputs)
    if embedding == "sigmoid":
        outputs = embedding_layer(units, seed=seed, initializer="he")(outputs)
    elif embedding == "features":
        outputs = keras.layers.Activation("sigmoid")(outputs)
    else:
        outputs = keras.layers.Dense(units, use_bias=False)(outputs)
        outputs = keras.layers.BatchNormalization()(outputs)
    return keras.Model(image, outputs, name="encoder")


class Cosine(WeightedL1):
    """A cosine instead of the weighted L1 distance, times the bias; alpha has no part."""

    def build(self, input_shape: Any) -> None:
        """Begin with ten times the cosine."""
        super().build(input_shape)
        self.kernel.trainable = False
        self.bias.assign([10.0])  # type: ignore[union-attr]

    def call(self, inputs: Any) -> Any:
        """Return logits `(batch, 1)` of two embeddings."""
        first, second = (tf.math.l2_normalize(side, -1) for side in inputs)
        return self.bias * tf.reduce_sum(first * second, axis=-1, keepdims=True)


def ablation_network(size: int, *, head: str = "l1", **parts: Any) -> keras.Model:
    """Return a siamese network.

    Args:
        size: Side of the images.
        head: "l1"; "non-positive", where alpha stays at or below zero; or "cosine".
        **parts: Arguments of `encoder`.
    """
    shared = encoder(size, **parts)
    if head == "cosine":
        left, right = keras.Input((size, size, 1)), keras.Input((size, size, 1))
        logit = Cosine(name="weighted_l1")([shared(left), shared(right)])
        return keras.Model([left, right], keras.layers.Activation("sigmoid")(logit))
    model = siamese_network(shared, initializer="he")
    if head == "non-positive":
        # Then a difference of a feature can only make "same" less likely.
        kernel = twin_head(model).kernel
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
    # Just inside the last pixel, whose neighbour below and to the right would be outside.
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


AUGMENT: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {"thickness": thickness, "elastic": elastic}


class Augment(keras.layers.Layer):
    """Changes the images of a training step, and no others.

    Args:
        names: Keys of `AUGMENT`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Keep the names."""
        super().__init__()
        self.names = names

    def call(self, images: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Return images of the same shape."""
        for name in self.names if training else ():
            images = AUGMENT[name](images)
        return images


def cosine_accuracy(model: keras.Model, episodes: Any) -> float:
    """Return the share of one-shot trials that the largest cosine of embeddings answers right.

    A tie is an error, as in `score_episodes`.
    """
    embeddings = twin_encoder(model).predict(episodes.images / 255.0, batch_size=256, verbose=0)
    embeddings /= (embeddings**2).sum(-1, keepdims=True) ** 0.5
    queries, support = embeddings[episodes.queries], embeddings[episodes.support[:, :, 0]]
    return score_episodes(queries @ support.swapaxes(1, 2), episodes).accuracy

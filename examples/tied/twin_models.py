"""Two encoders and a head: one encoder twice (tied), or two copies with separate weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from examples.tied.material import Material
from keras_siamese.evaluation import score_episodes
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import WeightedL1, siamese_network, twin_encoder, twin_head


@dataclass(frozen=True)
class Twins:
    """The encoder of the left image, that of the right image, and the head on both vectors."""

    left: keras.Model
    right: keras.Model
    head: WeightedL1

    @property
    def tied(self) -> bool:
        """Whether the two encoders are one object."""
        return self.left is self.right

    @property
    def encoders(self) -> list[keras.Model]:
        """The encoders that have separate weights: one or two."""
        return [self.left] if self.tied else [self.left, self.right]

    @property
    def weights(self) -> list[Any]:
        """Every trainable weight once."""
        encoders = [weight for encoder in self.encoders for weight in encoder.trainable_weights]
        return encoders + self.head.trainable_weights

    @property
    def num_weights(self) -> int:
        """Count of trainable numbers."""
        return sum(int(np.prod(weight.shape)) for weight in self.weights)


def tied_twins(encoder: keras.Model, *, seed: int = 0) -> Twins:
    """Return the library's siamese network, taken apart."""
    model = siamese_network(encoder, seed=seed, initializer="he")
    return Twins(twin_encoder(model), twin_encoder(model), twin_head(model))


def copied_twins(encoder: keras.Model, *, seed: int = 0, other: keras.Model | None = None) -> Twins:
    """Return two physical copies, of equal weights unless `other` brings its own."""
    tied = tied_twins(encoder, seed=seed)
    copy = keras.models.clone_model(tied.left)
    copy.set_weights((tied.left if other is None else other).get_weights())
    return Twins(tied.left, copy, tied.head)


def pair_loss(logits: tf.Tensor, same: Any) -> tf.Tensor:
    """Return the mean cross-entropy of a batch (Koch et al. 2015, sec. 3.2)."""
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=same, logits=logits[:, 0])
    return tf.reduce_mean(losses)


def gradients(twins: Twins, left: Any, right: Any, same: Any) -> tuple[tf.Tensor, list, list, list]:
    """Return the loss and its gradients: left encoder's, right encoder's, head's.

    Tied twins have one encoder: its gradient is used for the left one and for the right.
    """
    with tf.GradientTape() as tape:
        loss = pair_loss(twins.head([twins.left(left), twins.right(right)]), same)
    sources = [encoder.trainable_weights for encoder in twins.encoders]
    *encoders, head = tape.gradient(loss, [*sources, twins.head.trainable_weights])
    return loss, encoders[0], encoders[-1], head


def flat(values: list) -> np.ndarray:
    """Return all numbers of some weights or gradients in one row, float64."""
    return np.concatenate([np.asarray(value, np.float64).ravel() for value in values])


def relative(difference: np.ndarray, reference: np.ndarray) -> float:
    """Return the length of a difference as a fraction of a reference's length."""
    return float(np.linalg.norm(difference) / np.linalg.norm(reference))


def apartness(twins: Twins) -> float:
    """Return how far apart the two encoders' weights are, relative to the left one's length."""
    left, right = flat(twins.left.trainable_weights), flat(twins.right.trainable_weights)
    return relative(left - right, left)


def asymmetry(twins: Twins, material: Material) -> float:
    """Return the mean of |p(a,b) - p(b,a)| over the held-out pairs."""
    table = material.test_pairs
    images = material.test.images
    forward, backward = (
        _probabilities(twins, images[first], images[second])
        for first, second in ((table.left, table.right), (table.right, table.left))
    )
    return float(np.abs(forward - backward).mean())


def _probabilities(twins: Twins, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    vectors = np.concatenate([encode_images(twins.left, left), encode_images(twins.right, right)])
    rows = np.arange(len(left))
    logits = head_logits(twins.head, vectors, rows, rows + len(left))
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def one_shot_correct(twins: Twins, material: Material) -> tuple[int, int]:
    """Score the trials: queries through the left encoder, support through the right one.

    Returns:
        The number of trials answered correctly, and of all.
    """
    episodes = material.episodes
    used, rows = np.unique(
        np.concatenate([episodes.queries.ravel(), episodes.support.ravel()]), return_inverse=True
    )
    encoded = [
        encode_images(encoder, episodes.images[used]) for encoder in (twins.left, twins.right)
    ]
    queries = rows[: episodes.queries.size].reshape(episodes.queries.shape)
    # The right encoder's vectors stand below the left one's.
    support = rows[episodes.queries.size :].reshape(episodes.support.shape) + len(used)
    left, right = np.broadcast_arrays(queries[:, :, None], support[:, None, :, 0])
    scores = head_logits(twins.head, np.concatenate(encoded), left, right)
    result = score_episodes(scores, episodes)
    return result.correct, result.n

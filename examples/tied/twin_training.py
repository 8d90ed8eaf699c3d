"""Training of twins by one of four rules: what each copy's weights are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from examples.tied.material import BATCH, Material
from examples.tied.twin_models import Twins, gradients
from keras_siamese import LayerwiseSGD
from keras_siamese.training.batches import epoch_order, pair_rows
from keras_siamese.training.step import make_pair_images

# tied: one encoder. Two copies: each gets the sum of both gradients; each gets its own; each gets
# its own, and then both take the mean of their weights.
RULES = ("tied", "sum", "own", "average")
RATE = 0.1
MOMENTUM = 0.9


def make_twin_step(
    twins: Twins, rule: str, images: np.ndarray, optimizer: LayerwiseSGD
) -> Callable:
    """Return a compiled step: image indices (left, then right) and labels to the loss."""
    if rule not in RULES or (rule == "tied") != twins.tied:
        raise ValueError(
            f"`rule` must be one of {RULES}, 'tied' for tied twins and another for copies. "
            f"Received: rule={rule!r} for {'tied twins' if twins.tied else 'copies'}."
        )
    optimizer.build(twins.weights)
    pair_images = make_pair_images(images, distorted=False)

    @tf.function
    def step(indices: tf.Tensor, transforms: tf.Tensor, same: tf.Tensor) -> tf.Tensor:
        left_images, right_images = tf.split(pair_images(indices, transforms), 2)
        loss, left, right, head = gradients(twins, left_images, right_images, same)
        if rule == "tied":
            given = left
        elif rule == "sum":
            # Each copy adds what it receives to its own; float addition has no order of two terms.
            given = [own + other for own, other in zip(left, right, strict=True)]
            given += [own + other for own, other in zip(right, left, strict=True)]
        else:
            given = left + right
        optimizer.apply(given + head, twins.weights)
        if rule == "average":
            for one, other in zip(
                twins.left.trainable_weights, twins.right.trainable_weights, strict=True
            ):
                mean = (one + other) / 2
                one.assign(mean)
                other.assign(mean)
        return loss

    return step


def encoder_rates(twins: Twins, encoder: float, head: float) -> dict[str, float]:
    """Return the learning rates by layer: one for the encoder's layers, one for the head."""
    layers = {weight.path.split("/")[-2] for weight in twins.left.trainable_weights}
    return {**dict.fromkeys(layers, encoder), twins.head.name: head}


def train_twins(
    twins: Twins,
    rule: str,
    material: Material,
    *,
    steps: int,
    rate: float | dict[str, float] = RATE,
    seed: int = 0,
    watch: Callable[[int], Any] = lambda step: None,
) -> float:
    """Train, calling `watch(steps done)` before the first step and after each; return the loss.

    Every rule sees the same pairs in the same order. The loss is the mean of the last 20 steps.
    """
    step = make_twin_step(twins, rule, material.train.images, LayerwiseSGD(rate, MOMENTUM))
    order = epoch_order(len(material.pairs), 0, epoch_pairs=steps * BATCH, seed=seed)
    losses = []
    watch(0)
    for number in range(steps):
        rows = order[number * BATCH : (number + 1) * BATCH]
        same = material.pairs.same[rows].astype(np.float32)
        losses.append(float(step(*pair_rows(material.pairs, rows), same)))
        watch(number + 1)
    return float(np.mean(losses[-20:]))

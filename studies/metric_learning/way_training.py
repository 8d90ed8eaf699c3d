"""One training of one way: the same encoder, images, optimizer and schedule for all.

The encoder ends in sigmoid units with the weighted L1 head, as the paper has it, else in linear
ones.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_siamese.data import ImageDataset, sample_pairs
from keras_siamese.losses import ClassProxies, CrossBatchMemory
from keras_siamese.models import conv_encoder, siamese_network, twin_encoder
from keras_siamese.training import (
    ClassBatches,
    DivergedError,
    EpisodeConfig,
    pair_batches,
    train_episodes,
)
from studies.metric_learning.ways import EPISODES, MEMORY, PAIRS, PROXIES, Way

CLASSES_PER_BATCH, IMAGES_PER_CLASS = 16, 4
# Every step sees so many images, whatever it compares.
BATCH = CLASSES_PER_BATCH * IMAGES_PER_CLASS
MEMORY_SIZE = 512
# What is compared comes from one alphabet, script or kind of flags, as in the scores.
PROTOCOL = "within-alphabet"


def train_way(
    way: Way,
    dataset: ImageDataset,
    *,
    encoder: dict[str, Any],
    steps: int,
    rate: float,
    seed: int,
) -> keras.Model:
    """Train one way.

    Args:
        way: The way.
        dataset: Images that train.
        encoder: Arguments of `conv_encoder`.
        steps: Steps of Adam, of `BATCH` images each.
        rate: Its rate in the first step; it falls to zero along a half cosine.
        seed: Seed of the weights and of what is drawn.

    Returns:
        Siamese model of the trained encoder.

    Raises:
        DivergedError: If the loss is not finite.
    """
    keras.utils.set_random_seed(seed)
    network = conv_encoder(dataset.images.shape[1:], **encoder, seed=seed)
    if way.head != "weighted_l1":
        # The paper's sigmoid units are for its head; other comparisons lose by them.
        network.get_layer("embedding").activation = keras.activations.linear
    model = siamese_network(network, head=way.head, seed=seed)
    if way.kind == EPISODES:
        train_episodes(model, dataset, episode_config(steps, rate, seed), verbose=0)
        return model
    loss = "binary_crossentropy" if way.loss is None else way.loss()
    if way.kind == PAIRS:
        pairs = sample_pairs(dataset, steps * BATCH // 2, seed=seed, different=PROTOCOL)
        trainer, batches = model, pair_batches(dataset, pairs, batch_size=BATCH // 2, seed=seed)
    else:
        trainer = _trainer(way.kind, twin_encoder(model), loss, len(dataset.character_names))
        batches = ClassBatches(
            dataset, classes_per_batch=CLASSES_PER_BATCH, images_per_class=IMAGES_PER_CLASS,
            steps_per_epoch=steps, protocol=PROTOCOL, labels_as_input=way.kind == MEMORY, seed=seed,
        )  # fmt: skip
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    trainer.compile(keras.optimizers.Adam(schedule), None if way.kind == MEMORY else loss)
    history = trainer.fit(batches, epochs=1, verbose=0).history
    if not np.isfinite(history["loss"][-1]):
        raise DivergedError(f"The loss of {way.title} is not finite. Lower the rate.")
    return model


def episode_config(steps: int, rate: float, seed: int) -> EpisodeConfig:
    """Return the settings of training on episodes with the same images and Adam's steps."""
    return EpisodeConfig(
        n_way=CLASSES_PER_BATCH, n_shot=IMAGES_PER_CLASS - 1, compare="drawers",
        episodes_per_step=1, steps=steps, validate_every=steps, protocol=PROTOCOL,
        symmetries=False, distortions=None, learning_rate=rate, weight_decay=0.0, seed=seed,
    )  # fmt: skip


def _trainer(kind: str, encoder: keras.Model, loss: Any, num_classes: int) -> keras.Model:
    """Return the model that a loss on embeddings trains, of which the encoder is kept."""
    if kind == PROXIES:
        return keras.Sequential([encoder, ClassProxies(num_classes)])
    if kind == MEMORY:
        image, label = keras.Input(encoder.input_shape[1:]), keras.Input((), dtype="int32")
        memory = CrossBatchMemory(loss, memory_size=MEMORY_SIZE)
        return keras.Model([image, label], memory([label, encoder(image)]))
    return encoder

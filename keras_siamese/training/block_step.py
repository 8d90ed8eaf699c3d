"""One compiled training step on blocks: gather, distort, encode once, score all pairs, update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.data.camera import COLUMNS
from keras_siamese.models import WeightedL1, twin_encoder, twin_head
from keras_siamese.training.block_losses import BLOCK_LOSSES
from keras_siamese.training.camera import take_pictures
from keras_siamese.training.episode_config import EpisodeConfig
from keras_siamese.training.fast_layers import with_fast_layers
from keras_siamese.training.step import make_pair_images
from keras_siamese.training.weight_average import WeightAverage


def all_pairs_logits(head: WeightedL1, embeddings: tf.Tensor) -> tf.Tensor:
    """Score every query of a block against every shot of every class, by the siamese head.

    Args:
        head: The weighted L1 distance.
        embeddings: `(blocks, n_way, 1 + n_shot, features)`, float32: each class's query, then its
            shots.

    Returns:
        Logits `(blocks, n_way, n_way, n_shot)`, float32: query, class, shot.
    """
    blocks, n_way, drawings, features = embeddings.shape
    shape = (blocks, n_way, n_way, drawings - 1, features)
    queries = tf.broadcast_to(embeddings[:, :, None, :1], shape)
    shots = tf.broadcast_to(embeddings[:, None, :, 1:], shape)
    pairs = [tf.reshape(side, (-1, features)) for side in (queries, shots)]
    return tf.reshape(head(pairs), shape[:-1])


def drawer_pairs(embeddings: tf.Tensor) -> tf.Tensor:
    """Make a block of every two drawers of a block.

    Args:
        embeddings: `(blocks, n_way, drawers, features)`, float32.

    Returns:
        `(blocks * pairs, n_way, 2, features)`, with `drawers (drawers - 1) / 2` pairs of drawers.
    """
    _, n_way, drawers, features = embeddings.shape
    pairs = list(combinations(range(drawers), 2))
    paired = tf.gather(embeddings, pairs, axis=2)
    return tf.reshape(tf.transpose(paired, [0, 2, 1, 3, 4]), (-1, n_way, 2, features))


def make_block_step(
    model: keras.Model,
    images: np.ndarray,
    config: EpisodeConfig,
    average: WeightAverage | None = None,
    fast_layers: Sequence[str] = (),
) -> Callable:
    """Return the compiled training step of a siamese model on blocks.

    All images of a step go through the encoder in one call, in training mode: batch normalization
    sees queries and shots of all blocks together.

    Args:
        model: A compiled siamese model.
        images: `(n, height, width, channels)`, uint8, the training images.
        config: How to train.
        average: Average of the weights to keep up, if any.
        fast_layers: As for `make_train_step`.

    Returns:
        A function of the arrays of a `Blocks`: indices `(blocks, n_way, 1 + n_shot)`, int32,
        transforms `(blocks, n_way, 1 + n_shot, 6)`, float32, and where `config.camera` is given,
        its draws. It gives the mean loss, and the fraction of queries whose own class scores
        highest in their block.
    """
    encoder = with_fast_layers(twin_encoder(model), fast_layers)
    head, optimizer = twin_head(model), model.optimizer
    variables = model.trainable_variables
    optimizer.build(variables)
    loss_of = partial(BLOCK_LOSSES[config.loss], label_smoothing=config.label_smoothing)
    distortions = (config.distortions, config.block_distortions)
    distorted = config.symmetries or any(ranges is not None for ranges in distortions)
    block_images = make_pair_images(images, distorted=distorted)
    shape = (config.blocks, config.n_way, 1 + config.n_shot)

    def step(
        indices: tf.Tensor, transforms: tf.Tensor, camera: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        batch = block_images(tf.reshape(indices, [-1]), tf.reshape(transforms, [-1, 6]))
        if config.camera is not None and camera is not None:
            draws = tf.reshape(camera, [-1, camera.shape[-1]])
            batch = take_pictures(batch, draws, config.camera)
        with tf.GradientTape() as tape:
            embeddings = encoder(batch, training=True)
            embeddings = tf.reshape(embeddings, (*shape, embeddings.shape[-1]))
            if config.compare == "drawers":
                embeddings = drawer_pairs(embeddings)
            logits = all_pairs_logits(head, embeddings)
            loss = loss_of(logits)
            objective = tf.add_n([loss, *model.losses])
        # Read here, because the update counts it up.
        done = tf.identity(optimizer.iterations.value)
        optimizer.apply(tape.gradient(objective, variables), variables)
        if average is not None:
            average.update(done)
        answers = tf.argmax(tf.reduce_mean(logits, axis=-1), axis=-1)
        right = tf.equal(answers, tf.range(config.n_way, dtype=answers.dtype))
        return loss, tf.reduce_mean(tf.cast(right, tf.float32))

    signature = [tf.TensorSpec(shape, tf.int32), tf.TensorSpec((*shape, 6), tf.float32)]
    if config.camera is not None:
        numbers = len(COLUMNS) + 2 * images.shape[3]
        signature.append(tf.TensorSpec((*shape, numbers), tf.float32))
    return tf.function(step, input_signature=signature)

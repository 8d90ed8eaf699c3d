"""One compiled training step on blocks: gather, distort, encode once, score all pairs, update."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

import keras
import numpy as np

from keras_siamese.compat import ops
from keras_siamese.data.camera import COLUMNS
from keras_siamese.models import WeightedL1, twin_encoder, twin_head
from keras_siamese.training.backends import Step, make_step
from keras_siamese.training.block_losses import BLOCK_LOSSES
from keras_siamese.training.camera import take_pictures
from keras_siamese.training.episode_config import EpisodeConfig
from keras_siamese.training.step import gather_images
from keras_siamese.training.weight_average import WeightAverage


def all_pairs_logits(head: WeightedL1, embeddings: Any) -> Any:
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
    queries = ops.broadcast_to(embeddings[:, :, None, :1], shape)
    shots = ops.broadcast_to(embeddings[:, None, :, 1:], shape)
    pairs = [ops.reshape(side, (-1, features)) for side in (queries, shots)]
    return ops.reshape(head(pairs), shape[:-1])


def drawer_pairs(embeddings: Any) -> Any:
    """Make a block of every two drawers of a block.

    Args:
        embeddings: `(blocks, n_way, drawers, features)`, float32.

    Returns:
        `(blocks * pairs, n_way, 2, features)`, with `drawers (drawers - 1) / 2` pairs of drawers.
    """
    _, n_way, drawers, features = embeddings.shape
    pairs = list(combinations(range(drawers), 2))
    paired = ops.take(embeddings, np.array(pairs), axis=2)
    return ops.reshape(ops.transpose(paired, [0, 2, 1, 3, 4]), (-1, n_way, 2, features))


def make_block_step(
    model: keras.Model,
    images: np.ndarray,
    config: EpisodeConfig,
    average: WeightAverage | None = None,
    fast_layers: Sequence[str] = (),
) -> Step:
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
    encoder, head = twin_encoder(model), twin_head(model)
    if fast_layers:
        from keras_siamese.training.fast_layers import with_fast_layers

        encoder = with_fast_layers(encoder, fast_layers)
    loss_of = partial(BLOCK_LOSSES[config.loss], label_smoothing=config.label_smoothing)
    distortions = (config.distortions, config.block_distortions)
    distorted = config.symmetries or any(ranges is not None for ranges in distortions)
    shape = (config.blocks, config.n_way, 1 + config.n_shot)

    def prepare(images: Any, arrays: tuple, rank: Any, replicas: int) -> tuple:
        indices, transforms, *camera = arrays
        batch = gather_images(
            images,
            ops.reshape(indices, (-1,)),
            ops.reshape(transforms, (-1, 6)),
            distorted=distorted,
        )
        if config.camera is not None and camera:
            draws = ops.reshape(camera[0], (-1, camera[0].shape[-1]))
            batch = take_pictures(batch, draws, config.camera)
        return (batch,)

    def forward(batch: Any) -> tuple[Any, Any]:
        embeddings = encoder(batch, training=True)
        embeddings = ops.reshape(embeddings, (*shape, embeddings.shape[-1]))
        if config.compare == "drawers":
            embeddings = drawer_pairs(embeddings)
        logits = all_pairs_logits(head, embeddings)
        answers = ops.argmax(ops.mean(logits, axis=-1), axis=-1)
        right = ops.equal(answers, ops.arange(config.n_way, dtype=answers.dtype))
        return loss_of(logits), ops.mean(ops.cast(right, "float32"))

    signature = [(shape, "int32"), ((*shape, 6), "float32")]
    if config.camera is not None:
        numbers = len(COLUMNS) + 2 * images.shape[3]
        signature.append(((*shape, numbers), "float32"))
    return make_step(model, images, prepare, forward, signature=signature, average=average)

"""The training step on episodes: gather, distort, encode once, score all pairs, update."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from keras_siamese.compat import ops
from keras_siamese.data.camera_ranges import COLUMNS
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.training.backend_steps import Step, WeightAverage, make_step
from keras_siamese.training.camera_distortions import take_pictures
from keras_siamese.training.step import gather_images

if TYPE_CHECKING:
    from keras_siamese.training.episode_config import EpisodeConfig


def softmax_loss(logits: Any, *, label_smoothing: float = 0.0) -> Any:
    """Return the cross-entropy of picking each query's class, and each class's query.

    `L = (mean_i -log softmax_j(s_ij)[i] + mean_j -log softmax_i(s_ij)[j]) / 2`, with `s` the mean
    logit over the shots: the softmax over a row is a one-shot trial, the one over a column the
    same trial the other way round. The head's bias cancels in it and is not trained.

    Args:
        logits: `(episodes, n_way, n_way, n_shot)`, float32: query, class, shot.
        label_smoothing: Share of the target that is spread over all classes, in [0, 1).

    Returns:
        Scalar, the mean over rows and columns of all episodes.
    """
    rows = ops.mean(logits, axis=-1)
    target = ops.broadcast_to(ops.eye(rows.shape[-1]), rows.shape)
    losses = [
        keras.losses.categorical_crossentropy(
            target, scores, from_logits=True, label_smoothing=label_smoothing
        )
        for scores in (rows, ops.transpose(rows, [0, 2, 1]))
    ]
    return ops.mean(ops.stack(losses))


def sigmoid_loss(logits: Any, *, label_smoothing: float = 0.0) -> Any:
    """Return the cross-entropy of Koch et al. 2015, sec. 3.2, over all pairs of the episodes.

    Every query makes a pair with every shot: one in `n_way` is of the same class.

    Args:
        logits: `(episodes, n_way, n_way, n_shot)`, float32: query, class, shot.
        label_smoothing: Moves the labels towards 1/2: 1 becomes `1 - label_smoothing / 2`.

    Returns:
        Scalar, the mean over all pairs.
    """
    same = ops.broadcast_to(ops.eye(logits.shape[1])[:, :, None], logits.shape)
    losses = keras.losses.binary_crossentropy(
        same, logits, from_logits=True, label_smoothing=label_smoothing
    )
    return ops.mean(losses)


EPISODE_LOSSES = {"softmax": softmax_loss, "sigmoid": sigmoid_loss}


def all_pairs_logits(head: Any, embeddings: Any) -> Any:
    """Score every query of an episode against every shot of every class, in training mode.

    Args:
        head: Head of a network, which takes the query first.
        embeddings: `(episodes, n_way, 1 + n_shot, features)`, float32: each class's query, then its
            shots.

    Returns:
        Logits `(episodes, n_way, n_way, n_shot)`, float32: query, class, shot.
    """
    episodes, n_way, drawings, features = embeddings.shape
    shape = (episodes, n_way, n_way, drawings - 1, features)
    queries = ops.broadcast_to(embeddings[:, :, None, :1], shape)
    shots = ops.broadcast_to(embeddings[:, None, :, 1:], shape)
    pairs = [ops.reshape(side, (-1, features)) for side in (queries, shots)]
    return ops.reshape(head(pairs, training=True), shape[:-1])


def drawer_pairs(embeddings: Any) -> Any:
    """Make an episode of every two drawers of an episode.

    Args:
        embeddings: `(episodes, n_way, drawers, features)`, float32.

    Returns:
        `(episodes * pairs, n_way, 2, features)`, with `drawers (drawers - 1) / 2` pairs of drawers.
    """
    _, n_way, drawers, features = embeddings.shape
    pairs = list(combinations(range(drawers), 2))
    paired = ops.take(embeddings, np.array(pairs), axis=2)
    return ops.reshape(ops.transpose(paired, [0, 2, 1, 3, 4]), (-1, n_way, 2, features))


def make_episode_step(
    model: keras.Model,
    images: np.ndarray,
    config: EpisodeConfig,
    average: WeightAverage | None = None,
    fast_layers: Sequence[str] = (),
) -> Step:
    """Return the compiled training step of a siamese model on episodes.

    All images of a step go through the encoder in one call, in training mode: batch normalization
    sees queries and shots of all episodes together.

    Args:
        model: A compiled siamese model.
        images: `(n, height, width, channels)`, uint8, the training images.
        config: How to train.
        average: Average of the weights to keep up, if any.
        fast_layers: As for `make_train_step`.

    Returns:
        A function of the arrays of an `EpisodeBatch`: indices `(episodes, n_way, 1 + n_shot)`,
        int32, transforms `(episodes, n_way, 1 + n_shot, 6)`, float32, and where `config.camera` is
        given, its draws. It gives the mean loss, and the fraction of queries whose own class alone
        scores highest in their episode.
    """
    encoder, head = twin_encoder(model), twin_head(model)
    if fast_layers:
        from keras_siamese.training.fast_layers import with_fast_layers

        encoder = with_fast_layers(encoder, fast_layers)
    loss_of = partial(EPISODE_LOSSES[config.loss], label_smoothing=config.label_smoothing)
    distortions = (config.distortions, config.episode_distortions)
    distorted = config.symmetries or any(ranges is not None for ranges in distortions)
    shape = (config.episodes_per_step, config.n_way, 1 + config.n_shot)

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
        scores = ops.mean(logits, axis=-1)
        # A tie is an error, as in `score_episodes`.
        own = ops.eye(config.n_way, dtype="bool")
        others = ops.max(ops.where(own, -float("inf"), scores), axis=-1)
        right = ops.diagonal(scores, axis1=-2, axis2=-1) > others
        return loss_of(logits), ops.mean(ops.cast(right, "float32"))

    signature = [(shape, "int32"), ((*shape, 6), "float32")]
    if config.camera is not None:
        numbers = len(COLUMNS) + 2 * images.shape[3]
        signature.append(((*shape, numbers), "float32"))
    return make_step(model, images, prepare, forward, signature=signature, average=average)

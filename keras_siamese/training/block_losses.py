"""Losses over all pairs of a block."""

from __future__ import annotations

import keras
import tensorflow as tf


def softmax_loss(logits: tf.Tensor, *, label_smoothing: float = 0.0) -> tf.Tensor:
    """Return the cross-entropy of picking each query's class, and each class's query.

    `L = (mean_i -log softmax_j(s_ij)[i] + mean_j -log softmax_i(s_ij)[j]) / 2`, with `s` the mean
    logit over the shots: the softmax over a row is a one-shot trial, the one over a column the
    same trial the other way round. The head's bias cancels in it and is not trained.

    Args:
        logits: `(blocks, n_way, n_way, n_shot)`, float32: query, class, shot.
        label_smoothing: Share of the target that is spread over all classes, in [0, 1).

    Returns:
        Scalar, the mean over rows and columns of all blocks.
    """
    rows = tf.reduce_mean(logits, axis=-1)
    target = tf.broadcast_to(tf.eye(tf.shape(rows)[-1]), tf.shape(rows))
    losses = [
        keras.losses.categorical_crossentropy(
            target, scores, from_logits=True, label_smoothing=label_smoothing
        )
        for scores in (rows, tf.transpose(rows, [0, 2, 1]))
    ]
    return tf.reduce_mean(tf.stack(losses))


def sigmoid_loss(logits: tf.Tensor, *, label_smoothing: float = 0.0) -> tf.Tensor:
    """Return the cross-entropy of Koch et al. 2015, sec. 3.2, over all pairs of the blocks.

    Every query makes a pair with every shot: one in `n_way` is of the same class.

    Args:
        logits: `(blocks, n_way, n_way, n_shot)`, float32: query, class, shot.
        label_smoothing: Moves the labels towards 1/2: 1 becomes `1 - label_smoothing / 2`.

    Returns:
        Scalar, the mean over all pairs.
    """
    same = tf.broadcast_to(tf.eye(tf.shape(logits)[1])[:, :, None], tf.shape(logits))
    losses = keras.losses.binary_crossentropy(
        same, logits, from_logits=True, label_smoothing=label_smoothing
    )
    return tf.reduce_mean(losses)


BLOCK_LOSSES = {"softmax": softmax_loss, "sigmoid": sigmoid_loss}

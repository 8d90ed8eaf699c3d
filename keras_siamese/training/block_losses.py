"""Losses over all pairs of a block."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.compat import ops


def softmax_loss(logits: Any, *, label_smoothing: float = 0.0) -> Any:
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
    """Return the cross-entropy of Koch et al. 2015, sec. 3.2, over all pairs of the blocks.

    Every query makes a pair with every shot: one in `n_way` is of the same class.

    Args:
        logits: `(blocks, n_way, n_way, n_shot)`, float32: query, class, shot.
        label_smoothing: Moves the labels towards 1/2: 1 becomes `1 - label_smoothing / 2`.

    Returns:
        Scalar, the mean over all pairs.
    """
    same = ops.broadcast_to(ops.eye(logits.shape[1])[:, :, None], logits.shape)
    losses = keras.losses.binary_crossentropy(
        same, logits, from_logits=True, label_smoothing=label_smoothing
    )
    return ops.mean(losses)


BLOCK_LOSSES = {"softmax": softmax_loss, "sigmoid": sigmoid_loss}

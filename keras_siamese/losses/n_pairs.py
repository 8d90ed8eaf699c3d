"""N-pairs loss (Sohn 2016)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import mean_of_rows, row_logsumexp, row_sums


@keras.saving.register_keras_serializable(package="keras_siamese")
class NPairsLoss(EmbeddingLoss):
    """Tells the positive of an anchor from those of all other classes of the batch.

    Of each class, the first image of the batch is the anchor f and the second one the positive p;
    further images are left out, as in pytorch-metric-learning. With N such classes the loss is the
    mean over them of `log(1 + sum_{j != i} exp(f_i p_j - f_i p_i))` (Sohn 2016, "Improved deep
    metric learning with multi-class N-pair loss objective", eq. 7, N-pair-mc). The similarity is
    the plain product of two embeddings, whose length counts: there is no distance to choose.

    Deviation: the paper's L2 penalty on the embeddings is left to the encoder, with
    `activity_regularizer="l2"` in its last layer.

    A `CrossBatchMemory` does not take this loss, for which only two images per class count.

    Args:
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels, `(batch,)` or `(batch, 1)`, whole numbers.
        y_pred: Embeddings, `(batch, features)`, float; computed in float32.

    Returns:
        Scalar, float32. In a training step, 0 for a batch without positives or negatives.

    Raises:
        ValueError: Where values can be read, if the batch has no positive or no negative pair, a
            label a fraction, or an embedding no finite number.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.losses import NPairsLoss
        >>> embeddings = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], "float32")
        >>> round(float(NPairsLoss()(np.array([0, 0, 1, 1]), embeddings)), 4)  # log(1 + exp(-1))
        0.3133
    """

    def __init__(
        self,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "n_pairs_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        positive = comparisons.positive
        places = ops.arange(ops.shape(positive)[1])
        earlier = ops.less(places[None, :], places[:, None])
        before = ops.sum(ops.cast(ops.logical_and(positive, earlier), "int32"), axis=1)
        others = ops.any(positive, axis=1)
        is_anchor = ops.logical_and(ops.equal(before, 0), others)
        is_second = ops.equal(before, 1)
        products = ops.matmul(comparisons.anchors, ops.transpose(comparisons.references))
        own = row_sums(products, ops.logical_and(positive, is_second[None, :]))
        against = ops.logical_and(is_anchor[:, None], is_second[None, :])
        losses = ops.subtract(row_logsumexp(products, against), own)
        return mean_of_rows(losses, is_anchor)


__all__ = ["NPairsLoss"]

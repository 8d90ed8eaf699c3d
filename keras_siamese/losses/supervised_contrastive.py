"""Supervised contrastive loss (Khosla et al. 2020)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.compat import ops
from keras_siamese.losses.masked import row_sums
from keras_siamese.losses.share_loss import ShareLoss


@keras.saving.register_keras_serializable(package="keras_siamese")
class SupervisedContrastiveLoss(ShareLoss):
    """Gives the positives of an anchor a high share among all other images of the batch.

    An anchor i with positives P(i) costs the mean over p in P(i) of
    `-log(exp(s_ip / T) / sum_{a != i} exp(s_ia / T))`, with the cosine s and the temperature T
    (Khosla et al. 2020, "Supervised contrastive learning", eq. 2, L_out). The mean is over the
    anchors that have a positive. With another distance than "cosine", s is minus the distance, as
    in pytorch-metric-learning.

    Args:
        temperature: T, at least 1e-6.
        distance: "cosine", "euclidean", "squared_euclidean" or "l1".
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels, `(batch,)` or `(batch, 1)`, whole numbers.
        y_pred: Embeddings, `(batch, features)`, float; computed in float32.

    Returns:
        Scalar, float32. In a training step, 0 for a batch without positives or negatives.

    Raises:
        ValueError: If an argument is out of range; where values can be read, also if the batch has
            no positive or no negative pair, a label a fraction, or an embedding no finite number.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.losses import SupervisedContrastiveLoss
        >>> embeddings = np.array([[1, 0], [1, 0], [0, 1]], "float32")
        >>> loss = SupervisedContrastiveLoss(temperature=1.0)
        >>> round(float(loss(np.array([0, 0, 1]), embeddings)), 4)  # log(1 + exp(-1))
        0.3133
    """

    def __init__(
        self,
        temperature: float = 0.1,
        distance: str = "cosine",
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "supervised_contrastive_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(temperature, distance, name=name, reduction=reduction)

    def of_positives(self, logits: Any, positive: Any) -> Any:
        """Compute what the positives of each anchor count; see the class."""
        how_many = ops.maximum(ops.sum(ops.cast(positive, "float32"), axis=1), 1.0)
        return ops.divide(row_sums(logits, positive), how_many)


__all__ = ["SupervisedContrastiveLoss"]

"""Soft nearest neighbour loss (Frosst et al. 2019)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.losses.masked import row_logsumexp
from keras_siamese.losses.share_loss import ShareLoss


@keras.saving.register_keras_serializable(package="keras_siamese")
class SoftNearestNeighborLoss(ShareLoss):
    """Raises the chance that an image draws a neighbour of the same class.

    An anchor i draws neighbour k with a chance in proportion to `exp(-d_ik / T)`, with the distance
    d and the temperature T. It costs minus the logarithm of its chance to draw its own class
    (Frosst, Papernot and Hinton 2019, "Analyzing and improving representations with the soft
    nearest neighbor loss", eq. 1; Salakhutdinov and Hinton 2007). The mean is over the anchors that
    have a positive. `pytorch_metric_learning.losses.NCALoss(softmax_scale=1 / T)` is the same.

    Args:
        temperature: T, at least 1e-6, in the unit of the distance. The paper learns it; here it is
            fixed.
        distance: "squared_euclidean" as in the paper, "euclidean", "l1" or "cosine" (1 minus the
            cosine).
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
        >>> from keras_siamese.losses import SoftNearestNeighborLoss
        >>> embeddings = np.array([[0.0], [0.0], [1.0]], "float32")
        >>> round(float(SoftNearestNeighborLoss()(np.array([0, 0, 1]), embeddings)), 4)
        0.3133
    """

    def __init__(
        self,
        temperature: float = 1.0,
        distance: str = "squared_euclidean",
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "soft_nearest_neighbor_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(temperature, distance, name=name, reduction=reduction)

    def of_positives(self, logits: Any, positive: Any) -> Any:
        """Compute what the positives of each anchor count; see the class."""
        return row_logsumexp(logits, positive)


__all__ = ["SoftNearestNeighborLoss"]

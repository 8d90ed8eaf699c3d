"""Supervised contrastive loss (Khosla et al. 2020)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_choice, check_number
from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.distances import DISTANCES, all_distances
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import (
    any_in_row,
    number_kept,
    row_logsumexp,
    row_sums,
    share_of_mean,
)


@keras.saving.register_keras_serializable(package="keras_siamese")
class SupervisedContrastiveLoss(EmbeddingLoss):
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
        super().__init__(name=name, reduction=reduction)
        self.temperature = check_number("temperature", temperature, least=1e-6)
        self.distance = check_choice("distance", distance, DISTANCES)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        apart = all_distances(self.distance, comparisons.anchors, comparisons.references)
        logits = ops.divide(apart, -self.temperature)
        positive = comparisons.positive
        total = row_logsumexp(logits, ops.logical_or(positive, comparisons.negative))
        has_positive = any_in_row(positive)
        how_many = ops.maximum(ops.sum(ops.cast(positive, "float32"), axis=1), 1.0)
        losses = ops.subtract(total, ops.divide(row_sums(logits, positive), how_many))
        return share_of_mean(ops.where(has_positive, losses, 0.0), number_kept(has_positive))

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        own = {"temperature": self.temperature, "distance": self.distance}
        return {**super().get_config(), **own}


__all__ = ["SupervisedContrastiveLoss"]

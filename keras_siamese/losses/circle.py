"""Circle loss (Sun et al. 2020)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_number
from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.distances import all_cosines
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import any_in_row, mean_of_rows, row_logsumexp


@keras.saving.register_keras_serializable(package="keras_siamese")
class CircleLoss(EmbeddingLoss):
    """Moves each pair the faster the farther it is from where it should be.

    With the cosine s, margin m and scale g, an anchor costs
    `log(1 + sum_n exp(g a_n (s_n - m)) sum_p exp(-g a_p (s_p - (1 - m))))`, where
    `a_n = max(0, s_n + m)` and `a_p = max(0, 1 + m - s_p)` are weights without gradient (Sun et al.
    2020, "Circle loss", eq. 6 and 8). The mean is over the anchors that have a positive and a
    negative. The similarity is the cosine, so there is no distance to choose.

    `keras.losses.Circle` expects embeddings of length 1 and gives the same values for them.

    Args:
        margin: m, above 0 and below 1. Smaller is stricter.
        scale: g, above 0. The paper has 256 for faces and 80 for retrieval.
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
        >>> from keras_siamese.losses import CircleLoss
        >>> embeddings = np.array([[1, 0], [1, 0], [1, 0]], "float32")
        >>> loss = CircleLoss(margin=0.5, scale=1.0)
        >>> round(float(loss(np.array([0, 0, 1]), embeddings)), 4)  # log(1 + exp(0.75 - 0.25))
        0.9741
    """

    def __init__(
        self,
        margin: float = 0.4,
        scale: float = 80.0,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.margin = check_number("margin", margin, above=0.0, below=1.0)
        self.scale = check_number("scale", scale, above=0.0, most=1e6)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        positive, negative = comparisons.positive, comparisons.negative
        cosines = all_cosines(comparisons.anchors, comparisons.references)
        fixed = ops.stop_gradient(cosines)
        pull = ops.maximum(ops.subtract(1.0 + self.margin, fixed), 0.0)
        push = ops.maximum(ops.add(fixed, self.margin), 0.0)
        near = ops.multiply(pull, ops.subtract(cosines, 1.0 - self.margin))
        far = ops.multiply(push, ops.subtract(cosines, self.margin))
        losses = ops.softplus(
            ops.add(
                row_logsumexp(ops.multiply(-self.scale, near), positive),
                row_logsumexp(ops.multiply(self.scale, far), negative),
            )
        )
        both = ops.logical_and(any_in_row(positive), any_in_row(negative))
        return mean_of_rows(losses, both)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "margin": self.margin, "scale": self.scale}


__all__ = ["CircleLoss"]

"""Multi-similarity loss and its mining (Wang et al. 2019)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_number
from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.distances import all_cosines
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import any_in_row, row_logsumexp, row_maxima, row_minima


@keras.saving.register_keras_serializable(package="keras_siamese")
class MultiSimilarityLoss(EmbeddingLoss):
    """Weighs pairs by how hard they are and by how they compare with other pairs.

    With the cosine S of two embeddings, an anchor costs
    `log(1 + sum_p exp(-alpha (S_p - base))) / alpha + log(1 + sum_n exp(beta (S_n - base))) / beta`
    over the pairs that its mining keeps; the loss is the mean over the batch (Wang et al. 2019,
    "Multi-similarity loss with general pair weighting", eq. 15). A negative is kept if
    `S_n > min S_p - epsilon`, a positive if `S_p < max S_n + epsilon` (eq. 10 and 11). The
    similarity is the cosine, so there is no distance to choose.

    Deviation: `base` (lambda of the paper) is 0.5, as in the authors' code and in
    pytorch-metric-learning, where the paper prints 1.

    Args:
        alpha: Weight of positives in the exponent, above 0.
        beta: Weight of negatives in the exponent, above 0.
        base: Cosine about which pairs count, in [-1, 1].
        epsilon: Slack of the mining, in cosines, in [0, 2]; None keeps all pairs.
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
        >>> from keras_siamese.losses import MultiSimilarityLoss
        >>> embeddings = np.array([[1, 0], [0, 1], [1, 0]], "float32")
        >>> round(float(MultiSimilarityLoss()(np.array([0, 0, 1]), embeddings)), 4)
        0.6044
    """

    def __init__(
        self,
        alpha: float = 2.0,
        beta: float = 50.0,
        base: float = 0.5,
        epsilon: float | None = 0.1,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "multi_similarity_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.alpha = check_number("alpha", alpha, above=0.0, most=1e6)
        self.beta = check_number("beta", beta, above=0.0, most=1e6)
        self.base = check_number("base", base, least=-1.0, most=1.0)
        self.epsilon = None
        if epsilon is not None:
            self.epsilon = check_number("epsilon", epsilon, least=0.0, most=2.0)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        cosines = all_cosines(comparisons.anchors, comparisons.references)
        positive, negative = self._mined(ops.stop_gradient(cosines), comparisons)
        shifted = ops.subtract(cosines, self.base)
        pull = row_logsumexp(ops.multiply(-self.alpha, shifted), positive, with_one=True)
        push = row_logsumexp(ops.multiply(self.beta, shifted), negative, with_one=True)
        return ops.add(ops.divide(pull, self.alpha), ops.divide(push, self.beta))

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        own = {"alpha": self.alpha, "beta": self.beta, "base": self.base, "epsilon": self.epsilon}
        return {**super().get_config(), **own}

    def _mined(self, cosines: Any, comparisons: Comparisons) -> tuple[Any, Any]:
        positive, negative = comparisons.positive, comparisons.negative
        if self.epsilon is None:
            return positive, negative
        both = ops.logical_and(any_in_row(positive), any_in_row(negative))[:, None]
        least = row_minima(cosines, positive)[:, None]
        most = row_maxima(cosines, negative)[:, None]
        hard = ops.less(ops.subtract(cosines, self.epsilon), most)
        near = ops.greater(ops.add(cosines, self.epsilon), least)
        return (
            ops.logical_and(ops.logical_and(positive, hard), both),
            ops.logical_and(ops.logical_and(negative, near), both),
        )


__all__ = ["MultiSimilarityLoss"]

"""Contrastive loss over all pairs of a batch (Hadsell et al. 2006)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_choice, check_number
from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.distances import DISTANCES, all_distances
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import mean_of_entries


@keras.saving.register_keras_serializable(package="keras_siamese")
class ContrastiveLoss(EmbeddingLoss):
    """Pulls images of one class together, and pushes others apart up to a margin.

    With the distance D of two embeddings, a pair of one class costs `D**2`, and a pair of two
    classes `max(0, margin - D)**2` (Hadsell, Chopra and LeCun 2006, "Dimensionality reduction by
    learning an invariant mapping", eq. 4). The loss is the mean over the pairs of one class plus
    the mean over the pairs of two classes. Both means leave out pairs that cost nothing, as
    pytorch-metric-learning does, so that pairs which are far enough apart do not dilute the rest.

    Deviation: the equation's factor of one half is left out, as in tensorflow-addons.

    Args:
        margin: Distance from which on two classes are far enough apart, above 0; at most 2 for
            "cosine", the largest cosine distance.
        distance: "euclidean", "squared_euclidean", "l1", or "cosine" (1 minus the cosine).
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
        >>> from keras_siamese.losses import ContrastiveLoss
        >>> embeddings = np.array([[0.0], [0.5], [0.25]], "float32")
        >>> float(ContrastiveLoss(margin=1.0)(np.array([0, 0, 1]), embeddings))
        0.8125
    """

    def __init__(
        self,
        margin: float = 1.0,
        distance: str = "euclidean",
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "contrastive_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.distance = check_choice("distance", distance, DISTANCES)
        most = 2.0 if distance == "cosine" else None
        self.margin = check_number("margin", margin, above=0.0, most=most)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        apart = all_distances(self.distance, comparisons.anchors, comparisons.references)
        near = ops.square(ops.maximum(ops.subtract(self.margin, apart), 0.0))
        return ops.add(
            _mean_of_nonzero(ops.square(apart), comparisons.positive),
            _mean_of_nonzero(near, comparisons.negative),
        )

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "margin": self.margin, "distance": self.distance}


def _mean_of_nonzero(costs: Any, mask: Any) -> Any:
    paid = ops.logical_and(mask, ops.greater(costs, 0.0))
    return mean_of_entries(costs, paid)


__all__ = ["ContrastiveLoss"]

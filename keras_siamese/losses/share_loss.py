"""Base of the losses on the share that the positives of an anchor have among all other images."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from keras_siamese.argument_checks import check_choice, check_number
from keras_siamese.compat import ops
from keras_siamese.losses.comparisons import Comparisons
from keras_siamese.losses.distances import DISTANCES, all_distances
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.masked import any_in_row, mean_of_rows, row_logsumexp


class ShareLoss(EmbeddingLoss):
    """Loss on logits `-d / temperature`, with the distance d of an anchor and another image.

    An anchor costs the logarithm of the sum of `exp(logit)` over all other images, less what
    `of_positives` gives for its positives. The mean is over the anchors that have a positive.

    Args:
        temperature: At least 1e-6, in the unit of the distance.
        distance: One of `DISTANCES`.
        name: Name of the loss.
        reduction: As in `keras.losses.Loss`.
    """

    def __init__(
        self, temperature: float, distance: str, *, name: str | None, reduction: str | None
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
        losses = ops.subtract(total, self.of_positives(logits, positive))
        return mean_of_rows(losses, any_in_row(positive))

    @abstractmethod
    def of_positives(self, logits: Any, positive: Any) -> Any:
        """Compute what the positives of each anchor count.

        Args:
            logits: `(n, m)`, float32.
            positive: `(n, m)`, boolean.

        Returns:
            `(n,)`, float32, finite also where a row has no positive.
        """

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        own = {"temperature": self.temperature, "distance": self.distance}
        return {**super().get_config(), **own}


__all__ = ["ShareLoss"]

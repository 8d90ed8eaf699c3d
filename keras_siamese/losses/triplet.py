"""Triplet loss with three ways to choose triplets (Schroff et al. 2015, Hermans et al. 2017)."""

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
    mean_of_entries,
    mean_of_rows,
    row_maxima,
    row_minima,
    share_of_mean,
)
from keras_siamese.losses.ranks import counts_below, next_above

MINING = ("semi-hard", "hard", "all")


@keras.saving.register_keras_serializable(package="keras_siamese")
class TripletLoss(EmbeddingLoss):
    """Makes a positive nearer to its anchor than a negative is, by a margin.

    A triplet of anchor, positive and negative costs `max(0, D_ap - D_an + margin)` (Schroff et al.
    2015, "FaceNet", eq. 3), or `log(1 + exp(D_ap - D_an))` with the soft margin (Hermans et al.
    2017, "In defense of the triplet loss", sec. 2). `mining` says which triplets of a batch count:

    - "semi-hard": every pair of one class, with the nearest negative that is farther than the
      positive (Schroff et al. 2015, eq. 4). Where there is none, the farthest negative, as in
      tensorflow-addons. The mean is over all pairs of one class.
    - "hard": every anchor with its farthest positive and its nearest negative (Hermans et al. 2017,
      eq. 5, "batch hard"). The mean is over the anchors that have both.
    - "all": every triplet (Hermans et al. 2017, eq. 6, "batch all"). The mean is over those that
      cost something, as they and pytorch-metric-learning advise.

    Time and memory grow with the square of the batch, also for "all" and "semi-hard".

    Args:
        mining: "semi-hard", "hard" or "all".
        margin: By how much a negative must be farther, at least 0 and at most 2 for "cosine"; or
            "soft", which `mining="all"` does not have.
        distance: "euclidean", "squared_euclidean" (that of Schroff et al.), "l1", or "cosine"
            (1 minus the cosine).
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
        >>> from keras_siamese.losses import TripletLoss
        >>> embeddings = np.array([[0.0], [1.0], [1.5]], "float32")
        >>> loss = TripletLoss(mining="semi-hard", margin=1.0, distance="euclidean")
        >>> float(loss(np.array([0, 0, 1]), embeddings))  # (1 - 1.5 + 1 + 1 - 0.5 + 1) / 2
        1.0
    """

    def __init__(
        self,
        mining: str = "semi-hard",
        margin: float | str = 0.2,
        distance: str = "euclidean",
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "triplet_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.mining = check_choice("mining", mining, MINING)
        self.distance = check_choice("distance", distance, DISTANCES)
        self.margin = _check_margin(margin, mining, distance)

    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part; see the class."""
        apart = all_distances(self.distance, comparisons.anchors, comparisons.references)
        choose = {"semi-hard": self._semi_hard, "hard": self._hard, "all": self._all}
        return choose[self.mining](apart, comparisons.positive, comparisons.negative)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        own = {"mining": self.mining, "margin": self.margin, "distance": self.distance}
        return {**super().get_config(), **own}

    def _cost(self, positives: Any, negatives: Any) -> Any:
        difference = ops.subtract(positives, negatives)
        if self.margin == "soft":
            return ops.softplus(difference)
        return ops.maximum(ops.add(difference, self.margin), 0.0)

    def _hard(self, apart: Any, positive: Any, negative: Any) -> Any:
        costs = self._cost(row_maxima(apart, positive), row_minima(apart, negative))
        both = ops.logical_and(any_in_row(positive), any_in_row(negative))
        return mean_of_rows(costs, both)

    def _semi_hard(self, apart: Any, positive: Any, negative: Any) -> Any:
        fixed = ops.stop_gradient(apart)
        columns, there = next_above(fixed, negative, fixed)
        chosen = ops.take_along_axis(apart, columns, axis=1)
        farthest = row_maxima(apart, negative)[:, None]
        costs = self._cost(apart, ops.where(there, chosen, farthest))
        counted = ops.logical_and(positive, any_in_row(negative)[:, None])
        return mean_of_entries(costs, counted)

    def _all(self, apart: Any, positive: Any, negative: Any) -> Any:
        """Sum all triplets that cost something: for each distance, how many of them have it."""
        fixed = ops.stop_gradient(apart)
        reach = ops.add(fixed, self.margin)
        nearer = counts_below(fixed, negative, reach)
        farther = counts_below(ops.negative(reach), positive, ops.negative(fixed))
        nearer = ops.where(positive, ops.cast(nearer, "float32"), 0.0)
        farther = ops.where(negative, ops.cast(farther, "float32"), 0.0)
        # A row has as many of the one as of the other, so that what both lack may be anything.
        common = ops.mean(fixed, axis=1, keepdims=True)
        apart = ops.subtract(apart, common)
        sums = ops.subtract(
            ops.sum(ops.multiply(nearer, ops.add(apart, self.margin)), axis=1),
            ops.sum(ops.multiply(farther, apart), axis=1),
        )
        return share_of_mean(sums, ops.sum(nearer))


def _check_margin(margin: Any, mining: str, distance: str) -> float | str:
    if margin == "soft" and mining != "all":
        return "soft"
    if isinstance(margin, str):
        raise ValueError(
            "`margin` must be a number, or 'soft' with the mining 'semi-hard' or 'hard'. Received: "
            f"margin={margin!r}, mining={mining!r}. Give a number, such as 0.2."
        )
    most = 2.0 if distance == "cosine" else None
    return check_number("margin", margin, least=0.0, most=most)


__all__ = ["MINING", "TripletLoss"]

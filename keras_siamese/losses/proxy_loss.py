"""Base of the losses on the similarities to one trained vector per class."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.compat import ops
from keras_siamese.losses.labelled_loss import LabelledLoss


class ProxyLoss(LabelledLoss):
    """Loss called as `loss(labels, similarities)`, with what the layer `ClassProxies` gives.

    Labels are `(batch,)` or `(batch, 1)`, whole numbers from 0 to `num_classes - 1`. Similarities
    are `(batch, num_classes)`, float, in [-1, 1]. Where values can be read, other labels and
    numbers that are not finite are a `ValueError`; in a training step, a row with a label out of
    range has loss 0.
    """

    matrix = "similarities"

    def check_known_labels(self, labels: Any, columns: int) -> None:
        """Refuse labels that are no column."""
        wrong = labels[(labels < 0) | (labels >= columns)]
        if np.size(wrong):
            raise ValueError(
                f"`labels` must lie in 0 to {columns - 1}, the classes of the layer. Received: "
                f"{int(wrong[0])}. Number the classes from 0, or give ClassProxies more of them."
            )


def class_mask(labels: Any, similarities: Any) -> Any:
    """Return which column is a row's class.

    Args:
        labels: `(batch,)`.
        similarities: `(batch, num_classes)`.

    Returns:
        `(batch, num_classes)`, boolean; all False for a label out of range.
    """
    classes = ops.cast(ops.arange(similarities.shape[1]), labels.dtype)
    return ops.equal(labels[:, None], classes[None, :])


__all__ = ["ProxyLoss", "class_mask"]

"""Base of the losses that compare embeddings with each other."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from keras_siamese.compat import dtype_name, ops
from keras_siamese.losses.comparisons import Comparisons, in_batch
from keras_siamese.losses.known_values import check_pairs
from keras_siamese.losses.labelled_loss import LabelledLoss
from keras_siamese.losses.undefined import finite_rows, nan_unless


class EmbeddingLoss(LabelledLoss):
    """Loss called as `loss(labels, embeddings)`; a subclass defines `anchor_losses`.

    Each row of the batch is an anchor. Labels are `(batch,)` or `(batch, 1)`, whole numbers;
    embeddings `(batch, features)`, float, and are cast to float32.

    Where values can be read (outside of `fit`, of compiled functions and of PyTorch's gradients) it
    is a `ValueError` if the batch has no two images of one class, or no two classes, if a label has
    a fraction, or if an embedding is not finite. In a training step, a batch without positives or
    without negatives has loss 0 and gradient 0. Where one embedding is not finite, or its square in
    float32, or where a label has a fraction or is NaN, the loss of the batch is NaN, without
    positives as well: `keras.callbacks.TerminateOnNaN` stops there. With `reduction=None`, the loss
    is `(batch,)`, from which only TensorFlow can train.
    """

    def check_known_labels(self, labels: Any, columns: int) -> None:
        """Refuse a batch without a positive or a negative pair."""
        check_pairs(labels)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute each anchor's part of the loss.

        Args:
            y_true: Labels, `(batch,)`.
            y_pred: Embeddings, `(batch, features)`, float32.

        Returns:
            `(batch,)`, float32. The mean is the loss.
        """
        losses = self.compared(in_batch(y_true, y_pred))
        if "float" in dtype_name(y_true.dtype):
            losses = ops.add(losses, nan_unless(ops.all(_are_whole(y_true))))
        return losses

    def compared(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part of the loss over given comparisons.

        Args:
            comparisons: In the batch, or also with a memory.

        Returns:
            `(batch,)`, float32; 0 where there is no positive or no negative at all, and NaN where
            an anchor or a reference is not finite.
        """
        usable = ops.logical_and(ops.any(comparisons.positive), ops.any(comparisons.negative))
        losses = ops.where(usable, self.anchor_losses(comparisons), 0.0)
        # The anchors are references, too.
        return ops.add(losses, nan_unless(ops.all(finite_rows(comparisons.references))))

    @abstractmethod
    def anchor_losses(self, comparisons: Comparisons) -> Any:
        """Compute each anchor's part, finite whatever the masks are.

        Args:
            comparisons: What is compared.

        Returns:
            `(batch,)`, float32. The mean is the loss.
        """


def _are_whole(labels: Any) -> Any:
    """Say which labels are whole numbers; infinity less itself is NaN, and none."""
    return ops.equal(ops.subtract(labels, ops.floor(labels)), 0)


__all__ = ["EmbeddingLoss"]

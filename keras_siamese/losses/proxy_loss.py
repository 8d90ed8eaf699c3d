"""Base of the losses on the similarities to one trained vector per class."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.compat import dtype_name, ops, to_numpy
from keras_siamese.losses.labelled_loss import LabelledLoss
from keras_siamese.losses.masked import any_in_row

# Cosines are in [-1, 1]; a GPU that multiplies in TF32 rounds by some thousandths.
_LARGEST = 1.01


class ProxyLoss(LabelledLoss):
    """Loss called as `loss(labels, similarities)`, with what the layer `ClassProxies` gives.

    Labels are `(batch,)` or `(batch, 1)`, whole numbers from 0 to `num_classes - 1`. Similarities
    are `(batch, num_classes)`, float, in [-1, 1]. Where values can be read, other labels, and
    numbers that are not finite or clearly beyond 1, are a `ValueError`: they are embeddings of an
    encoder without `ClassProxies`. In a training step, such a row has a loss that is NaN, as in
    Keras's sparse cross-entropy: `keras.callbacks.TerminateOnNaN` stops there.
    """

    matrix = "similarities"

    def check_known_matrix(self, matrix: Any) -> None:
        """Refuse numbers that are no cosines."""
        super().check_known_matrix(matrix)
        values = to_numpy(matrix)
        wrong = values[np.abs(values) > _LARGEST]
        if np.size(wrong):
            raise ValueError(
                "`similarities` must be cosines, in [-1, 1]. Received: "
                f"{float(wrong[0]):.4g}. Put the layer ClassProxies behind the encoder."
            )

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
    if dtype_name(labels.dtype) in ("int8", "uint8", "int16", "uint16"):
        # They may not hold the number of classes.
        labels = ops.cast(labels, "int32")
    classes = ops.cast(ops.arange(similarities.shape[1]), labels.dtype)
    return ops.equal(labels[:, None], classes[None, :])


def defined_rows(own: Any, similarities: Any) -> Any:
    """Say which rows have a loss: those with a class among the columns, and cosines.

    Args:
        own: `(batch, num_classes)`, boolean, of `class_mask`.
        similarities: `(batch, num_classes)`, float32.

    Returns:
        `(batch,)`, boolean.
    """
    cosines = ops.all(ops.less_equal(ops.abs(similarities), _LARGEST), axis=1)
    return ops.logical_and(any_in_row(own), cosines)


__all__ = ["ProxyLoss", "class_mask", "defined_rows"]

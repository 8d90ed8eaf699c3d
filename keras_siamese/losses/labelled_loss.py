"""What all losses on labels and one matrix per batch share: checks, types and the reduction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import keras

from keras_siamese.compat import require_keras_3
from keras_siamese.losses.known_values import (
    are_known,
    check_finite_rows,
    float_rows,
    label_tensor,
    whole_labels,
)


class LabelledLoss(keras.losses.Loss, ABC):
    """Base of the losses; a subclass defines `call` and `check_known_labels`.

    Keras casts labels to float32, in which two classes above 2**24 can be equal. So labels keep
    their type here.

    With `reduction=None`, the result is for reading: only TensorFlow trains from a loss that is no
    scalar.

    Args:
        name: Name of the loss.
        reduction: As in `keras.losses.Loss`.
    """

    matrix = "embeddings"

    def __init__(self, *, name: str | None, reduction: str | None) -> None:
        """Create the loss; see the class for the arguments."""
        require_keras_3(type(self).__name__)
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self._reduce = _Reduce("reduction", reduction, "float32")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Check what is given, and compute the loss.

        Args:
            y_true: Labels, `(batch,)` or `(batch, 1)`, whole numbers.
            y_pred: `(batch, columns)`, float.
            sample_weight: `(batch,)`, how much each row counts as an anchor; None for equally.

        Returns:
            Scalar, float32; with `reduction=None`, `(batch,)`.

        Raises:
            ValueError: If shapes or types are wrong; where values can be read, also if they are.
        """
        matrix = float_rows(y_pred, self.matrix)
        labels = label_tensor(y_true, matrix.shape[0], self.matrix)
        if are_known(labels, matrix):
            self.check_known_matrix(matrix)
            self.check_known_labels(whole_labels(labels), matrix.shape[1])
        return self.reduced(self.call(labels, matrix), sample_weight)

    def reduced(self, losses: Any, sample_weight: Any = None) -> Any:
        """Reduce the losses of the rows as `reduction` says.

        Args:
            losses: `(batch,)`, float32.
            sample_weight: `(batch,)`, or None.

        Returns:
            Scalar, float32; with `reduction=None`, `(batch,)`.
        """
        return self._reduce(losses, losses, sample_weight)

    def check_known_matrix(self, matrix: Any) -> None:
        """Refuse numbers that the loss is not defined for.

        Args:
            matrix: Tensor `(batch, columns)`, float32.
        """
        check_finite_rows(matrix, self.matrix)

    @abstractmethod
    def check_known_labels(self, labels: Any, columns: int) -> None:
        """Refuse labels that the loss is not defined for.

        Args:
            labels: Array `(batch,)`, int64.
            columns: Of the matrix.
        """


class _Reduce(keras.losses.Loss):
    """Keras's own reductions and sample weights, for losses that are there."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_pred


__all__ = ["LabelledLoss"]

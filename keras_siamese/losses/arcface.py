"""ArcFace loss (Deng et al. 2019)."""

from __future__ import annotations

import math
from typing import Any

import keras

from keras_siamese.argument_checks import check_number
from keras_siamese.compat import ops
from keras_siamese.losses.masked import any_in_row, row_logsumexp, row_sums
from keras_siamese.losses.proxy_loss import ProxyLoss, class_mask, defined_rows
from keras_siamese.losses.undefined import nan_unless

# Below it, the square of a sine is rounding: the angle has no gradient there.
_SMALLEST = 1e-12


@keras.saving.register_keras_serializable(package="keras_siamese")
class ArcFaceLoss(ProxyLoss):
    """Classifies by angles, with a margin added to the angle of the right class.

    With the angle t between an embedding and the vector of its class, the cosines of the other
    classes, margin m and scale s, the loss is the cross-entropy of the logits
    `s cos(t + m)` for the class and `s cos` for the others (Deng et al. 2019, "ArcFace", eq. 3).
    From `t = pi - m` on, where that would fall again, `s (cos t - m sin m)` takes its place, as in
    the authors' code and in pytorch-metric-learning.

    The vectors are the weights of the layer `ClassProxies`, behind the encoder:
    `keras.Sequential([encoder, ClassProxies(num_classes)])`.

    Args:
        margin: m, in radians, at least 0 and below pi.
        scale: s, above 0.
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels, `(batch,)` or `(batch, 1)`, whole numbers from 0 to `num_classes - 1`.
        y_pred: Output of `ClassProxies`, `(batch, num_classes)`, float, in [-1, 1].

    Returns:
        Scalar, float32, the mean over the batch. In a training step, NaN where a label is out of
        range or a similarity not finite.

    Raises:
        ValueError: If an argument is out of range; where values can be read, also if a label is,
            or if a similarity is not finite.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.losses import ArcFaceLoss
        >>> similarities = np.array([[1.0, 0.0]], "float32")
        >>> loss = ArcFaceLoss(margin=0.0, scale=1.0)
        >>> round(float(loss(np.array([0]), similarities)), 4)  # log(1 + exp(-1))
        0.3133
    """

    def __init__(
        self,
        margin: float = 0.5,
        scale: float = 64.0,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "arcface_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.margin = check_number("margin", margin, least=0.0, below=math.pi)
        self.scale = check_number("scale", scale, above=0.0, most=1e6)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss of each row.

        Args:
            y_true: Labels, `(batch,)`.
            y_pred: Similarities, `(batch, num_classes)`, float32.

        Returns:
            `(batch,)`, float32.
        """
        own = class_mask(y_true, y_pred)
        logits = ops.multiply(self.scale, ops.where(own, self._with_margin(y_pred), y_pred))
        losses = ops.subtract(row_logsumexp(logits, ops.ones_like(own)), row_sums(logits, own))
        losses = ops.where(any_in_row(own), losses, 0.0)
        return ops.add(losses, nan_unless(defined_rows(own, y_pred)))

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "margin": self.margin, "scale": self.scale}

    def _with_margin(self, cosines: Any) -> Any:
        """Return cos(t + m) of cos(t)."""
        squared = ops.subtract(1.0, ops.square(cosines))
        some = ops.greater(squared, _SMALLEST)
        sines = ops.where(some, ops.sqrt(ops.where(some, squared, 1.0)), 0.0)
        turned = ops.subtract(
            ops.multiply(math.cos(self.margin), cosines),
            ops.multiply(math.sin(self.margin), sines),
        )
        beyond = ops.subtract(cosines, self.margin * math.sin(self.margin))
        return ops.where(ops.greater_equal(cosines, -math.cos(self.margin)), turned, beyond)


__all__ = ["ArcFaceLoss"]

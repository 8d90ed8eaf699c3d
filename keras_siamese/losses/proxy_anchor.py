"""Proxy-anchor loss (Kim et al. 2020)."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_number
from keras_siamese.compat import ops
from keras_siamese.losses.masked import any_in_row, number_kept, row_logsumexp
from keras_siamese.losses.proxy_loss import ProxyLoss, class_mask, defined_rows
from keras_siamese.losses.undefined import nan_unless


@keras.saving.register_keras_serializable(package="keras_siamese")
class ProxyAnchorLoss(ProxyLoss):
    """Pulls the images of a class to a vector of the class, and pushes all others from it.

    With the cosine s of an image to the proxy of a class, margin d and scale a, the loss is the
    mean over the classes in the batch of `log(1 + sum exp(-a (s - d)))` over their images, plus the
    mean over all classes of `log(1 + sum exp(a (s + d)))` over the images of others (Kim et al.
    2020, "Proxy anchor loss for deep metric learning", eq. 4).

    The proxies are the weights of the layer `ClassProxies`, behind the encoder:
    `keras.Sequential([encoder, ClassProxies(num_classes)])`. The paper gives them a rate 100 times
    that of the encoder.

    The loss belongs to classes, not to images. So it takes no sample weights, and with
    `reduction=None` every row has the whole loss.

    Args:
        margin: d, at least 0 and at most 2.
        scale: a, above 0.
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.

    Call arguments:
        y_true: Labels, `(batch,)` or `(batch, 1)`, whole numbers from 0 to `num_classes - 1`.
        y_pred: Output of `ClassProxies`, `(batch, num_classes)`, float, in [-1, 1].

    Returns:
        Scalar, float32. In a training step, NaN where a label is out of range or a similarity not
        finite.

    Raises:
        ValueError: If an argument is out of range, or for sample weights; where values can be read,
            also if a label is out of range or a similarity not finite.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.losses import ProxyAnchorLoss
        >>> similarities = np.array([[0.0, 0.0]], "float32")
        >>> loss = ProxyAnchorLoss(margin=0.0, scale=1.0)
        >>> round(float(loss(np.array([0]), similarities)), 4)  # log(2) / 1 + log(2) / 2
        1.0397
    """

    def __init__(
        self,
        margin: float = 0.1,
        scale: float = 32.0,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "proxy_anchor_loss",
    ) -> None:
        """Create the loss; see the class for the arguments."""
        super().__init__(name=name, reduction=reduction)
        self.margin = check_number("margin", margin, least=0.0, most=2.0)
        self.scale = check_number("scale", scale, above=0.0, most=1e6)

    def reduced(self, losses: Any, sample_weight: Any = None) -> Any:
        """Reduce the losses, without weights of rows.

        Args:
            losses: `(batch,)`, float32.
            sample_weight: None.

        Returns:
            Scalar, float32; with `reduction=None`, `(batch,)`.

        Raises:
            ValueError: For sample weights.
        """
        if sample_weight is not None:
            raise ValueError(
                "`sample_weight` of ProxyAnchorLoss must be None: its terms belong to classes. "
                "Received: weights. Leave out sample_weight and class_weight."
            )
        return super().reduced(losses)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute the loss.

        Args:
            y_true: Labels, `(batch,)`.
            y_pred: Similarities, `(batch, num_classes)`, float32.

        Returns:
            `(batch,)`, float32: the loss, as often as there are rows.
        """
        mask = class_mask(y_true, y_pred)
        defined = ops.all(defined_rows(mask, y_pred))
        # One row per class.
        own = ops.transpose(mask)
        known = any_in_row(own)
        cosines = ops.transpose(y_pred)
        pull = ops.multiply(-self.scale, ops.subtract(cosines, self.margin))
        push = ops.multiply(self.scale, ops.add(cosines, self.margin))
        # Rows with a label out of range belong to no class, and count for none.
        other = ops.logical_and(ops.logical_not(own), ops.any(own, axis=0)[None, :])
        loss = ops.add(
            ops.divide(
                ops.sum(row_logsumexp(pull, own, with_one=True)),
                ops.maximum(number_kept(known), 1.0),
            ),
            ops.mean(row_logsumexp(push, other, with_one=True)),
        )
        return ops.broadcast_to(ops.add(loss, nan_unless(defined)), ops.shape(y_pred)[:1])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the loss can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "margin": self.margin, "scale": self.scale}


__all__ = ["ProxyAnchorLoss"]

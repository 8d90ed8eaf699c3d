"""Error rates of a siamese network's probabilities, as metrics of Keras."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_number, check_whole
from keras_siamese.compat import ops, require_keras_3


class _PairRates(keras.metrics.Metric):
    """Counts same and different pairs by their probability, in bins of one width.

    Args:
        num_thresholds: Thresholds at which rates are known: 0, 1 / num_thresholds, ... up to 1.
        name: Name of the metric.
        dtype: Type of the result.
    """

    def __init__(self, num_thresholds: int, name: str, dtype: Any) -> None:
        require_keras_3(type(self).__name__)
        self.num_thresholds = check_whole("num_thresholds", num_thresholds, least=2)
        super().__init__(name=name, dtype=dtype)
        shape = (self.num_thresholds + 1,)
        # Whole numbers are exact in float32 up to 16 million pairs a bin.
        self.same = self.add_weight(shape, "zeros", "float32", "same")
        self.different = self.add_weight(shape, "zeros", "float32", "different")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count pairs.

        Args:
            y_true: `(batch,)` or `(batch, 1)`, 1 where both images show the same class, else 0.
            y_pred: The same shape, probability in [0, 1].
            sample_weight: The same shape, the weight of each pair; None for 1.
        """
        probabilities = ops.reshape(ops.cast(y_pred, "float32"), (-1,))
        same = ops.reshape(ops.cast(y_true, "float32"), (-1,))
        weights = ops.ones_like(same)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
        # A probability that is no number makes the counts none, and the result with them.
        weights = weights + 0.0 * probabilities
        places = ops.floor(ops.clip(probabilities, 0.0, 1.0) * self.num_thresholds)
        bins = ops.cast(ops.where(ops.isnan(places), 0.0, places), "int32")
        for counts, share in ((self.same, same), (self.different, 1.0 - same)):
            found = ops.segment_sum(weights * share, bins, num_segments=self.num_thresholds + 1)
            counts.assign_add(found)

    def _rates(self) -> tuple[Any, Any, Any]:
        """Return both accept rates, from no pair accepted to all, and whether both kinds came."""
        rates, came = [], []
        for counts in (self.different, self.same):
            accepted = ops.cumsum(ops.flip(ops.convert_to_tensor(counts)))
            total = accepted[-1]
            # Compared so that NaN counts as there, and is passed on.
            came.append(ops.logical_not(ops.equal(total, 0.0)))
            rate = accepted / ops.where(came[-1], total, 1.0)
            rates.append(ops.concatenate([ops.zeros((1,), "float32"), rate]))
        return rates[0], rates[1], ops.logical_and(*came)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the metric can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "num_thresholds": self.num_thresholds}


@keras.saving.register_keras_serializable(package="keras_siamese")
class TrueAcceptRate(_PairRates):
    """Fraction of the same pairs that are accepted, at a rate of false accepts.

    Of the thresholds that accept no larger fraction of the different pairs, the one that accepts
    most same pairs is taken, as `find_operating_point` does. Thresholds are
    `1 / num_thresholds` apart, so the value is that of a threshold which is too high by less than
    that. It is over all pairs since the start of the epoch, and 0 until there are pairs of both
    kinds.

    Args:
        false_accept_rate: Largest fraction of the different pairs accepted, in [0, 1].
        num_thresholds: How many thresholds are tried.
        name: Name of the metric; None for "true_accept_rate".
        dtype: Type of the result.

    Raises:
        ValueError: If an argument is out of range, or on Keras 2.

    Example:
        >>> from keras_siamese.metrics import TrueAcceptRate
        >>> metric = TrueAcceptRate(false_accept_rate=0.5)
        >>> metric.update_state([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1])
        >>> float(metric.result())
        1.0
    """

    def __init__(
        self,
        false_accept_rate: float = 0.01,
        *,
        num_thresholds: int = 1000,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        """Create the metric; see the class for the arguments."""
        rate = check_number("false_accept_rate", false_accept_rate, least=0, most=1)
        self.false_accept_rate = rate
        super().__init__(num_thresholds, name or "true_accept_rate", dtype)
        self._direction = "up"

    def result(self) -> Any:
        """Return the rate, a scalar."""
        false, true, known = self._rates()
        # Both rates rise along the thresholds. A rate that is NaN is passed on.
        kept = ops.where(ops.greater(false, self.false_accept_rate), 0.0, true)
        return ops.where(known, ops.max(kept), 0.0)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the metric can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "false_accept_rate": self.false_accept_rate}


@keras.saving.register_keras_serializable(package="keras_siamese")
class EqualErrorRate(_PairRates):
    """Error rate where as many different pairs are accepted as same ones refused.

    Between two thresholds, which are `1 / num_thresholds` apart, it is interpolated linearly, as
    `equal_error_rate` does between two scores. It is over all pairs since the start of the epoch,
    and 1 until there are pairs of both kinds.

    Args:
        num_thresholds: How many thresholds are tried.
        name: Name of the metric; None for "equal_error_rate".
        dtype: Type of the result.

    Raises:
        ValueError: If an argument is out of range, or on Keras 2.

    Example:
        >>> from keras_siamese.metrics import EqualErrorRate
        >>> metric = EqualErrorRate()
        >>> metric.update_state([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
        >>> float(metric.result())
        0.5
    """

    def __init__(
        self, *, num_thresholds: int = 1000, name: str | None = None, dtype: Any = None
    ) -> None:
        """Create the metric; see the class for the arguments."""
        super().__init__(num_thresholds, name or "equal_error_rate", dtype)
        self._direction = "down"

    def result(self) -> Any:
        """Return the rate, a scalar."""
        false, true, known = self._rates()
        # Rises from -1 to 1 along the thresholds, and is 0 where both rates are equal.
        excess = false + true - 1.0
        upper = ops.argmax(ops.cast(ops.greater_equal(excess, 0.0), "int32"))
        upper = ops.maximum(ops.cast(upper, "int32"), 1)
        low, high = ops.take(excess, upper - 1), ops.take(excess, upper)
        before, after = ops.take(false, upper - 1), ops.take(false, upper)
        rate = before + (after - before) * (0.0 - low) / (high - low)
        return ops.where(known, rate, 1.0)

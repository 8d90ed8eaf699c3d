"""Error rates of a siamese network's probabilities, as metrics of Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import check_number, check_whole
from keras_siamese.compat import ops, require_keras_3, to_numpy
from keras_siamese.losses.known_values import are_known, numbers
from keras_siamese.losses.undefined import nan_unless

# The logit of the largest float32 below 1, which is 1 - 2**-24.
_LAST_LOGIT = float(np.log(2.0**24 - 1.0))
_NUM_THRESHOLDS = 10_000


class _PairRates(keras.metrics.Metric):
    """Counts same and different pairs by their probability, in bins between thresholds.

    The thresholds are evenly spaced in the logit, since a trained network's probabilities are close
    to 0 and 1. They reach from 6e-8 to 1 - 6e-8, the largest float32 below 1. The first is 0, and
    the last is 1.

    Args:
        num_thresholds: Rates are known at so many thresholds besides 0.
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
            y_pred: `(batch,)` or `(batch, 1)`, probability in [0, 1].
            sample_weight: `(batch,)` or `(batch, 1)`, the weight of each pair; None for 1.

        Raises:
            ValueError: If the shapes are others, or they hold no numbers; where values can be read,
                also if a label is neither 0 nor 1, or a probability is out of range. In a compiled
                step, such values make the result NaN. A probability that is NaN always does.
        """
        probabilities = _numbers("y_pred", y_pred)
        same = _numbers("y_true", y_true)
        _check_shapes(tuple(same.shape), tuple(probabilities.shape), "y_true")
        given = [same, probabilities]
        if sample_weight is not None:
            given.append(_numbers("sample_weight", sample_weight))
            _check_shapes(tuple(given[2].shape), tuple(probabilities.shape), "sample_weight")
        known = are_known(*given)
        same, probabilities, *rest = (ops.reshape(each, (-1,)) for each in given)
        weights = rest[0] if rest else ops.ones_like(same)
        is_label = ops.logical_or(ops.equal(same, 0.0), ops.equal(same, 1.0))
        within = ops.logical_and(
            ops.greater_equal(probabilities, 0.0), ops.less_equal(probabilities, 1.0)
        )
        if known:
            _check_values(to_numpy(same), to_numpy(probabilities))
        # What is neither makes the counts NaN, and the result with them.
        weights = weights + nan_unless(ops.logical_and(is_label, within))
        thresholds = ops.convert_to_tensor(_pair_thresholds(self.num_thresholds))
        bins = ops.searchsorted(thresholds, ops.where(within, probabilities, 0.0), side="right") - 1
        bins = ops.cast(bins, "int32")
        for counts, share in ((self.same, same), (self.different, 1.0 - same)):
            found = ops.segment_sum(weights * share, bins, num_segments=self.num_thresholds + 1)
            counts.assign_add(found)

    def _rates(self) -> tuple[Any, Any]:
        """Return the rates of false and of true accepts, from no pair accepted to all."""
        rates = []
        for counts in (self.different, self.same):
            accepted = ops.cumsum(ops.flip(ops.convert_to_tensor(counts)))
            # Without a pair of the kind, 0 / 0 is NaN, as the rate is unknown.
            rates.append(ops.concatenate([ops.zeros((1,), "float32"), accepted / accepted[-1]]))
        return rates[0], rates[1]

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
    most same pairs is taken, as `find_operating_point` does. Thresholds are evenly spaced in the
    logit from -16.6 to 16.6, `33.3 / num_thresholds` apart: with 10,000 of them at most 0.001 in
    the probability, and less near 0 and 1. The value is that of a threshold which is too high by
    less than that, so it is never too high.

    It is over all pairs since the start of the epoch. It is NaN until there are pairs of both
    kinds, and after a label that is neither 0 nor 1 or a score outside [0, 1].

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
        num_thresholds: int = _NUM_THRESHOLDS,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        """Create the metric; see the class for the arguments."""
        rate = check_number("false_accept_rate", false_accept_rate, least=0, most=1)
        self.false_accept_rate = rate
        super().__init__(num_thresholds, name or "true_accept_rate", dtype)
        self._direction = "up"

    def result(self) -> Any:
        """Return the rate, a scalar; NaN where it is not known."""
        false, true = self._rates()
        # Both rates rise along the thresholds.
        kept = ops.where(ops.greater(false, self.false_accept_rate), 0.0, true)
        # No comparison with NaN is true: the last rates, 1 or NaN, pass it on.
        return ops.max(kept) + 0.0 * (false[-1] + true[-1])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the metric can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "false_accept_rate": self.false_accept_rate}


@keras.saving.register_keras_serializable(package="keras_siamese")
class EqualErrorRate(_PairRates):
    """Error rate where as many different pairs are accepted as same ones refused.

    Between two thresholds, which are spaced as for `TrueAcceptRate`, it is interpolated linearly,
    as `equal_error_rate` does between two scores. It is over all pairs since the start of the
    epoch. It is NaN until there are pairs of both kinds, and after a label that is neither 0 nor 1
    or a score outside [0, 1].

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
        self, *, num_thresholds: int = _NUM_THRESHOLDS, name: str | None = None, dtype: Any = None
    ) -> None:
        """Create the metric; see the class for the arguments."""
        super().__init__(num_thresholds, name or "equal_error_rate", dtype)
        self._direction = "down"

    def result(self) -> Any:
        """Return the rate, a scalar; NaN where it is not known."""
        false, true = self._rates()
        # Rises from -1 to 1 along the thresholds, and is 0 where both rates are equal.
        excess = false + true - 1.0
        upper = ops.argmax(ops.cast(ops.greater_equal(excess, 0.0), "int32"))
        upper = ops.maximum(ops.cast(upper, "int32"), 1)
        low, high = ops.take(excess, upper - 1), ops.take(excess, upper)
        before, after = ops.take(false, upper - 1), ops.take(false, upper)
        # Where a rate is NaN, so is the excess behind the first threshold.
        return before + (after - before) * (0.0 - low) / (high - low)


def _pair_thresholds(num_thresholds: int) -> np.ndarray:
    """Return the thresholds between which pairs are counted.

    Args:
        num_thresholds: How many there are besides 0, at least 2.

    Returns:
        `(num_thresholds + 1,)`, float32, ascending from 0 to 1, evenly spaced in the logit. Next to
        0 and 1, some may be equal.
    """
    logits = np.linspace(-_LAST_LOGIT, _LAST_LOGIT, num_thresholds + 1)
    thresholds = 1.0 / (1.0 + np.exp(-logits))
    thresholds[[0, -1]] = 0.0, 1.0
    return thresholds.astype(np.float32)


def _numbers(argument: str, values: Any) -> Any:
    """Return numbers as a tensor, float32."""
    given = numbers(argument, values, kind="numbers", remedy="Give one number per pair.")
    return ops.cast(ops.convert_to_tensor(given), "float32")


def _check_shapes(given: tuple[Any, ...], probabilities: tuple[Any, ...], argument: str) -> None:
    """Check the shapes, of which None is unknown."""
    if len(probabilities) not in (1, 2) or probabilities[1:] not in ((), (1,)):
        raise ValueError(
            "`y_pred` must have the shape (batch,) or (batch, 1). Received: shape "
            f"{probabilities}. Give the probability that both images show the same class."
        )
    if len(given) not in (1, 2) or given[1:] not in ((), (1,), (None,)):
        raise ValueError(
            f"`{argument}` must have the shape (batch,) or (batch, 1). Received: shape {given}. "
            "Give one number per pair, not one-hot rows."
        )
    if None not in (given[0], probabilities[0]) and given[0] != probabilities[0]:
        raise ValueError(
            f"`{argument}` must hold one number per row of `y_pred`. Received: {given[0]} numbers "
            f"and {probabilities[0]} rows. Give as many numbers as rows."
        )


def _check_values(same: np.ndarray, probabilities: np.ndarray) -> None:
    """Refuse labels that are neither 0 nor 1, and what is no probability; NaN passes as a score."""
    wrong = same[(same != 0) & (same != 1)]
    if len(wrong):
        raise ValueError(
            "`y_true` must be 1 where both images show the same class, and 0 elsewhere. Received: "
            f"{wrong[0]:g}. Give such labels, for example (left == right)."
        )
    outside = probabilities[(probabilities < 0) | (probabilities > 1)]
    if len(outside):
        raise ValueError(
            f"`y_pred` must be probabilities in [0, 1]. Received: {outside[0]:g}. Give the output "
            "of a sigmoid, not logits or distances."
        )

"""Measures of retrieval on embeddings, as metrics of Keras.

They are the means of `keras_siamese.evaluation` of the same names. `EmbeddingMetric` says what is
compared with what.
"""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.argument_checks import check_whole
from keras_siamese.compat import ops
from keras_siamese.metrics.embedding_metric import EmbeddingMetric


class _AtK(EmbeddingMetric):
    """A measure of the `k` nearest."""

    def __init__(
        self,
        k: int = 1,
        *,
        size: int | None = None,
        distance: str = "cosine",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.k = check_whole("k", k, least=1)
        super().__init__(size, distance, name or f"{self.default_name}_{self.k}", dtype)

    default_name: str

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the metric can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "k": self.k}


class _OverAll(EmbeddingMetric):
    """A measure of all neighbours."""

    def __init__(
        self,
        *,
        size: int | None = None,
        distance: str = "cosine",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(size, distance, name or self.default_name, dtype)

    default_name: str


@keras.saving.register_keras_serializable(package="keras_siamese")
class RecallAtK(_AtK):
    """Fraction of the queries with an image of their class among their `k` nearest.

    Without `size` an embedding is compared with the others of its batch, with `size` with all of
    the epoch, up to so many; `EmbeddingMetric` says more.

    Args:
        k: How many neighbours are looked at.
        size: How many embeddings of an epoch are kept; None compares inside each batch.
        distance: "cosine", "euclidean" or "l1".
        name: Name of the metric; None for "recall_at_" and k.
        dtype: Type of the result.

    Raises:
        ValueError: If an argument is out of range, `size` is not above `k`, or on Keras 2.

    Example:
        >>> from keras_siamese.metrics import RecallAtK
        >>> metric = RecallAtK(k=1, size=100)
        >>> metric.update_state([0, 0], [[1.0, 0.0], [3.0, 2.0]])
        >>> metric.update_state([1, 1], [[0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.5
    """

    default_name = "recall_at"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        return ops.max(hits * _within(ranks, float(self.k)), axis=1)


@keras.saving.register_keras_serializable(package="keras_siamese")
class PrecisionAtK(_AtK):
    """Fraction of the `k` nearest that are of the query's class, averaged over the queries.

    Args:
        k: How many neighbours are looked at.
        size: As for `RecallAtK`.
        distance: As for `RecallAtK`.
        name: Name of the metric; None for "precision_at_" and k.
        dtype: Type of the result.

    Raises:
        ValueError: As `RecallAtK`.

    Example:
        >>> from keras_siamese.metrics import PrecisionAtK
        >>> metric = PrecisionAtK(k=2)
        >>> metric.update_state([0, 0, 1, 1], [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.5
    """

    default_name = "precision_at"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        return ops.sum(hits * _within(ranks, float(self.k)), axis=1) / float(self.k)


@keras.saving.register_keras_serializable(package="keras_siamese")
class MeanAveragePrecision(_OverAll):
    """Mean over the queries of the average precision over all others.

    Args:
        size: As for `RecallAtK`.
        distance: As for `RecallAtK`.
        name: Name of the metric; None for "mean_average_precision".
        dtype: Type of the result.

    Raises:
        ValueError: As `RecallAtK`.

    Example:
        >>> from keras_siamese.metrics import MeanAveragePrecision
        >>> metric = MeanAveragePrecision()
        >>> metric.update_state([0, 0, 1, 1], [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.75
    """

    default_name = "mean_average_precision"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        return ops.sum(_precisions(hits, ranks), axis=1) / relevant[:, 0]


@keras.saving.register_keras_serializable(package="keras_siamese")
class MeanAveragePrecisionAtR(_OverAll):
    """Mean average precision at R, the number of other images of the query's class.

    Args:
        size: As for `RecallAtK`.
        distance: As for `RecallAtK`.
        name: Name of the metric; None for "map_at_r".
        dtype: Type of the result.

    Raises:
        ValueError: As `RecallAtK`.

    Example:
        >>> from keras_siamese.metrics import MeanAveragePrecisionAtR
        >>> metric = MeanAveragePrecisionAtR()
        >>> metric.update_state([0, 0, 1, 1], [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.5
    """

    default_name = "map_at_r"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        near = _precisions(hits, ranks) * _within(ranks, relevant)
        return ops.sum(near, axis=1) / relevant[:, 0]


@keras.saving.register_keras_serializable(package="keras_siamese")
class MeanReciprocalRank(_OverAll):
    """Mean over the queries of one over the rank of the nearest image of their class.

    Args:
        size: As for `RecallAtK`.
        distance: As for `RecallAtK`.
        name: Name of the metric; None for "mean_reciprocal_rank".
        dtype: Type of the result.

    Raises:
        ValueError: As `RecallAtK`.

    Example:
        >>> from keras_siamese.metrics import MeanReciprocalRank
        >>> metric = MeanReciprocalRank()
        >>> metric.update_state([0, 0, 1, 1], [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.75
    """

    default_name = "mean_reciprocal_rank"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        return ops.max(hits / ranks, axis=1)


@keras.saving.register_keras_serializable(package="keras_siamese")
class RPrecision(_OverAll):
    """Precision at R, the number of other images of the query's class.

    Args:
        size: As for `RecallAtK`.
        distance: As for `RecallAtK`.
        name: Name of the metric; None for "r_precision".
        dtype: Type of the result.

    Raises:
        ValueError: As `RecallAtK`.

    Example:
        >>> from keras_siamese.metrics import RPrecision
        >>> metric = RPrecision()
        >>> metric.update_state([0, 0, 1, 1], [[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 3.0]])
        >>> float(metric.result())
        0.5
    """

    default_name = "r_precision"

    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries; see `EmbeddingMetric`."""
        return ops.sum(hits * _within(ranks, relevant), axis=1) / relevant[:, 0]


def _within(ranks: Any, last: Any) -> Any:
    """Return 1 up to a rank, and 0 behind."""
    return ops.cast(ops.less_equal(ranks, last), "float32")


def _precisions(hits: Any, ranks: Any) -> Any:
    """Return the precision at each rank that holds an image of the query's class, else 0."""
    return hits * ops.cumsum(hits, axis=1) / ranks

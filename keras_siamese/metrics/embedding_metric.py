"""The base of metrics on embeddings: what is compared with what, and when."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import check_choice, check_whole
from keras_siamese.compat import ops, require_keras_3, to_numpy
from keras_siamese.losses.distances import all_distances
from keras_siamese.losses.known_values import (
    are_known,
    as_int32,
    label_numbers,
    label_tensor,
    whole_labels,
)
from keras_siamese.losses.undefined import nan_unless

# The square of the Euclidean distance sorts as the distance does, and rounds less.
_COMPUTED = {"cosine": "cosine", "euclidean": "squared_euclidean", "l1": "l1"}
# Share of the largest distance by which rounding in float32 may change one.
_ROUNDING = 1e-6
# Where all distances are 0, they tie, too.
_LEAST = 1e-30
_FAR = 3e38


class EmbeddingMetric(keras.metrics.Metric, ABC):
    """A mean over queries, each an embedding that is compared with others.

    Without `size` each embedding is compared with the others of its batch; the value is the mean
    over all queries since the start of the epoch. Since a batch is a small gallery, it depends on
    the batch size, and is higher than over all images.

    With `size` the embeddings of an epoch are kept, up to so many, and each is compared with all
    others of the epoch; further ones are left out. Labels are kept as int32. `evaluate` then gives
    the value of the function in `keras_siamese.evaluation`. Keras asks for the value after each
    batch. Until all places are taken, each time takes `size * size` distances: keep `size` to some
    thousands. During training, the embeddings of an epoch come from different weights.

    On several replicas of `tf.distribute`, each replica compares its part of a batch. `size` is an
    error there: a replica sees only its part of the epoch.

    A query counts that has another image of its class and one of another class, and at least `k`
    others. The value is NaN until a query counts: it stays NaN where no class has two images, or
    there are never more than `k` images. It is also NaN after an embedding that is not finite, or a
    label that int32 does not hold where it is kept. A tie counts against: cosines closer than
    0.000001 are one, and so are other distances closer than 0.000001 of the largest.

    Args:
        size: How many embeddings of an epoch are kept; None for none.
        distance: "cosine", "euclidean" or "l1".
        name: Name of the metric.
        dtype: Type of the result.

    Raises:
        ValueError: If an argument is out of range, or on Keras 2.
    """

    # The fewest others that a query must have.
    k = 1

    def __init__(self, size: int | None, distance: str, name: str, dtype: Any) -> None:
        """Create the metric; see the class for the arguments."""
        require_keras_3(type(self).__name__)
        self.distance = check_choice("distance", distance, tuple(_COMPUTED))
        self.size = None if size is None else check_whole("size", size, least=self.k + 1)
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.count = self.add_weight((), "zeros", "float32", "count")
        if self.size is None:
            self.total = self.add_weight((), "zeros", "float32", "total")
        else:
            # One place more takes what comes too late, and is never read.
            self.labels = self.add_weight((self.size + 1,), "zeros", "int32", "labels")
            # The value since all places are taken, after which it cannot change.
            self.last = self.add_weight((), "zeros", "float32", "last")
        self.embeddings: Any = None
        self._largest_batch = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add embeddings.

        Args:
            y_true: `(batch,)` or `(batch, 1)`, whole numbers, the class of each.
            y_pred: `(batch, features)`, embeddings.
            sample_weight: None; queries have no weights.

        Raises:
            ValueError: If the shapes or the type of the labels are others, there are weights, or
                `size` is given on several replicas. Without `size`, also if the batch is known to
                hold no more than `k` images, and so was each batch before it. Where values can be
                read, also if a label has a fraction, or does not fit int32 with `size`.
        """
        self._check_replicas()
        if sample_weight is not None:
            raise ValueError(
                "`sample_weight` must be None. Received: weights, which queries do not have. Give "
                "the metric as one of `metrics`, not of `weighted_metrics`."
            )
        embeddings = ops.cast(ops.convert_to_tensor(y_pred), "float32")
        given = label_numbers(y_true)
        _check_shapes(tuple(given.shape), tuple(embeddings.shape))
        labels = label_tensor(given, embeddings.shape[0], "y_pred")
        known = are_known(labels, embeddings)
        if known:
            whole_labels(labels)
        if self.size is None:
            self._check_batch(embeddings.shape[0])
            kept = ops.ones_like(labels, dtype="int32")
            values, scored = self._measured(labels, embeddings, kept)
            self.total.assign_add(ops.sum(values))
            self.count.assign_add(ops.sum(scored))
            return
        labels, fits = as_int32(labels)
        if known:
            _check_kept(to_numpy(fits), given)
        embeddings = embeddings + nan_unless(fits)[:, None]
        if self.embeddings is None:
            shape = (self.size + 1, embeddings.shape[1])
            self.embeddings = self.add_weight(shape, "zeros", "float32", "embeddings")
        ones = ops.cast(ops.ones_like(labels), "float32")
        places = ops.minimum(ops.cumsum(ones) - 1.0 + self.count, float(self.size))
        places = ops.cast(places, "int32")[:, None]
        self.labels.assign(ops.scatter_update(self.labels, places, labels))
        self.embeddings.assign(ops.scatter_update(self.embeddings, places, embeddings))
        was_full = self._full()
        self.count.assign(ops.minimum(self.count + ops.sum(ones), float(self.size)))
        filled = ops.logical_and(ops.logical_not(was_full), self._full())
        self.last.assign(ops.cond(filled, self._over_kept, lambda: self.last + 0.0))

    def result(self) -> Any:
        """Return the mean, a scalar; NaN where no query counted."""
        if self.size is None:
            return self.total / self.count
        if self.embeddings is None:
            return nan_unless(ops.greater(self.count, 0.0))
        return ops.cond(self._full(), lambda: self.last + 0.0, self._over_kept)

    def _check_replicas(self) -> None:
        """Refuse to keep embeddings on several replicas, whose states Keras adds up."""
        if self.size is None or keras.backend.backend() != "tensorflow":
            return
        replicas = sys.modules["tensorflow"].distribute.get_strategy().num_replicas_in_sync
        if replicas > 1:
            raise ValueError(
                "`size` must be None on several replicas of tf.distribute, where each sees a part "
                f"of the epoch. Received: size={self.size} on {replicas} replicas. Leave it out, "
                "or score all embeddings with `evaluate_retrieval`."
            )

    def _check_batch(self, rows: int | None) -> None:
        """Refuse batches that are too small for any query to count.

        The last batch of an epoch may be small, which only leaves its queries out.
        """
        self._largest_batch = max(self._largest_batch, self.k + 1 if rows is None else rows)
        if self._largest_batch <= self.k:
            raise ValueError(
                f"`y_pred` must hold at least {self.k + 1} rows where `size` is None, as each "
                f"is compared with others of its batch. Received: {rows}. Give larger batches, "
                "a smaller `k` where there is one, or `size`."
            )

    def _full(self) -> Any:
        """Say whether all places are taken."""
        return ops.greater_equal(self.count, float(self.size or 0))

    def _over_kept(self) -> Any:
        """Return the mean over the embeddings that are kept."""
        kept = ops.cast(ops.less(ops.arange(self.size, dtype="float32"), self.count), "int32")
        labels, embeddings = self.labels[: self.size], self.embeddings[: self.size]
        values, scored = self._measured(labels, embeddings, kept)
        return ops.sum(values) / ops.sum(scored)

    @abstractmethod
    def measure(self, hits: Any, ranks: Any, relevant: Any) -> Any:
        """Measure queries.

        Args:
            hits: `(n, m)`, float32, 1 where the image at a rank is of the query's class, else 0.
            ranks: `(n, m)`, float32, 1 to m in each row.
            relevant: `(n, 1)`, float32, how many images are of the query's class, at least 1.

        Returns:
            `(n,)`, float32.
        """

    def _measured(self, labels: Any, embeddings: Any, kept: Any) -> tuple[Any, Any]:
        """Return `(n,)` values, 0 where a query does not count, and 1 or 0 whether it does."""
        distances = all_distances(_COMPUTED[self.distance], embeddings, embeddings)
        places = ops.cumsum(ops.ones_like(kept))
        other = ops.not_equal(places[:, None], places[None, :])
        pair = ops.logical_and(other, ops.cast(kept[:, None] * kept[None, :], "bool"))
        alike = ops.logical_and(pair, ops.equal(labels[:, None], labels[None, :]))
        same = ops.cast(alike, "float32")
        # What is as near as rounding can tell, and of another class, comes before.
        largest = ops.max(ops.where(pair, distances, 0.0))
        # A cosine rounds by the same, however near all of them are to 1.
        rounding = _ROUNDING if self.distance == "cosine" else _ROUNDING * largest + _LEAST
        keys = ops.where(pair, distances - rounding * (1.0 - same), _FAR)
        hits = ops.take_along_axis(same, ops.argsort(keys, axis=1), axis=1)
        relevant = ops.sum(same, axis=1)
        others = ops.sum(ops.cast(pair, "float32"), axis=1)
        counts = ops.logical_and(
            ops.logical_and(ops.greater(relevant, 0.0), ops.greater(others, relevant)),
            ops.greater_equal(others, float(self.k)),
        )
        ranks = ops.cumsum(ops.ones_like(hits), axis=1)
        values = self.measure(hits, ranks, ops.maximum(relevant, 1.0)[:, None])
        # An embedding that is not finite makes the sum none, either.
        return ops.where(counts, values, 0.0) + 0.0 * ops.sum(embeddings), ops.cast(
            counts, "float32"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the metric can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "size": self.size, "distance": self.distance}


def _check_shapes(labels: tuple[Any, ...], embeddings: tuple[Any, ...]) -> None:
    """Check the shapes, of which None is unknown."""
    row = len(labels) == 1 or (len(labels) == 2 and labels[1] == 1)
    if not row or len(embeddings) != 2 or embeddings[1] is None:
        raise ValueError(
            "`y_true` must be labels (batch,) and `y_pred` embeddings (batch, features). Received: "
            f"shapes {labels} and {embeddings}. Give whole numbers, not one-hot rows, and the "
            "output of an encoder."
        )
    if None not in (labels[0], embeddings[0]) and labels[0] != embeddings[0]:
        raise ValueError(
            "`y_true` must give each embedding a label. Received: "
            f"{labels[0]} labels and {embeddings[0]} embeddings. Give as many."
        )


def _check_kept(fits: np.ndarray, labels: Any) -> None:
    """Refuse labels of which not all are the same in int32."""
    if not fits.all():
        wrong = np.ravel(to_numpy(labels))[~fits]
        raise ValueError(
            f"`y_true` must fit int32 where `size` is given. Received: {wrong[0]}. Number the "
            "classes from 0."
        )

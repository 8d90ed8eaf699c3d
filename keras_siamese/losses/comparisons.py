"""What a loss compares: each embedding of a batch with each reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras_siamese.compat import ops


@dataclass(frozen=True)
class Comparisons:
    """Anchors, references, and which of them show the same class.

    Attributes:
        anchors: Embeddings of the batch, `(n, features)`, float32.
        references: What they are compared with, `(m, features)`, float32. The first n are the
            anchors, in the same order; others may follow.
        positive: `(n, m)`, boolean: the same class, and not the anchor itself.
        negative: `(n, m)`, boolean: another class.
    """

    anchors: Any
    references: Any
    positive: Any
    negative: Any


def in_batch(labels: Any, embeddings: Any) -> Comparisons:
    """Compare the embeddings of a batch with each other.

    Args:
        labels: `(batch,)`, of any type of numbers.
        embeddings: `(batch, features)`, float32.

    Returns:
        The comparisons.
    """
    same = ops.equal(labels[:, None], labels[None, :])
    return Comparisons(embeddings, embeddings, _without_itself(same), ops.logical_not(same))


def with_memory(
    labels: Any, embeddings: Any, more_labels: Any, more_embeddings: Any, valid: Any
) -> Comparisons:
    """Compare the embeddings of a batch with each other and with those of earlier batches.

    Args:
        labels: `(batch,)`, int32.
        embeddings: `(batch, features)`, float32.
        more_labels: `(size,)`, int32, of the earlier ones.
        more_embeddings: `(size, features)`, float32.
        valid: `(size,)`, boolean: which of these there are.

    Returns:
        The comparisons: the batch first, then the earlier ones.
    """
    here = in_batch(labels, embeddings)
    same = ops.equal(labels[:, None], more_labels[None, :])
    there = ops.broadcast_to(valid[None, :], ops.shape(same))
    return Comparisons(
        embeddings,
        ops.concatenate([embeddings, more_embeddings], axis=0),
        ops.concatenate([here.positive, ops.logical_and(same, there)], axis=1),
        ops.concatenate(
            [here.negative, ops.logical_and(ops.logical_not(same), there)],
            axis=1,
        ),
    )


def _without_itself(same: Any) -> Any:
    places = ops.arange(ops.shape(same)[0])
    return ops.logical_and(same, ops.not_equal(places[:, None], places[None, :]))


__all__ = ["Comparisons", "in_batch", "with_memory"]

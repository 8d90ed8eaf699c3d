"""Logits of pairs of embeddings, for any head: in NumPy where it is known, else by its layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.evaluation.embeddings import weighted_l1_sums
from keras_siamese.evaluation.equal_rows import unique_rows
from keras_siamese.evaluation.row_similarities import row_similarities
from keras_siamese.models.numpy_heads import EUCLIDEAN, WEIGHTED_L1, NumpyHead

# Numbers of the embeddings that a layer is given at a time: 16 MB in float32 for both sides.
_LAYER_NUMBERS = 2**21


def head_logits(
    head: Any, embeddings: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return the logits that pairs of embeddings show the same class.

    The weighted L1 distance (Koch et al. 2015, sec. 3.1), the Euclidean distance and the cosine are
    computed in NumPy, as their layers do to 1e-5. Any other layer is called in batches. Equal pairs
    get equal logits to the last bit, wherever they stand, so that a tie is seen as a tie.

    Args:
        head: Head of a network, as `twin_head` returns it, built; or a `NumpyHead`.
        embeddings: `(n, features)`, float32.
        left: Any shape, integer, row of each pair's first embedding.
        right: Same shape, integer, row of the second.

    Returns:
        Logits, float32, of `left`'s shape, before the sigmoid.

    Raises:
        ValueError: If the shapes differ, or the head does not fit the embeddings.
    """
    if left.shape != right.shape:
        raise ValueError(
            "`left` and `right` must have the same shape. Received: "
            f"{left.shape} and {right.shape}. Give one row in each per pair."
        )
    known = numpy_head(head)
    if known is None:
        return layer_logits(head, embeddings, left, right)
    if known.kind == WEIGHTED_L1:
        logits = weighted_l1_sums(known.factors, embeddings, left, right)
    else:
        metric = "l2" if known.kind == EUCLIDEAN else "cosine"
        logits = row_similarities(embeddings, left, right, metric).astype(np.float32)
        logits *= known.factors
    logits += known.bias
    return logits


def numpy_head(head: Any) -> NumpyHead | None:
    """Return a head as NumPy computes it.

    Args:
        head: Head of a network, a `NumpyHead`, or anything with the weights of a `WeightedL1`.

    Returns:
        The head; None where only its layer knows what it computes.
    """
    if hasattr(head, "in_numpy"):
        return head.in_numpy()
    return None if callable(head) else NumpyHead(tuple(head.get_weights()))


def layer_logits(
    head: Any, embeddings: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return the logits of pairs of embeddings by calling the head's layer, in batches.

    The last bits of what a layer gives may depend on a pair's place in its batch. So every pair of
    embeddings is computed once, however often it is asked for.

    Args:
        head: Layer from `[h1, h2]` to logits `(batch, 1)`.
        embeddings: As in `head_logits`.
        left: As in `head_logits`.
        right: As in `head_logits`.

    Returns:
        As `head_logits`.
    """
    kept, place = unique_rows(embeddings)
    pairs = place[left.reshape(-1)] * len(kept) + place[right.reshape(-1)]
    pairs, of_pair = np.unique(pairs, return_inverse=True)
    firsts, seconds = np.divmod(pairs, len(kept))
    logits = called_logits(head, embeddings, embeddings, kept[firsts], kept[seconds])
    return logits[of_pair.reshape(-1)].reshape(left.shape)


def called_logits(
    head: Any, first: np.ndarray, second: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Call a head's layer in batches, for pairs of which no two are equal.

    Args:
        head: As in `layer_logits`.
        first: `(n, features)`, float32.
        second: `(m, features)`, float32.
        left: `(pairs,)`, integer, row of `first` of each pair.
        right: `(pairs,)`, integer, row of `second`.

    Returns:
        `(pairs,)`, float32.
    """
    from keras_siamese.compat import to_numpy

    logits = np.empty(len(left), np.float32)
    rows = max(1, _LAYER_NUMBERS // first.shape[1])
    for start in range(0, len(left), rows):
        tile = slice(start, start + rows)
        both = [first[left[tile]], second[right[tile]]]
        logits[tile] = to_numpy(head(both, training=False)).reshape(-1)
    return logits

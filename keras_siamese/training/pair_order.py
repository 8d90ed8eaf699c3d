"""The order in which pairs are seen, shared by the loops and `model.fit`."""

from __future__ import annotations

import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.data.pairs import PairTable


def epoch_order(num_pairs: int, epoch: int, *, epoch_pairs: int | None, seed: int) -> np.ndarray:
    """Return the rows of the pair table that an epoch sees, in order.

    The table is gone through in passes, each in another order; an epoch is the next
    `epoch_pairs` rows of that endless sequence. It depends on nothing but the arguments, so that a
    resumed run sees the same pairs.

    Args:
        num_pairs: Rows of the table.
        epoch: Epochs done, from 0.
        epoch_pairs: Rows per epoch; None for the whole table.
        seed: Seed of the order.

    Returns:
        `(epoch_pairs,)`, int64, row numbers.

    Raises:
        ValueError: If `epoch_pairs` is below 1.
    """
    size = num_pairs if epoch_pairs is None else epoch_pairs
    check_whole("epoch_pairs", size, least=1)
    first, last = epoch * size, (epoch + 1) * size
    parts = []
    for number in range(first // num_pairs, (last - 1) // num_pairs + 1):
        order = np.random.default_rng([seed, number]).permutation(num_pairs)
        start = number * num_pairs
        parts.append(order[max(first - start, 0) : last - start])
    return np.concatenate(parts)


def pair_rows(pairs: PairTable, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the stacked image indices and transforms of some rows: all left, then all right.

    Args:
        pairs: The table.
        rows: `(batch,)`, row numbers.

    Returns:
        Indices `(2 * batch,)`, int32, and transforms `(2 * batch, 6)`, float32 (without rows where
        the table holds no distortions).
    """
    indices = np.concatenate([pairs.left[rows], pairs.right[rows]])
    if pairs.left_transform is None or pairs.right_transform is None:
        return indices, np.empty((0, 6), np.float32)
    return indices, np.concatenate([pairs.left_transform[rows], pairs.right_transform[rows]])

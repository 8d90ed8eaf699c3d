"""The order in which pairs are seen, shared by the loop and `model.fit`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.pairs import PairTable
from keras_siamese.training.step import make_pair_images, warp_images


def epoch_order(num_pairs: int, epoch: int, *, epoch_pairs: int | None, seed: int) -> np.ndarray:
    """Return the rows of the pair table that an epoch sees, in order.

    The table is gone through in passes, each in an order of its own; an epoch is the next
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
    if size < 1:
        raise ValueError(f"`epoch_pairs` must be at least 1 or None. Received: {epoch_pairs}")
    first, last = epoch * size, (epoch + 1) * size
    parts = []
    for number in range(first // num_pairs, (last - 1) // num_pairs + 1):
        order = np.random.default_rng([seed, number]).permutation(num_pairs)
        start = number * num_pairs
        parts.append(order[max(first - start, 0) : last - start])
    return np.concatenate(parts)


def pair_batches(
    dataset: ImageDataset,
    pairs: PairTable,
    *,
    batch_size: int = 128,
    epoch_pairs: int | None = None,
    seed: int = 0,
    first_epoch: int = 0,
    warp: Callable = warp_images,
) -> tf.data.Dataset:
    """Return the batches of pairs for `model.fit`, in the order in which the loop sees them.

    One pass through the data set is one epoch, and the next pass is the next epoch, with other
    pairs or in another order. So `model.fit` needs no `steps_per_epoch`.

    Args:
        dataset: The images.
        pairs: The pairs, distorted or not.
        batch_size: Pairs per batch (Koch et al. 2015, sec. 3.2: 128).
        epoch_pairs: Pairs per epoch; None for the whole table.
        seed: Seed of the order.
        first_epoch: Epoch of the first pass, as `initial_epoch` of `model.fit`.
        warp: What distorts, with the arguments and the result of `warp_images`.

    Returns:
        A data set of `({"left", "right"}, same)`: images `(batch, height, width, channels)`,
        float32, [0, 1], and labels `(batch, 1)`, float32, 1 for the same class. Its cardinality is
        the number of batches in an epoch.

    Raises:
        ValueError: If `batch_size` or `epoch_pairs` is below 1.

    Example:
        model.fit(pair_batches(dataset, pairs), epochs=20, shuffle=False)
    """
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
    epoch_order(len(pairs), 0, epoch_pairs=epoch_pairs, seed=seed)  # checks epoch_pairs
    size = len(pairs) if epoch_pairs is None else epoch_pairs
    epochs = itertools.count(first_epoch)
    pair_images = make_pair_images(
        dataset.images, distorted=pairs.left_transform is not None, warp=warp
    )

    def rows() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        # Called once a pass.
        order = epoch_order(len(pairs), next(epochs), epoch_pairs=epoch_pairs, seed=seed)
        for start in range(0, size, batch_size):
            batch = order[start : start + batch_size]
            yield *pair_rows(pairs, batch), pairs.same[batch, None].astype(np.float32)

    def images(
        indices: tf.Tensor, transforms: tf.Tensor, same: tf.Tensor
    ) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        left, right = tf.split(pair_images(indices, transforms), 2)
        return {"left": left, "right": right}, same

    signature = (
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, 6], tf.float32),
        tf.TensorSpec([None, 1], tf.float32),
    )
    return (
        tf.data.Dataset.from_generator(rows, output_signature=signature)
        .map(images)
        .apply(tf.data.experimental.assert_cardinality(-(-size // batch_size)))
        .prefetch(tf.data.AUTOTUNE)
    )


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

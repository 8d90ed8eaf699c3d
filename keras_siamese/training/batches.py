"""The order in which pairs are seen, and batches of them for `model.fit`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import keras
import numpy as np

from keras_siamese.argument_checks import check_whole
from keras_siamese.compat import to_numpy
from keras_siamese.data.dataset import ImageDataset, check_dataset
from keras_siamese.data.pairs import PairTable
from keras_siamese.models.passes import Passes
from keras_siamese.training.step import make_pair_images, warp_images

if TYPE_CHECKING:
    import tensorflow as tf


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


def pair_batches(
    dataset: ImageDataset,
    pairs: PairTable,
    *,
    batch_size: int = 128,
    epoch_pairs: int | None = None,
    seed: int = 0,
    first_epoch: int = 0,
    shuffle: bool | None = None,
    warp: Callable = warp_images,
) -> tf.data.Dataset | keras.utils.PyDataset:
    """Return the batches of pairs for `fit`, `evaluate` and `predict`.

    They are taken as Keras takes arrays. `fit` of a network made by `siamese_network` shuffles: an
    epoch is one pass, its order is that of `train`, and it needs no `steps_per_epoch`. Every other
    pass, by `predict`, `evaluate`, as `validation_data` or in a loop, gives the pairs in the order
    of the table. So predictions belong to `pairs.same`, and a look at the batches changes nothing.

    Args:
        dataset: The images.
        pairs: The pairs, distorted or not.
        batch_size: Pairs per batch (Koch et al. 2015, sec. 3.2: 128).
        epoch_pairs: Pairs per epoch; None for the whole table. Passes other than those of `fit`
            then give the pairs of the first epoch, in its order.
        seed: Seed of the order.
        first_epoch: Number of the first epoch of `fit`, as its `initial_epoch`.
        shuffle: None as above. False gives the table's order to `fit`, too. True makes every pass
            the next epoch, for a custom training loop and for other Keras models; `predict`
            and `evaluate` refuse it.
        warp: What distorts, with the arguments and the result of `warp_images`.

    Returns:
        A `tf.data.Dataset` (on JAX and PyTorch a `keras.utils.PyDataset`) of
        `({"left", "right"}, same)`: images `(batch, height, width, channels)`,
        float32, [0, 1], and labels `(batch, 1)`, float32, 1 for the same class. Its cardinality is
        the number of batches in an epoch.

    Raises:
        ValueError: If `batch_size` or `epoch_pairs` is below 1, or `epoch_pairs` is given with
            `shuffle=False`.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import make_glyphs, sample_pairs
        >>> from keras_siamese.training import pair_batches
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=3, num_drawers=4)
        >>> pairs = sample_pairs(glyphs, 20, seed=0)
        >>> batches = pair_batches(glyphs, pairs, batch_size=8)
        >>> same = np.concatenate([labels for _, labels in batches])[:, 0]
        >>> bool(np.array_equal(same, pairs.same))
        True
    """
    check_dataset("dataset", dataset)
    check_whole("batch_size", batch_size, least=1)
    if shuffle is False and epoch_pairs is not None:
        raise ValueError(
            "`epoch_pairs` must be None with shuffle=False: the first pairs of a table are of one "
            f"kind. Received: epoch_pairs={epoch_pairs}. Leave it out, or draw fewer pairs."
        )
    first = epoch_order(len(pairs), first_epoch, epoch_pairs=epoch_pairs, seed=seed)
    size = len(first)
    fixed = np.arange(size) if size == len(pairs) else first
    passes = Passes(reshuffled=shuffle is True)
    epochs = itertools.count(first_epoch)
    pair_images = make_pair_images(
        dataset.images, distorted=pairs.left_transform is not None, warp=warp
    )

    def next_order() -> np.ndarray:
        # Called once a pass, as it begins.
        if passes.reshuffled or (shuffle is None and passes.are_epochs()):
            return epoch_order(len(pairs), next(epochs), epoch_pairs=epoch_pairs, seed=seed)
        return fixed

    def batch(order: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = order[number * batch_size : (number + 1) * batch_size]
        return *pair_rows(pairs, rows), pairs.same[rows, None].astype(np.float32)

    number_of_batches = -(-size // batch_size)
    if keras.backend.backend() == "tensorflow":
        batches = _tensorflow_batches(pair_images, next_order, batch, number_of_batches)
    else:
        batches = _ImageBatches(pair_images, next_order, batch, number_of_batches, fixed)
    batches.passes = passes
    return batches


def _tensorflow_batches(
    pair_images: Callable, next_order: Callable, batch: Callable, number_of_batches: int
) -> tf.data.Dataset:
    import tensorflow as tf

    def rows() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        order = next_order()
        for number in range(number_of_batches):
            yield batch(order, number)

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
        # A generator does not tell its length, which the bar of `fit` shows.
        .apply(tf.data.experimental.assert_cardinality(number_of_batches))
        .prefetch(tf.data.AUTOTUNE)
    )


# Keras 2 has no `PyDataset`, and no other backend.
class _ImageBatches(getattr(keras.utils, "PyDataset", object)):  # type: ignore[misc]
    """The batches on JAX and PyTorch, where Keras takes a `PyDataset`."""

    def __init__(
        self,
        pair_images: Callable,
        next_order: Callable,
        batch: Callable,
        number: int,
        fixed: np.ndarray,
    ) -> None:
        super().__init__()
        self._fixed = fixed
        self._pair_images, self._next_order, self._batch = pair_images, next_order, batch
        self._number = number
        self._order: np.ndarray | None = None

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        # Keras also looks at a batch before an epoch begins.
        return self._images(self._fixed if self._order is None else self._order, index)

    def __iter__(self) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        order = self._next_order()
        return (self._images(order, number) for number in range(self._number))

    def on_epoch_begin(self) -> None:
        self._order = self._next_order()

    def on_epoch_end(self) -> None:
        self._order = None

    def _images(self, order: np.ndarray, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        indices, transforms, same = self._batch(order, index)
        left, right = np.split(to_numpy(self._pair_images(indices, transforms)), 2)
        return {"left": left, "right": right}, same

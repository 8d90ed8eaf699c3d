"""Batches of some images of each of some classes, for losses that compare all images of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import check_flag, check_whole
from keras_siamese.compat import require_keras_3, to_numpy
from keras_siamese.data.dataset import ImageDataset, check_dataset
from keras_siamese.data.distortions import AffineRanges
from keras_siamese.data.episode_batches import EpisodeSampler
from keras_siamese.training.step import make_pair_images, warp_images


# Keras 2 has no `PyDataset`.
class ClassBatches(getattr(keras.utils, "PyDataset", object)):  # type: ignore[misc]
    """Batches of `images_per_class` images of each of `classes_per_batch` classes, for `fit`.

    A loss on embeddings (`keras_siamese.losses`) finds its positives and negatives in the batch, so
    each class must have several images in it (Hermans et al. 2017, sec. 2: "PK batches"; the
    sampler of Schroff et al. 2015, sec. 3.2). The batches are those of `EpisodeSampler`: with
    "within-alphabet" a batch is of one alphabet, whose characters are hard to tell apart, each by
    the same drawers; other alphabets fill up where it has too few. With "across-alphabets" the
    classes are of the whole data set, each by other drawers. A class with too few images takes no
    part.

    A batch depends on the seed, the epoch and its number alone. With `fit(..., shuffle=False)` an
    epoch has the same batches in the same order on every backend and in a resumed run; else Keras
    shuffles their order. Before the first epoch Keras takes a batch to build the model, and begins
    a new epoch. With several `workers` it does so on TensorFlow alone: on JAX and PyTorch the first
    epoch continues with the next batch (Keras 3.15), so its losses differ from those of one worker.
    On every backend this is a `keras.utils.PyDataset`.

    Args:
        dataset: Images to draw from.
        classes_per_batch: Classes of a batch, at least 2.
        images_per_class: Images of each class, at least 2.
        steps_per_epoch: Batches of an epoch; None for so many that an epoch has about as many
            images as the data set.
        protocol: "across-alphabets" or "within-alphabet". A data set of one alphabet, such as a
            folder of classes, gives classes of all of it either way.
        distortions: Ranges of each image's own affine distortion; None for none.
        symmetries: Whether whole batches are turned and mirrored by the symmetries of the square,
            so that they act as new classes. For drawings, not for pictures with an up and a down.
        labels_as_input: Whether a batch is `((images, labels),)`, for a model of both that adds its
            own loss, as one with a `CrossBatchMemory` does.
        shuffle: Whether each epoch has other batches. False gives those of the first epoch every
            time, as `validation_data` needs.
        first_epoch: Number of the first epoch, as `initial_epoch` of `fit`.
        seed: Non-negative integer for the draws.
        warp: What distorts, with the arguments and the result of `warp_images`.
        **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of `keras.utils.PyDataset`.
            Where images are distorted, by `distortions` or `symmetries`, the workers must be
            threads: the backend distorts, and does not run in a forked process.

    Raises:
        ValueError: If `dataset` is no data set, an argument is out of range, it has fewer than
            `classes_per_batch` classes of `images_per_class` drawers, `use_multiprocessing` is True
            where images are distorted, or Keras is older than 3.

    Example:
        >>> from keras_siamese import make_glyphs
        >>> from keras_siamese.training import ClassBatches
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=4)
        >>> batches = ClassBatches(glyphs, classes_per_batch=8, images_per_class=3)
        >>> images, labels = batches[0]
        >>> images.shape[0], labels.shape, len(batches)
        (24, (24,), 2)
    """

    def __init__(
        self,
        dataset: ImageDataset,
        *,
        classes_per_batch: int = 16,
        images_per_class: int = 4,
        steps_per_epoch: int | None = None,
        protocol: str = "across-alphabets",
        distortions: AffineRanges | None = None,
        symmetries: bool = False,
        labels_as_input: bool = False,
        shuffle: bool = True,
        first_epoch: int = 0,
        seed: int = 0,
        warp: Callable = warp_images,
        **kwargs: Any,
    ) -> None:
        """Lay out the classes; see the class for the arguments."""
        require_keras_3("keras_siamese.training.ClassBatches")
        check_dataset("dataset", dataset)
        for name, value in (
            ("classes_per_batch", classes_per_batch),
            ("images_per_class", images_per_class),
        ):
            check_whole(name, value, least=2)
        if steps_per_epoch is not None:
            check_whole("steps_per_epoch", steps_per_epoch, least=1)
        check_whole("first_epoch", first_epoch)
        for name, value in (
            ("symmetries", symmetries),
            ("labels_as_input", labels_as_input),
            ("shuffle", shuffle),
        ):
            check_flag(name, value)
        _check_classes(dataset, classes_per_batch, images_per_class)
        super().__init__(**kwargs)
        self._distorted = symmetries or distortions is not None
        self._check_workers()
        batch = classes_per_batch * images_per_class
        self._sampler = EpisodeSampler(
            dataset,
            n_way=classes_per_batch,
            n_shot=images_per_class - 1,
            protocol=protocol,
            symmetries=symmetries,
            distortions=distortions,
            seed=seed,
        )
        self._classes = dataset.character
        self._images = dataset.images
        self._warped = None
        if self._distorted:
            self._warped = make_pair_images(dataset.images, distorted=True, warp=warp)
        whole = max(1, round(len(dataset) / batch))
        self._steps = whole if steps_per_epoch is None else steps_per_epoch
        self._labels_as_input = labels_as_input
        self._shuffle = shuffle
        self._epoch = first_epoch

    def __len__(self) -> int:
        """Return the batches of an epoch."""
        return self._steps

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Return a batch of this epoch.

        Args:
            index: Its number, from 0.

        Returns:
            Images `(batch, height, width, channels)`, float32, [0, 1], the images of a class next
            to each other, and labels `(batch,)`, int32, indices into `dataset.character_names`.
            With `labels_as_input`, a tuple of one, which is the pair of both.

        Raises:
            IndexError: If the epoch has fewer batches.
            ValueError: If `use_multiprocessing` was set where images are distorted.
        """
        self._check_workers()
        if not 0 <= index < self._steps:
            raise IndexError(
                f"`index` must be from 0 to {self._steps - 1}. Received: {index}. Count the "
                "batches from 0."
            )
        drawn = self._sampler.draw(self._epoch * self._steps + index)
        indices = drawn.indices.reshape(-1)
        if self._warped is None:
            # By NumPy alone, so that it works in a forked process.
            images = self._images[indices].astype(np.float32) / np.float32(255)
        else:
            transforms = np.ascontiguousarray(drawn.transforms.reshape(-1, 6), np.float32)
            images = to_numpy(self._warped(indices, transforms))
        batch = images, self._classes[indices]
        return (batch,) if self._labels_as_input else batch

    def on_epoch_end(self) -> None:
        """Begin the next epoch; Keras calls it."""
        if self._shuffle:
            self._epoch += 1

    def _check_workers(self) -> None:
        """Refuse processes that would run the backend, which waits for ever in them."""
        if self._distorted and self.use_multiprocessing:
            raise ValueError(
                "`use_multiprocessing` must be False with `distortions` or `symmetries`, which the "
                f"backend computes. Received: {self.use_multiprocessing}. Leave it out: `workers` "
                "are then threads."
            )


def _check_classes(dataset: ImageDataset, classes_per_batch: int, images_per_class: int) -> None:
    """Check that there are enough classes with enough images, each by another drawer."""
    drawn = np.unique(np.stack([dataset.character, dataset.drawer]), axis=1)[0]
    counts = np.bincount(drawn, minlength=1)
    usable = int((counts >= images_per_class).sum())
    if usable < classes_per_batch:
        raise ValueError(
            f"`classes_per_batch` must be at most {usable}, the number of classes of "
            f"{dataset.name!r} that {images_per_class} drawers drew. Received: "
            f"classes_per_batch={classes_per_batch}. Lower it or `images_per_class`, or add images."
        )

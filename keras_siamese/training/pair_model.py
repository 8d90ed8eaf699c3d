"""Training on pairs with any Keras backend: a model of image numbers, and its batches."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_siamese.data.pairs import PairTable
from keras_siamese.models.twins import twin_encoder, twin_head
from keras_siamese.training.pair_order import epoch_order, pair_rows


class PairModel(keras.Model):
    """A siamese network that takes numbers of images and transforms instead of images.

    It holds the images, so that they lie on the device once. A call gathers those of a batch,
    distorts them, encodes all of them in one stacked call and compares the left with the right
    ones: for a network without batch statistics or dropout the same function and the same gradient
    as a call for each twin, because the weights are tied. It trains with `fit` on TensorFlow, JAX
    and PyTorch.

    Compile it with the loss `BinaryCrossentropy(from_logits=True)`: saturated pairs keep their
    gradient (Koch et al. 2015, sec. 3.2, Loss function).

    Args:
        network: Siamese network as made by `siamese_network`, whose weights are trained.
        images: `(n, height, width, channels)`, uint8, ink 255.
        distorted: Whether the batches carry transforms.

    Call arguments:
        inputs: Dictionary of `indices`, `(2 * batch,)`, int32, all left images, then all right
            ones, and `transforms`, `(2 * batch, 6)`, float32, as `draw_transforms` gives them.

    Returns:
        Logits `(batch, 1)`, float32.
    """

    def __init__(self, network: keras.Model, images: np.ndarray, *, distorted: bool) -> None:
        """Put the images on the device."""
        super().__init__(name="pairs")
        self.network = network
        self.distorted = distorted
        self.images = self.add_weight(
            shape=images.shape,
            dtype="uint8",
            initializer=lambda shape, dtype: ops.convert_to_tensor(images, dtype=dtype),
            trainable=False,
            autocast=False,
            name="images",
        )
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> Any:
        """Compare the images of a batch; see the class."""
        batch = ops.cast(ops.take(self.images, inputs["indices"], axis=0), "float32") / 255.0
        if self.distorted:
            # The last two of eight coefficients are the projective part.
            rows = ops.pad(inputs["transforms"], [[0, 0], [0, 2]])
            batch = ops.image.affine_transform(
                batch,
                rows,
                interpolation="bilinear",
                fill_mode="constant",
                fill_value=0.0,
                data_format="channels_last",
            )
        left, right = ops.split(twin_encoder(self.network)(batch, training=training), 2)
        return twin_head(self.network)([left, right])

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights of the network, without the images."""
        return self.network.get_weights()

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set the weights of the network."""
        self.network.set_weights(weights)


class PairBatches(keras.utils.PyDataset):
    """The batches of a `PairModel`, in the order in which `train` takes them.

    Args:
        pairs: The pairs, distorted or not.
        batch_size: Pairs per batch (Koch et al. 2015, sec. 3.2: 128).
        epoch_pairs: Pairs per epoch; None for the whole table.
        seed: Seed of the order.
        first_epoch: Number of the first epoch.
    """

    def __init__(
        self,
        pairs: PairTable,
        *,
        batch_size: int = 128,
        epoch_pairs: int | None = None,
        seed: int = 0,
        first_epoch: int = 0,
    ) -> None:
        """Draw the order of the first epoch."""
        super().__init__()
        self.pairs = pairs
        self.same = pairs.same.astype(np.float32)[:, None]
        self.batch_size, self.epoch_pairs, self.seed = batch_size, epoch_pairs, seed
        self._begin(first_epoch)

    def _begin(self, epoch: int) -> None:
        self.epoch = epoch
        self.order = epoch_order(
            len(self.pairs), epoch, epoch_pairs=self.epoch_pairs, seed=self.seed
        )

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return a batch: inputs, and labels `(batch, 1)`, float32, 1 for the same class."""
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        indices, transforms = pair_rows(self.pairs, rows)
        return {"indices": indices, "transforms": transforms}, self.same[rows]

    def on_epoch_end(self) -> None:
        """Take the order of the next epoch."""
        self._begin(self.epoch + 1)

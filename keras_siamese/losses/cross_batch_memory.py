"""Cross-batch memory: embeddings of earlier batches as further references (Wang et al. 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_siamese.argument_checks import check_float32, check_whole
from keras_siamese.compat import dtype_name, ops, require_keras_3, to_numpy
from keras_siamese.losses.comparisons import in_batch, with_memory
from keras_siamese.losses.embedding_loss import EmbeddingLoss
from keras_siamese.losses.known_values import are_known, as_int32, float_rows, label_tensor
from keras_siamese.losses.n_pairs import NPairsLoss
from keras_siamese.losses.undefined import nan_unless


@keras.saving.register_keras_serializable(package="keras_siamese")
class CrossBatchMemory(keras.layers.Layer):
    """Keeps the embeddings of the last batches, and adds a loss that compares with them, too.

    A small batch has few positives and few hard negatives. In training, each embedding of the batch
    is compared with the batch and with the last `memory_size` embeddings of the batches before
    (Wang et al. 2020, "Cross-batch memory for embedding learning", algorithm 1); then the batch
    joins them, and the oldest leave. No gradient flows to what is remembered. The mining of the
    loss chooses among all. Outside of training, the loss is that of the batch alone, and the
    memory stays as it is.

    The layer needs the labels. So it is the last layer of a model of images and labels, which
    serves for training alone; the encoder is kept. `compile` gets no loss, since the layer adds
    it:

        images = keras.Input(encoder.input_shape[1:])
        labels = keras.Input((), dtype="int32")
        outputs = CrossBatchMemory(TripletLoss())([labels, encoder(images)])
        trainer = keras.Model([images, labels], outputs)
        trainer.compile("adam")
        trainer.fit([x, y])

    `keras_siamese.training.ClassBatches` gives such batches with `labels_as_input=True`.

    The memory is empty at first: until it is full, fewer embeddings are compared. It is saved and
    restored with the layer's weights. In the first steps of a training an encoder changes fast, so
    that what is remembered soon differs from what it would give now; `warmup_steps` trains without
    the memory for so long. Under `tf.distribute`, each replica remembers its own part of the
    batches, and a file holds what the first one remembers.

    Args:
        loss: A loss on embeddings of `keras_siamese.losses`, or its serialized form. Not
            `NPairsLoss`, nor the two with `ClassProxies`.
        memory_size: How many embeddings are remembered, at least 1.
        warmup_steps: In how many training steps, at first, the batch alone is compared and nothing
            is remembered (Wang et al. 2020, section 3.2).
        dtype: "float32" or None, which means the same here.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: `[labels, embeddings]`: `(batch,)` or `(batch, 1)`, of a type of whole numbers, and
            `(batch, features)`, float. The labels must fit int32.
        training: Whether the memory is used and filled.

    Returns:
        The embeddings, `(batch, features)`, float32. The loss is in `losses`. It is 0 where there
        is no positive or no negative. It is NaN where an embedding is not finite, also one that is
        remembered, and in a training step where a label does not fit int32.

    Raises:
        ValueError: If an argument, a shape or a type is wrong; where values can be read, also if a
            label does not fit int32.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.losses import ContrastiveLoss, CrossBatchMemory
        >>> memory = CrossBatchMemory(ContrastiveLoss(), memory_size=8)
        >>> _ = memory([np.array([3, 4]), np.array([[0.0], [0.5]])], training=True)
        >>> float(memory.losses[0])  # no positive yet
        0.0
        >>> _ = memory([np.array([3]), np.array([[0.25]])], training=True)
        >>> float(memory.losses[0])  # 0.25 from the remembered 3 and 4: 0.25**2 + 0.75**2
        0.625
        >>> int(memory.filled)
        3
    """

    def __init__(
        self,
        loss: Any,
        memory_size: int = 1024,
        *,
        warmup_steps: int = 0,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Create the layer; see the class for the arguments."""
        require_keras_3("CrossBatchMemory")
        super().__init__(dtype="float32" if dtype is None else dtype, **kwargs)
        check_float32(self, dtype)
        self.loss = keras.losses.deserialize(loss) if isinstance(loss, dict) else loss
        if not isinstance(self.loss, EmbeddingLoss) or isinstance(self.loss, NPairsLoss):
            raise ValueError(
                "`loss` must be a loss of keras_siamese.losses that compares embeddings with "
                f"each other, but not NPairsLoss. Received: {loss!r}. Give for example "
                "TripletLoss()."
            )
        self.memory_size = check_whole("memory_size", memory_size, least=1)
        self.warmup_steps = check_whole("warmup_steps", warmup_steps, most=2**31 - 2)

    def build(self, input_shape: Sequence[Any]) -> None:
        """Create the memory.

        Args:
            input_shape: The shapes of labels and embeddings.

        Raises:
            ValueError: If these are not two shapes, or the number of features is not known.
        """
        features = _features(input_shape)
        fixed = {"initializer": "zeros", "trainable": False}
        shape = (self.memory_size, features)
        self.embeddings = self.add_weight(name="embeddings", shape=shape, **fixed)
        self.labels = self.add_weight(name="labels", shape=shape[:1], dtype="int32", **fixed)
        self.filled = self.add_weight(name="filled", shape=(), dtype="int32", **fixed)
        # Without a warm-up there is nothing to count, and files of earlier versions load.
        if self.warmup_steps:
            self.steps = self.add_weight(name="steps", shape=(), dtype="int32", **fixed)
        self.built = True

    def call(self, inputs: Sequence[Any], training: bool | None = None) -> Any:
        """Add the loss, remember the batch and return the embeddings; see the class."""
        labels, embeddings = inputs
        embeddings = float_rows(embeddings, "embeddings")
        labels = label_tensor(labels, embeddings.shape[0], "embeddings")
        labels, fits = _as_int32(labels, known=are_known(labels, embeddings))
        if training:
            places = ops.arange(self.memory_size)
            valid = ops.greater_equal(places, ops.subtract(self.memory_size, self.filled))
            # What the warm-up leaves may be NaN, which a weight of 0 would not take away.
            remembered = ops.where(valid[:, None], ops.convert_to_tensor(self.embeddings), 0.0)
            comparisons = with_memory(
                labels, embeddings, ops.convert_to_tensor(self.labels), remembered, valid
            )
        else:
            comparisons = in_batch(labels, embeddings)
        losses = ops.add(self.loss.compared(comparisons), nan_unless(fits))
        self.add_loss(self.loss.reduced(losses))
        if training:
            self._remember(labels, ops.stop_gradient(embeddings))
        return embeddings

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, int]:
        """Return the shape of the embeddings.

        Args:
            input_shape: The shapes of labels and embeddings.

        Returns:
            `(batch, features)`.
        """
        return tuple(input_shape[1])

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {
            **super().get_config(),
            "loss": keras.losses.serialize(self.loss),
            "memory_size": self.memory_size,
            "warmup_steps": self.warmup_steps,
        }

    def _remember(self, labels: Any, embeddings: Any) -> None:
        """Put the batch behind what is there, and drop what is too much, the oldest first.

        In the warm-up, `filled` stays 0: what is put there does not count as remembered.
        """
        size = self.memory_size
        self.embeddings.assign(ops.concatenate([self.embeddings, embeddings], axis=0)[-size:])
        self.labels.assign(ops.concatenate([self.labels, labels], axis=0)[-size:])
        filled = ops.add(self.filled, ops.cast(ops.shape(labels)[0], "int32"))
        if self.warmup_steps:
            self.steps.assign(ops.minimum(ops.add(self.steps, 1), self.warmup_steps + 1))
            filled = ops.where(ops.greater(self.steps, self.warmup_steps), filled, 0)
        self.filled.assign(ops.minimum(filled, size))


def _as_int32(labels: Any, *, known: bool) -> tuple[Any, Any]:
    """Return labels as int32, `(batch,)`, and which of them fit it, boolean."""
    name = dtype_name(labels.dtype)
    if "int" not in name:
        raise ValueError(
            f"`labels` of CrossBatchMemory must be of a type of whole numbers. Received: {name}. "
            "Give keras.Input((), dtype='int32') for them, and number the classes."
        )
    narrow, fits = as_int32(labels)
    if known and not to_numpy(fits).all():
        wrong = to_numpy(labels)[~to_numpy(fits)]
        raise ValueError(
            f"`labels` of CrossBatchMemory must fit int32. Received: {wrong[0]}. Number the "
            "classes from 0."
        )
    return narrow, fits


def _features(shapes: Any) -> int:
    valid = len(shapes) == 2 and all(hasattr(shape, "__len__") for shape in shapes)
    if valid and len(shapes[1]) == 2 and shapes[1][1] is not None:
        return int(shapes[1][1])
    raise ValueError(
        "`inputs` of CrossBatchMemory must be [labels, embeddings], of the shapes "
        f"(batch,) and (batch, features). Received: shapes {shapes}. Give both, the labels first."
    )


__all__ = ["CrossBatchMemory"]

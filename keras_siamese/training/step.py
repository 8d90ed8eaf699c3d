"""The training step on pairs: gather, warp, encode once, compare, update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_siamese.compat import ops
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.training.backend_steps import Step, make_step


def warp_images(images: Any, rows: Any) -> Any:
    """Warp images by affine transforms.

    On TensorFlow it is the operation that `keras.ops.image.affine_transform` calls there; other
    backends compute it in a way that agrees to 4e-6.

    Args:
        images: `(n, height, width, channels)`, float32.
        rows: `(n, 8)`, float32: an output-to-input transform as in `draw_transforms`, then the
            projective part (0, 0).

    Returns:
        Images of the same shape, bilinear, filled with paper (0).
    """
    if keras.backend.backend() != "tensorflow":
        return ops.image.affine_transform(
            images,
            rows,
            interpolation="bilinear",
            fill_mode="constant",
            fill_value=0.0,
            data_format="channels_last",
        )
    import tensorflow as tf

    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=rows,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.ensure_shape(warped, images.shape)


def gather_images(
    images: Any, indices: Any, transforms: Any, *, distorted: bool, warp: Callable = warp_images
) -> Any:
    """Gather and distort the images of a batch, on the device.

    Args:
        images: `(n, height, width, channels)`, uint8.
        indices: `(m,)`, int32.
        transforms: `(m, 6)`, float32, as `draw_transforms` gives them; of no use where not
            `distorted`.
        distorted: Whether the batch carries transforms.
        warp: What distorts, with the arguments and the result of `warp_images`.

    Returns:
        `(m, height, width, channels)`, float32, [0, 1], bilinear, filled with paper (0).
    """
    batch = ops.cast(ops.take(images, indices, axis=0), "float32") / 255.0
    if not distorted:
        return batch
    # The last two of eight coefficients are the projective part.
    return warp(batch, ops.pad(transforms, [[0, 0], [0, 2]]))


def make_pair_images(
    images: np.ndarray, *, distorted: bool, warp: Callable = warp_images
) -> Callable:
    """Return a function that gathers and distorts the images of a batch, compiled on TensorFlow.

    The images are put on the device once, as uint8.

    Args:
        images: `(n, height, width, channels)`, uint8.
        distorted: Whether the batches carry transforms.
        warp: What distorts, with the arguments and the result of `warp_images`.

    Returns:
        A function of indices `(m,)`, int32, and transforms `(m, 6)`, float32, that gives images
        `(m, height, width, channels)`, float32, [0, 1], bilinear, filled with paper (0).
    """
    # As uint8, a quarter of the memory that float32 takes.
    on_device = ops.convert_to_tensor(images)

    def pair_images(indices: Any, transforms: Any) -> Any:
        return gather_images(on_device, indices, transforms, distorted=distorted, warp=warp)

    if keras.backend.backend() != "tensorflow":
        return pair_images
    import tensorflow as tf

    signature = [tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 6], tf.float32)]
    return tf.function(pair_images, input_signature=signature)


def make_train_step(
    model: keras.Model,
    images: np.ndarray,
    *,
    distorted: bool,
    warp: Callable = warp_images,
    jit_compile: bool = False,
    fast_layers: Sequence[str] = (),
) -> Step:
    """Return the compiled training step of a siamese model on pairs.

    The loss is the cross-entropy of Koch et al. 2015, sec. 3.2, Loss function (without the sign
    misprint), computed from the logit so that saturated pairs keep their gradient. The L2 term is
    the optimizer's (`LayerwiseSGD`). All images of a batch go through the encoder in one stacked
    call: the weights are tied, so for a network without batch statistics or dropout this is the
    same function and the same gradient as a call for each twin.

    A model made in the scope of a `tf.distribute` strategy is trained on all its replicas, each
    with its share of every batch.

    Args:
        model: A compiled siamese model.
        images: `(n, height, width, channels)`, uint8, the training images.
        distorted: Whether the batches carry transforms.
        warp: What distorts, with the arguments and the result of `warp_images`.
        jit_compile: Compile the network part with XLA on TensorFlow. The warp stays outside, since
            TensorFlow has no XLA kernel for it.
        fast_layers: Names of the encoder's layers that are computed the faster way, as
            `choose_fast_layers` gives them.

    Returns:
        A function of indices `(2 * batch,)` and transforms `(2 * batch, 6)` (left images, then
        right ones) and labels `(batch,)`, float32; gives the mean cross-entropy and the fraction of
        pairs classified right at 0.5.

    Raises:
        ValueError: If `jit_compile` is asked for on several replicas or on PyTorch, or a layer of
            `fast_layers` cannot be computed this way.
    """
    strategy = getattr(model, "distribute_strategy", None)
    replicas = 1 if strategy is None else strategy.num_replicas_in_sync
    if jit_compile and replicas > 1:
        raise ValueError(
            "`jit_compile` must be False on several replicas: XLA cannot compile the sum of their "
            f"gradients. Received: jit_compile=True on {replicas} replicas. "
            "Leave XLA off, or train on one replica."
        )
    if jit_compile and keras.backend.backend() == "torch":
        raise ValueError(
            "`jit_compile` must be False on the backend 'torch': only TensorFlow and JAX have XLA. "
            "Received: jit_compile=True. Leave it out, or set KERAS_BACKEND to one of those."
        )

    def prepare(images: Any, arrays: tuple, rank: Any, replicas: int) -> tuple:
        indices, transforms, same = arrays
        num_pairs = ops.shape(same)[0]
        total = ops.cast(num_pairs, "float32")
        if replicas > 1:
            own, other = share_rows(rank, num_pairs, replicas)
            indices, same = ops.take(indices, other, axis=0), ops.take(same, own, axis=0)
            transforms = ops.take(transforms, other, axis=0) if distorted else transforms
        batch = gather_images(images, indices, transforms, distorted=distorted, warp=warp)
        return batch, same, total

    head = twin_head(model)
    encoder = twin_encoder(model)
    if fast_layers:
        from keras_siamese.training.fast_layers import with_fast_layers

        with strategy.scope():  # type: ignore[union-attr]
            encoder = with_fast_layers(encoder, fast_layers)

    def forward(batch: Any, same: Any, total: Any) -> tuple[Any, Any]:
        left, right = ops.split(encoder(batch, training=True), 2)
        logits = head([left, right], training=True)[:, 0]
        right_side = ops.equal(logits > 0, same > 0.5)
        accuracy = ops.sum(ops.cast(right_side, "float32")) / total
        losses = ops.binary_crossentropy(same, logits, from_logits=True)
        return ops.sum(losses) / total, accuracy

    return make_step(
        model,
        images,
        prepare,
        forward,
        signature=[((None,), "int32"), ((None, 6), "float32"), ((None,), "float32")],
        jit_compile=jit_compile,
    )


def share_rows(rank: Any, num_pairs: Any, replicas: int) -> tuple[Any, Any]:
    """Return a replica's share of a batch, on TensorFlow.

    Args:
        rank: Number of the replica.
        num_pairs: Pairs of the batch.
        replicas: Number of replicas.

    Returns:
        Rows of its pairs, and of their images: left ones, then right ones.
    """
    import tensorflow as tf

    # Every n-th pair: its left image, and its right one in the second half of the batch.
    own = tf.range(rank, num_pairs, replicas)
    return own, tf.concat([own, own + num_pairs], 0)

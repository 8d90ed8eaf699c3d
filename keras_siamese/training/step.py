"""One compiled training step: gather, warp, forward, backward and update."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.training.fast_layers import with_fast_layers


def warp_images(images: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Warp images with the operation that `keras.ops.image.affine_transform` of Keras 3 calls.

    Args:
        images: `(n, height, width, channels)`, float32.
        rows: `(n, 8)`, float32: an output-to-input transform as in `draw_transforms`, then the
            projective part (0, 0).

    Returns:
        Images of the same shape, bilinear, filled with paper (0).
    """
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=rows,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.ensure_shape(warped, images.shape)


def make_pair_images(
    images: np.ndarray, *, distorted: bool, warp: Callable = warp_images
) -> Callable:
    """Return a compiled function that gathers and distorts the images of a batch.

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
    on_device = tf.constant(images)

    def pair_images(indices: tf.Tensor, transforms: tf.Tensor) -> tf.Tensor:
        batch = tf.cast(tf.gather(on_device, indices), tf.float32) / 255.0
        if not distorted:
            return batch
        # The last two of eight coefficients are the projective part.
        rows = tf.pad(transforms, [[0, 0], [0, 2]])
        return warp(batch, rows)

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
) -> Callable:
    """Return the compiled training step of a siamese model.

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
        jit_compile: Compile the network part with XLA. The warp stays outside, since TensorFlow
            has no XLA kernel for it.
        fast_layers: Names of the encoder's layers that are computed the faster way, as
            `choose_fast_layers` gives them.

    Returns:
        A function of indices `(2 * batch,)` and transforms `(2 * batch, 6)` (left images, then
        right ones) and labels `(batch,)`, float32; gives the mean cross-entropy and the fraction of
        pairs classified right at 0.5.

    Raises:
        ValueError: If `jit_compile` is asked for on several replicas, or a layer of
            `fast_layers` cannot be computed so.
    """
    strategy = model.distribute_strategy
    if jit_compile and strategy.num_replicas_in_sync > 1:
        raise ValueError(
            "`jit_compile` must be False on several replicas: XLA cannot compile the sum of their "
            f"gradients. Received: jit_compile=True on {strategy.num_replicas_in_sync} replicas. "
            "Leave XLA off, or train on one replica."
        )
    update = _make_update(model, strategy.num_replicas_in_sync, fast_layers)
    pair_images = make_pair_images(images, distorted=distorted, warp=warp)
    if jit_compile:
        update = tf.function(update, jit_compile=True)

    def step(
        indices: tf.Tensor, transforms: tf.Tensor, same: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        num_pairs = tf.size(same)

        def share() -> tuple[tf.Tensor, tf.Tensor]:
            rank = tf.distribute.get_replica_context().replica_id_in_sync_group
            # Every n-th pair: its left image, and its right one in the second half of the batch.
            own = tf.range(rank, num_pairs, strategy.num_replicas_in_sync)
            rows = tf.concat([own, own + num_pairs], 0)
            warps = tf.gather(transforms, rows) if distorted else transforms
            batch = pair_images(tf.gather(indices, rows), warps)
            return update(batch, tf.gather(same, own), num_pairs)

        if strategy.num_replicas_in_sync == 1:
            return update(pair_images(indices, transforms), same, num_pairs)
        loss, accuracy = strategy.run(share)
        return strategy.reduce("SUM", loss, None), strategy.reduce("SUM", accuracy, None)

    signature = [
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, 6], tf.float32),
        tf.TensorSpec([None], tf.float32),
    ]
    return tf.function(step, input_signature=signature)


def _make_update(model: keras.Model, num_replicas: int, fast_layers: Sequence[str]) -> Callable:
    """Run one replica's forward and backward pass, and update by the sum over the replicas."""
    head, optimizer = twin_head(model), model.optimizer
    variables = model.trainable_variables
    with model.distribute_strategy.scope():
        encoder = with_fast_layers(twin_encoder(model), fast_layers)
        optimizer.build(variables)

    def update(
        batch: tf.Tensor, same: tf.Tensor, num_pairs: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        total = tf.cast(num_pairs, tf.float32)
        with tf.GradientTape() as tape:
            left, right = tf.split(encoder(batch, training=True), 2)
            logits = head([left, right])[:, 0]
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=same, logits=logits)
            # The optimizer adds up the gradients of the replicas.
            loss = tf.reduce_sum(losses) / total
            objective = loss
            # Every replica adds these, but they count once.
            for added in model.losses:
                objective += added / num_replicas
        optimizer.apply(tape.gradient(objective, variables), variables)
        right_side = tf.equal(logits > 0, same > 0.5)
        return loss, tf.reduce_sum(tf.cast(right_side, tf.float32)) / total

    return update

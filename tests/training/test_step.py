"""The compiled step: its warp, its loss, its gradient, and its switches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.compat import variable_path
from keras_siamese.data.distortions import distort, draw_transforms
from keras_siamese.models import siamese_network, twin_encoder, twin_head
from keras_siamese.training.batches import pair_rows
from keras_siamese.training.step import make_pair_images, make_train_step


def test_compiled_warp_agrees_with_scikit_image_away_from_the_border():
    images = np.random.default_rng(0).integers(0, 256, (40, 35, 35, 1)).astype(np.uint8)
    transforms = draw_transforms(40, (35, 35), np.random.default_rng(1))
    warped = make_pair_images(images, distorted=True)(np.arange(40, dtype=np.int32), transforms)
    expected = distort(images / np.float32(255), transforms)
    # float32 coordinates carry an error of up to 35 * 2**-23 pixels, times the contrast of noise.
    np.testing.assert_allclose(warped[:, 6:-6, 6:-6], expected[:, 6:-6, 6:-6], atol=1e-5)


def test_corners_are_filled_with_paper():
    images = np.full((1, 35, 35, 1), 255, np.uint8)
    shift = np.array([[1, 0, -10, 0, 1, 0]], np.float32)
    warped = make_pair_images(images, distorted=True)(np.zeros(1, np.int32), shift).numpy()
    assert (warped[0, :, :9] == 0).all()
    assert (warped[0, :, 11:] == 1).all()


def first_batch(problem, pairs, size=16):
    """Return the arguments of one step."""
    rows = np.arange(size)
    return *pair_rows(pairs, rows), pairs.same[rows].astype(np.float32)


def test_loss_is_the_cross_entropy_of_the_model(problem):
    model = problem.build()
    indices, transforms, same = first_batch(problem, problem.clean)
    left, right = np.split(problem.train.images[indices] / np.float32(255), 2)
    p = model.predict([left, right], verbose=0)[:, 0]
    expected = -np.mean(same * np.log(p) + (1 - same) * np.log(1 - p))
    step = make_train_step(model, problem.train.images, distorted=False)
    loss, accuracy = step(indices, transforms, same)
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert float(accuracy) == pytest.approx(np.mean((p > 0.5) == same))


def test_one_stacked_call_is_the_step_of_two_calls(problem):
    model, twin = problem.build(), problem.build()
    indices, transforms, same = first_batch(problem, problem.clean)
    make_train_step(model, problem.train.images, distorted=False)(indices, transforms, same)
    left, right = np.split(problem.train.images[indices] / np.float32(255), 2)
    with tf.GradientTape() as tape:
        encoder, head = twin_encoder(twin), twin_head(twin)
        logits = head([encoder(left), encoder(right)])
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(same[:, None], logits))
    gradients = tape.gradient(loss, twin.trainable_variables)
    twin.optimizer.apply(gradients, twin.trainable_variables)
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_one_step_moves_every_weight(problem):
    model = problem.build()
    before = model.get_weights()
    step = make_train_step(model, problem.train.images, distorted=True)
    step(*first_batch(problem, problem.pairs))
    for variable, old, new in zip(model.weights, before, model.get_weights(), strict=True):
        assert (old != new).any(), variable_path(variable)


@pytest.mark.keras3
def test_a_step_trains_batch_statistics_and_drops_units(problem):
    def model_of(*layers):
        image = keras.Input(problem.train.images.shape[1:])
        vector = keras.layers.Flatten()(image)
        for layer in layers:
            vector = layer(vector)
        model = siamese_network(keras.Model(image, vector), seed=1)
        model.compile(keras.optimizers.SGD(0.01), "binary_crossentropy")
        return model

    norm = keras.layers.BatchNormalization()
    normed = model_of(norm)
    batch = first_batch(problem, problem.clean)
    make_train_step(normed, problem.train.images, distorted=False)(*batch)
    assert np.abs(np.asarray(norm.moving_mean)).max() > 0
    losses = [
        float(make_train_step(model, problem.train.images, distorted=False)(*batch)[0])
        for model in (model_of(keras.layers.Dropout(0.5, seed=1)), model_of())
    ]
    assert losses[0] != pytest.approx(losses[1], abs=1e-4)


def test_saturated_pairs_keep_their_gradient(problem):
    model = problem.build()
    twin_head(model).bias.assign([80.0])  # p rounds to 1; a clipped probability has no gradient
    before = float(twin_head(model).bias[0])
    indices, transforms, _ = first_batch(problem, problem.clean)
    step = make_train_step(model, problem.train.images, distorted=False)
    step(indices, transforms, np.zeros(16, np.float32))
    assert float(twin_head(model).bias[0]) == pytest.approx(before - 0.05, abs=1e-4)


def steps(problem, model, jit_compile=False):
    """Take five steps and return the weights."""
    step = make_train_step(model, problem.train.images, distorted=True, jit_compile=jit_compile)
    for _ in range(5):
        step(*first_batch(problem, problem.pairs))
    return model.get_weights()


def test_xla_is_the_same_to_rounding(problem):
    plain = steps(problem, problem.build())
    compiled = steps(problem, problem.build(), jit_compile=True)
    for first, second in zip(plain, compiled, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)


def test_bfloat16_is_the_same_to_its_eight_bits(problem):
    full = problem.build()
    start = full.get_weights()
    full, half = steps(problem, full), steps(problem, problem.build(dtype="mixed_bfloat16"))
    moved = np.concatenate([(a - b).ravel() for a, b in zip(full, start, strict=True)])
    gap = np.concatenate([(a - b).ravel() for a, b in zip(full, half, strict=True)])
    assert 0 < np.linalg.norm(gap) < 0.1 * np.linalg.norm(moved)


@pytest.mark.keras3
def test_losses_that_layers_add_are_part_of_the_gradient(problem):
    def trained(l2):
        model = problem.build()
        twin_encoder(model).get_layer("conv1").kernel.regularizer = keras.regularizers.L2(l2)
        return steps(problem, model)[0]

    assert np.abs(trained(1.0)).sum() < 0.9 * np.abs(trained(0.0)).sum()

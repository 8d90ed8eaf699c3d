"""The compiled step on episodes: its pairs, its loss, its gradient, its average."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_siamese.data import CameraRanges, EpisodeSampler, distort
from keras_siamese.models import conv_encoder, siamese_network, twin_encoder, twin_head
from keras_siamese.training import EpisodeConfig, take_pictures
from keras_siamese.training.backend_steps import WeightAverage
from keras_siamese.training.episode_step import (
    EPISODE_LOSSES,
    all_pairs_logits,
    drawer_pairs,
    make_episode_step,
)

pytestmark = pytest.mark.keras3

SIZE = 24


def build(dtype=None, optimizer=None):
    """A tiny compiled siamese model, the same at every call."""
    encoder = conv_encoder((SIZE, SIZE, 1), filters=(4, 4), num_pools=2, units=8, dtype=dtype)
    model = siamese_network(encoder, initializer="he")
    model.compile(optimizer or keras.optimizers.AdamW(1e-2), loss="binary_crossentropy")
    return model


def config(**kwargs):
    return EpisodeConfig(**{"n_way": 4, "episodes_per_step": 2, "steps": 10, **kwargs})


def first_batch(problem, config):
    """The episodes of the first step."""
    return EpisodeSampler(
        problem.train,
        n_way=config.n_way,
        n_shot=config.n_shot,
        symmetries=config.symmetries,
        distortions=config.distortions,
        camera=config.camera,
    ).draw(0, config.episodes_per_step)


def test_all_pairs_get_the_models_own_probabilities(problem):
    model = build()
    episodes = first_batch(problem, config(n_shot=2, symmetries=False, distortions=None))
    images = problem.train.images[episodes.indices] / np.float32(255)  # (2, 4, 3, 24, 24, 1)
    embeddings = twin_encoder(model)(images.reshape(-1, SIZE, SIZE, 1))
    logits = all_pairs_logits(twin_head(model), tf.reshape(embeddings, (2, 4, 3, 8)))
    assert logits.shape == (2, 4, 4, 2)
    # Every query against every shot of every class, written out.
    pairs = [
        (images[episode, query, 0], images[episode, character, 1 + shot])
        for episode in range(2)
        for query in range(4)
        for character in range(4)
        for shot in range(2)
    ]
    left, right = (np.stack(side) for side in zip(*pairs, strict=True))
    expected = model.predict([left, right], verbose=0).reshape(2, 4, 4, 2)
    np.testing.assert_allclose(tf.sigmoid(logits), expected, atol=1e-6)


def test_every_two_drawers_make_an_episode():
    embeddings = np.random.default_rng(0).random((2, 5, 4, 3)).astype("float32")
    pairs = np.asarray(drawer_pairs(embeddings))
    expected = [
        embeddings[episode][:, [first, second]]
        for episode in range(2)
        for first in range(4)
        for second in range(first + 1, 4)
    ]
    np.testing.assert_array_equal(pairs, expected)


def test_comparing_two_drawers_is_comparing_query_and_shot(problem):
    values = []
    for compare in ("shots", "drawers"):
        settings = config(compare=compare)
        episodes = first_batch(problem, settings)
        step = make_episode_step(build(), problem.train.images, settings)
        values.append([float(value) for value in step(episodes.indices, episodes.transforms)])
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_comparing_more_drawers_gives_the_mean_loss_of_every_two(problem):
    settings = config(n_shot=3, compare="drawers")
    episodes = first_batch(problem, settings)
    model, twin = build(), build()
    loss, _ = make_episode_step(model, problem.train.images, settings)(
        episodes.indices, episodes.transforms
    )
    flat = problem.train.images[episodes.indices.reshape(-1)] / np.float32(255)
    images = distort(flat, episodes.transforms.reshape(-1, 6))
    embeddings = tf.reshape(twin_encoder(twin)(images, training=True), (2, 4, 4, 8))
    each = [
        EPISODE_LOSSES["softmax"](
            all_pairs_logits(twin_head(twin), tf.gather(embeddings, [first, second], axis=2))
        )
        for first in range(4)
        for second in range(first + 1, 4)
    ]
    # The two warps differ by some rounding.
    assert float(loss) == pytest.approx(np.mean(each), rel=1e-3)


@pytest.mark.parametrize("loss", ["softmax", "sigmoid"])
def test_a_step_is_one_of_keras_on_images_turned_by_scikit_image(problem, loss):
    # Symmetries alone: there the two warps agree up to the border, and to the last bit.
    settings = config(loss=loss, label_smoothing=0.1, distortions=None)
    episodes = first_batch(problem, settings)
    model, twin = (build(optimizer=keras.optimizers.SGD(0.1)) for _ in range(2))
    value, accuracy = make_episode_step(model, problem.train.images, settings)(
        episodes.indices, episodes.transforms
    )
    flat = problem.train.images[episodes.indices.reshape(-1)] / np.float32(255)
    images = distort(flat, episodes.transforms.reshape(-1, 6))
    with tf.GradientTape() as tape:
        embeddings = twin_encoder(twin)(images, training=True)
        logits = all_pairs_logits(twin_head(twin), tf.reshape(embeddings, (2, 4, 2, 8)))
        expected = EPISODE_LOSSES[loss](logits, label_smoothing=0.1)
    gradients = tape.gradient(expected, twin.trainable_variables)
    twin.optimizer.apply(gradients, twin.trainable_variables)
    assert float(value) == pytest.approx(float(expected), rel=1e-5)
    right = np.argmax(logits[..., 0], axis=2) == np.arange(4)
    assert float(accuracy) == right.mean()
    for ours, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_collapsed_network_has_no_query_right(problem):
    settings = config(loss="softmax")
    episodes = first_batch(problem, settings)
    model = build(optimizer=keras.optimizers.SGD(0.0))
    twin_head(model).set_weights([np.zeros_like(value) for value in twin_head(model).get_weights()])
    # Every pair has the same logit, so every query is a tie of all classes.
    _, accuracy = make_episode_step(model, problem.train.images, settings)(
        episodes.indices, episodes.transforms
    )
    assert float(accuracy) == 0


def test_the_loss_is_the_one_worked_in_numpy(problem):
    settings = config(symmetries=False, distortions=None, loss="softmax")
    episodes = first_batch(problem, settings)
    model = build()
    images = problem.train.images[episodes.indices.reshape(-1)] / np.float32(255)
    embeddings = np.asarray(twin_encoder(model)(images, training=True)).reshape(2, 4, 2, 8)
    kernel, bias = twin_head(model).get_weights()
    expected = []
    for episode in embeddings.astype(float):
        scores = np.abs(episode[:, None, 0] - episode[None, :, 1]) @ kernel[:, 0] + bias
        for table in (scores, scores.T):
            expected += [np.log(np.exp(row).sum()) - row[i] for i, row in enumerate(table)]
    loss, _ = make_episode_step(build(), problem.train.images, settings)(
        episodes.indices, episodes.transforms
    )
    assert float(loss) == pytest.approx(np.mean(expected), rel=1e-4)


def test_pictures_are_taken_of_the_distorted_images(problem):
    camera = CameraRanges(inverse=1.0, probability=1.0)
    settings = config(symmetries=False, distortions=None, camera=camera)
    episodes = first_batch(problem, settings)
    images = problem.train.images[episodes.indices.reshape(-1)] / np.float32(255)
    taken = take_pictures(images, episodes.camera.reshape(len(images), -1), camera)
    embeddings = twin_encoder(build())(taken, training=True)
    logits = all_pairs_logits(twin_head(build()), tf.reshape(embeddings, (2, 4, 2, 8)))
    loss, _ = make_episode_step(build(), problem.train.images, settings)(*episodes.arrays)
    assert float(loss) == pytest.approx(float(EPISODE_LOSSES["softmax"](logits)), rel=1e-5)
    without = make_episode_step(build(), problem.train.images, replace(settings, camera=None))
    assert float(loss) != pytest.approx(float(without(*episodes.arrays[:2])[0]), rel=1e-4)


def test_one_step_moves_every_weight_and_the_average_follows(problem):
    settings = config(loss="sigmoid", n_shot=2, ema_momentum=0.9)
    model = build()
    before = model.get_weights()
    average = WeightAverage(model, 0.9)
    episodes = first_batch(problem, settings)
    make_episode_step(model, problem.train.images, settings, average)(
        episodes.indices, episodes.transforms
    )
    triples = zip(model.weights, before, average.values, strict=True)
    for weight, old, mean in triples:
        new = np.asarray(weight)
        assert (old != new).any(), weight.path
        # Momentum 0.1 in the first step.
        np.testing.assert_allclose(mean, 0.1 * old + 0.9 * new, rtol=1e-4, atol=1e-6)


def test_losses_that_layers_add_are_part_of_the_gradient(problem):
    def moved(l2):
        model = build(optimizer=keras.optimizers.SGD(0.1))
        twin_encoder(model).get_layer("conv1").kernel.regularizer = keras.regularizers.L2(l2)
        episodes = first_batch(problem, config())
        make_episode_step(model, problem.train.images, config())(
            episodes.indices, episodes.transforms
        )
        return np.abs(model.get_weights()[0]).sum()

    assert moved(1.0) < 0.9 * moved(0.0)


def test_bfloat16_trains_to_its_eight_bits(problem):
    values = []
    for dtype in (None, "mixed_bfloat16"):
        step = make_episode_step(build(dtype), problem.train.images, config())
        episodes = first_batch(problem, config())
        values.append([float(step(episodes.indices, episodes.transforms)[0]) for _ in range(3)])
    np.testing.assert_allclose(values[1], values[0], rtol=0.05)

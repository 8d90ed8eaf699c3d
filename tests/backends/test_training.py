"""Training on the backend that Keras runs on: both loops, resuming, `fit`. Needs no TensorFlow."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_siamese.data.camera import CameraRanges
from keras_siamese.models import conv_encoder, siamese_network
from keras_siamese.training import (
    EpisodeConfig,
    TrainingConfig,
    pair_batches,
    train,
    train_episodes,
)
from tests.training.small_problem import SIZE, make_problem

CONFIG = TrainingConfig(batch_size=16, epochs=4, ramp_epochs=2, seed=5)
EPISODES = EpisodeConfig(
    n_way=3,
    blocks=2,
    steps=6,
    validate_every=2,
    camera=CameraRanges(),
    ema_momentum=0.9,
    restore_best_weights=True,
)


class Stop(keras.callbacks.Callback):
    """Stop after an epoch, as a budget does."""

    def __init__(self, epoch):
        super().__init__()
        self.last = epoch

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == self.last


@pytest.fixture
def problem():
    return make_problem()


def on_pairs(problem, **options):
    model = problem.build()
    result = train(
        model, problem.train, problem.pairs, problem.episodes, CONFIG, verbose=0, **options
    )
    return SimpleNamespace(weights=model.get_weights(), result=result)


def on_episodes(problem, **options):
    # Batch statistics come with the encoder; a random layer has state, too.
    image = keras.Input((SIZE, SIZE, 1))
    encoder = conv_encoder((SIZE, SIZE, 1), filters=(4, 4), num_pools=2, units=8)
    features = keras.layers.Dropout(0.2, seed=3)(encoder(image))
    model = siamese_network(keras.Model(image, features), initializer="he")
    result = train_episodes(
        model, problem.train, EPISODES, validation_episodes=problem.episodes, verbose=0, **options
    )
    return SimpleNamespace(weights=model.get_weights(), result=result)


@pytest.mark.parametrize("train_one", [on_pairs, on_episodes])
def test_a_run_learns_is_repeatable_and_resumes_exactly(problem, tmp_path, train_one):
    whole = train_one(problem)
    assert whole.result.finished
    assert np.isfinite(whole.result.history["loss"]).all()
    again = train_one(problem)
    first = train_one(problem, run_dir=tmp_path, callbacks=[Stop(1)])
    assert not first.result.finished
    resumed = train_one(problem, run_dir=tmp_path, resume=True)
    for ours, same, continued in zip(whole.weights, again.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(ours, same)
        np.testing.assert_array_equal(ours, continued)
    assert resumed.result.history["loss"] == whole.result.history["loss"]


def test_fit_takes_the_steps_of_train(problem):
    trained, fitted = problem.build(), problem.build()
    config = TrainingConfig(
        batch_size=16, epochs=2, ramp_epochs=0, initial_momentum=0.5, decay=0.0, patience=9
    )
    last = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: last.append(trained.get_weights())
    )
    train(
        trained, problem.train, problem.pairs, problem.episodes, config, callbacks=[keep], verbose=0
    )
    batches = pair_batches(problem.train, problem.pairs, batch_size=16)
    fitted.fit(batches, epochs=2, verbose=0)
    for ours, theirs in zip(last[-1], fitted.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_batches_come_in_the_tables_order_outside_of_fit(problem):
    batches = pair_batches(problem.train, problem.pairs, batch_size=16)
    labels = np.concatenate([np.asarray(same) for _, same in batches])[:, 0]
    np.testing.assert_array_equal(labels, problem.pairs.same)
    assert len(batches) == -(-len(problem.pairs) // 16)

"""Runs of the small problem: the settings, a stop in the middle, and the weights of each epoch."""

import keras
import numpy as np

from keras_siamese.training import TrainingConfig, train

CONFIG = TrainingConfig(batch_size=32, epochs=4, ramp_epochs=2, seed=5)


class Stop(keras.callbacks.Callback):
    """Raise in the middle of an epoch, as a kill does."""

    def __init__(self, epoch, batch, error=KeyboardInterrupt):
        super().__init__()
        self.at, self.error, self.epoch = (epoch, batch), error, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise self.error


class EpochWeights(keras.callbacks.Callback):
    """Keep the weights of each epoch, before the best ones are restored."""

    def on_train_begin(self, logs=None):
        self.weights = []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())


def run(problem, config=CONFIG, model=None, **kwargs):
    """Train quietly and return model and result."""
    model = model or problem.build()
    kwargs = {"verbose": 0, **kwargs}
    return model, train(model, problem.train, problem.pairs, problem.episodes, config, **kwargs)


def assert_same_weights(model, weights):
    """Fail unless a model has given weights, bit for bit."""
    for ours, theirs in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)

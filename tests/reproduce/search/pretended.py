"""Trainings that only pretend, for the tests of the search."""

import os

import keras
import pytest

from keras_siamese.training.callbacks import MONITOR
from reproduce.paper import experiment
from reproduce.search.space import starting_points

# What the search tries first for the layers of the quick preset.
STARTS = starting_points(("conv1", "conv2", "conv3", "conv4", "embedding", "weighted_l1"))


def pretend(patch: pytest.MonkeyPatch, *trials: list[float | BaseException]) -> None:
    """Let trials report accuracies instead of training; an error is raised where it stands."""
    remaining = iter(trials)

    def run(config, *, callbacks, score_test, **_):
        assert not score_test
        accuracies = next(remaining)
        for epoch, accuracy in enumerate(accuracies):
            if isinstance(accuracy, BaseException):
                raise accuracy
            for callback in callbacks:
                callback.on_epoch_end(epoch, {MONITOR: 1 - accuracy})
        return {"validation": {"value": max(accuracies)}}

    patch.setattr(experiment, "run", run)


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Spare waiting for the disk, and clearing a session that built no network."""
    patch.setattr(os, "fsync", lambda _: None)
    patch.setattr(keras.utils, "clear_session", lambda: None)

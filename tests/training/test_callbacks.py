"""The paper's schedules against values worked out by hand, and the bar on a terminal."""

import io

import keras
import numpy as np
import pytest
from rich.console import Console

from keras_siamese.training import PaperSchedule, TrainingProgress, decayed_rate, ramped_momentum


def test_rates_shrink_by_one_percent_every_epoch():
    assert [decayed_rate(epoch) for epoch in (0, 1, 2)] == pytest.approx([1, 0.99, 0.9801])
    assert decayed_rate(199) == pytest.approx(0.99**199)


def test_momentum_rises_linearly_from_a_half_to_each_layers_own():
    momenta = [ramped_momentum(epoch, [0.9, 0.5, 0.1], ramp_epochs=4) for epoch in range(6)]
    np.testing.assert_allclose(
        momenta,
        [
            [0.5, 0.5, 0.5],
            [0.6, 0.5, 0.4],
            [0.7, 0.5, 0.3],
            [0.8, 0.5, 0.2],
            [0.9, 0.5, 0.1],
            [0.9, 0.5, 0.1],
        ],
        atol=1e-6,
    )
    np.testing.assert_allclose(ramped_momentum(0, [0.9], ramp_epochs=0), [0.9])


def test_callback_assigns_to_the_optimizer_in_fit(problem):
    model = problem.build(
        momentum={
            "conv1": 0.9,
            "conv2": 0.8,
            "conv3": 0.7,
            "conv4": 0.6,
            "embedding": 0.5,
            "weighted_l1": 0.4,
        }
    )
    seen = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            (float(np.asarray(model.optimizer.learning_rate)), np.asarray(model.optimizer.momenta))
        )
    )
    images = problem.train.images[:4] / np.float32(255)
    model.fit(
        {"left": images, "right": images},
        np.ones((4, 1)),
        epochs=3,
        verbose=0,
        callbacks=[PaperSchedule(ramp_epochs=2), watch],
    )
    assert [rate for rate, _ in seen] == pytest.approx([1, 0.99, 0.9801])
    names = model.optimizer.layer_names
    final = [model.optimizer.get_config()["momenta"][name] for name in names]
    np.testing.assert_allclose(seen[0][1], np.full(6, 0.5))
    np.testing.assert_allclose(seen[1][1], (np.full(6, 0.5) + final) / 2, atol=1e-6)
    np.testing.assert_allclose(seen[2][1], final, atol=1e-6)


@pytest.mark.parametrize("kwargs", [{"decay": 1.0}, {"initial_momentum": 1.5}, {"ramp_epochs": -1}])
def test_absurd_schedules_are_refused(kwargs):
    with pytest.raises(ValueError, match=f"`{next(iter(kwargs))}`"):
        PaperSchedule(**kwargs)


def test_the_bar_shows_epoch_loss_accuracy_speed_and_time_left():
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120)
    shown = TrainingProgress(1000, 100, 4, console=console)
    shown.on_train_begin()
    shown.on_epoch_begin(2)
    shown.on_train_batch_end(4, {"loss": 0.4321})
    assert shown.progress.tasks[0].completed == 2500
    assert shown.progress.tasks[0].total == 4000
    shown.progress.refresh()
    logs = {"loss": 0.4, "accuracy": 0.8, "val_one_shot_error": 0.25, "pairs_per_second": 1234.0}
    shown.on_epoch_end(2, logs)
    shown.progress.refresh()
    shown.on_train_end()
    for part in ("epoch 3/4", "loss 0.4321", "one-shot 75.0%", "pairs/s, left", "1,234 pairs/s"):
        assert part in text.getvalue(), part


def test_a_run_without_validation_shows_its_own_measure():
    text = io.StringIO()
    shown = TrainingProgress(10, 10, 2, measure="episode accuracy", console=Console(file=text))
    shown.on_train_begin()
    shown.on_epoch_begin(0)
    shown.on_epoch_end(0, {"loss": 0.4, "accuracy": 0.8, "pairs_per_second": 1234.0})
    shown.on_train_end()
    assert "epoch 1/2: loss 0.4000, episode accuracy 80.0%, 1,234 pairs/s" in text.getvalue()

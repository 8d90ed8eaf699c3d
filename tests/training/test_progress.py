"""The bar on a terminal."""

import io

from rich.console import Console

from keras_siamese.training import TrainingProgress


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

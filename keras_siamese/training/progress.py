"""What a person sees of a run: a bar with loss, one-shot accuracy, speed and time left."""

from __future__ import annotations

import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from keras_siamese.training.validation import MONITOR


class TrainingProgress(keras.callbacks.Callback):
    """Show a bar over the whole run where a person watches, and a line for every epoch.

    Args:
        pairs_per_epoch: Pairs of an epoch.
        batch_size: Pairs per step.
        epochs: Epochs at most, over which the time left is reckoned.
        measure: What `accuracy` in the logs is called.
        bar: Whether to draw the bar; None draws it on a terminal only.
        console: Where to; the standard output by default.
    """

    def __init__(
        self,
        pairs_per_epoch: int,
        batch_size: int,
        epochs: int,
        *,
        measure: str = "pair accuracy",
        bar: bool | None = None,
        console: Console | None = None,
    ) -> None:
        """Prepare the bar."""
        super().__init__()
        self.pairs_per_epoch = pairs_per_epoch
        self.batch_size = batch_size
        self.epochs = epochs
        self.measure = measure
        self.console = console or Console()
        self.bar = self.console.is_terminal if bar is None else bar
        self.accuracy = "not yet scored"

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open the bar."""
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}  one-shot {task.fields[accuracy]}"),
            TextColumn("{task.fields[speed]} pairs/s, left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.bar,
        )
        fields: dict[str, Any] = {"epoch": "", "loss": "", "accuracy": self.accuracy, "speed": ""}
        self.task = self.progress.add_task("", total=self.epochs * self.pairs_per_epoch, **fields)
        self.progress.start()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Place the bar, which matters for a resumed run."""
        self.done = epoch * self.pairs_per_epoch
        self.started, self.shown = time.perf_counter(), 0.0
        self.progress.update(self.task, completed=self.done, epoch=f"{epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move the bar, at most four times a second: reading the loss waits for the device."""
        now = time.perf_counter()
        if not self.bar or now - self.shown < 0.25:
            return
        self.shown = now
        pairs = min((batch + 1) * self.batch_size, self.pairs_per_epoch)
        self.progress.update(
            self.task,
            completed=self.done + pairs,
            loss=f"{float((logs or {})['loss']):.4f}",
            speed=f"{pairs / (now - self.started):,.0f}",
        )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Print the epoch's line."""
        logs = logs or {}
        scored = ""
        if MONITOR in logs:
            self.accuracy = f"{1 - logs[MONITOR]:.1%}"
            scored = f"one-shot accuracy {self.accuracy}, "
        self.progress.update(self.task, accuracy=self.accuracy)
        self.progress.console.print(
            f"epoch {epoch + 1}/{self.epochs}: loss {logs['loss']:.4f}, "
            f"{self.measure} {logs['accuracy']:.1%}, {scored}"
            f"{logs['pairs_per_second']:,.0f} pairs/s",
            highlight=False,
            soft_wrap=True,
        )

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the bar."""
        self.progress.stop()

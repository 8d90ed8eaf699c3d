"""The callbacks of a training: the paper's schedules, validation and early stopping, and a bar."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from keras_siamese.argument_checks import check_number, check_whole
from keras_siamese.compat import EarlyStopping
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.deprecated import warn, with_old_arguments, with_old_attributes
from keras_siamese.evaluation import evaluate_one_shot
from keras_siamese.training.workers import gather_from_workers, is_chief


def decayed_rate(epoch: int, *, decay: float = 0.01) -> float:
    """Return the factor on every learning rate (Koch et al. 2015, sec. 3.2, Learning schedule).

    Args:
        epoch: Epochs done, from 0.
        decay: Fraction by which the rates shrink each epoch.

    Returns:
        `(1 - decay) ** epoch`.
    """
    return (1.0 - decay) ** epoch


def ramped_momentum(
    epoch: int, final: Sequence[float], *, initial: float = 0.5, ramp_epochs: int = 20
) -> np.ndarray:
    """Return the momenta of an epoch (Koch et al. 2015, sec. 3.2, Learning schedule).

    Every layer starts at `initial` and moves linearly, epoch by epoch, to its own final value.
    Open in the paper: the length of the ramp.

    Args:
        epoch: Epochs done, from 0.
        final: `(num_layers,)`, final momentum of each layer, in [0, 1].
        initial: Momentum of the first epoch in every layer.
        ramp_epochs: Epochs until the final value is reached; 0 starts there.

    Returns:
        `(num_layers,)`, float32.
    """
    progress = 1.0 if ramp_epochs == 0 else min(epoch / ramp_epochs, 1.0)
    return (initial + progress * (np.asarray(final) - initial)).astype(np.float32)


class PaperSchedule(keras.callbacks.Callback):
    """Set the rates and momenta of a `LayerwiseSGD` at the start of every epoch.

    Works in `keras_siamese.training.train` and in `model.fit`. The final momenta are the
    ones that the optimizer was made with. The optimizer's base learning rate, a factor on the rate
    of every layer, becomes the schedule's: `(1 - decay) ** epoch`.

    Args:
        decay: Fraction by which every learning rate shrinks each epoch.
        initial_momentum: Momentum of every layer in the first epoch, in [0, 1].
        ramp_epochs: Epochs until the final momenta are reached.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(
        self, *, decay: float = 0.01, initial_momentum: float = 0.5, ramp_epochs: int = 20
    ) -> None:
        """Check and store the schedule."""
        super().__init__()
        check_schedule(decay, initial_momentum, ramp_epochs)
        self.decay = decay
        self.initial_momentum = initial_momentum
        self.ramp_epochs = ramp_epochs

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Assign the epoch's rates and momenta to the optimizer's variables."""
        optimizer = self.model.optimizer
        # The first epoch begins before the first step, which would make the momenta's variable.
        optimizer.build(self.model.trainable_variables)
        optimizer.learning_rate.assign(decayed_rate(epoch, decay=self.decay))
        optimizer.momenta.assign(
            ramped_momentum(
                epoch,
                optimizer.final_momenta,
                initial=self.initial_momentum,
                ramp_epochs=self.ramp_epochs,
            )
        )


def check_schedule(decay: float, initial_momentum: float, ramp_epochs: int) -> None:
    """Check the numbers of the paper's schedule.

    Args:
        decay: As for `PaperSchedule`.
        initial_momentum: As for `PaperSchedule`.
        ramp_epochs: As for `PaperSchedule`.

    Raises:
        ValueError: If one is of another type, or out of range.
    """
    check_number("decay", decay, least=0, below=1)
    check_number("initial_momentum", initial_momentum, least=0, most=1)
    check_whole("ramp_epochs", ramp_epochs)


MONITOR = "val_one_shot_error"


@with_old_attributes
class OneShotValidation(keras.callbacks.Callback):
    """Score one-shot trials after every epoch and log error and accuracy, as fractions.

    The logs are `val_one_shot_error` and `val_one_shot_accuracy`. Of several workers the chief
    scores, and all log its result: early stopping decides the same in all of them.

    Source: Koch et al. 2015, sec. 3.2, Learning schedule (320 trials from the validation set).
    Put it before `OneShotEarlyStopping` in the list of callbacks.

    Args:
        episodes: The validation episodes.
        network: Siamese network to score; None for the model that is trained. It will go with the
            next release.
        batch_size: Images per encoder call.
    """

    @with_old_arguments
    def __init__(
        self,
        episodes: OneShotEpisodes,
        *,
        network: keras.Model | None = None,
        batch_size: int = 256,
    ) -> None:
        """Store the episodes."""
        super().__init__()
        if network is not None:
            warn("`network` of OneShotValidation", "`evaluate_one_shot` in your callback")
        self.network = network
        self.episodes = episodes
        self.batch_size = batch_size

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Add the error to the epoch's logs."""
        strategy, accuracy = getattr(self.model, "distribute_strategy", None), 0.0
        if is_chief(strategy):
            network = self.network or self.model
            result = evaluate_one_shot(network, self.episodes, batch_size=self.batch_size)
            accuracy = result.accuracy
        # Every worker takes the chief's score, so that all of them stop in the same epoch.
        accuracy = float(gather_from_workers(strategy, accuracy)[0])
        if logs is not None:
            logs[MONITOR] = 1.0 - accuracy
            logs["val_one_shot_accuracy"] = accuracy


class OneShotEarlyStopping(EarlyStopping):
    """Keras's `EarlyStopping` on the one-shot error, whose state can be saved and restored.

    Source: Koch et al. 2015, sec. 3.2, Learning schedule: training stops when the validation error
    has not decreased for 20 epochs, and the best epoch's weights are kept.

    Args:
        patience: Epochs without a decrease before training stops.
    """

    def __init__(self, patience: int = 20) -> None:
        """Monitor the error and keep the best weights."""
        super().__init__(monitor=MONITOR, mode="min", patience=patience, restore_best_weights=True)

    def state(self) -> dict[str, float]:
        """Return the numbers needed to continue; the best weights are in `best_weights`."""
        return {"wait": self.wait, "best": float(self.best), "best_epoch": self.best_epoch}

    def restore(self, state: dict[str, float], best_weights: list[np.ndarray] | None) -> None:
        """Continue from a saved state (call it after `on_train_begin`, which resets)."""
        # Keras 3.3 resets `best` when it picks the comparison, at the first score.
        if self.monitor_op is None:
            self._set_monitor_op()
        self.wait = int(state["wait"])
        self.best = float(state["best"])
        self.best_epoch = int(state["best_epoch"])
        self.best_weights = best_weights


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

"""The resumable loop under both trainings: epochs of steps, callbacks, and a state after each."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.compat import to_numpy
from keras_siamese.training.backend_steps import Step, WeightAverage
from keras_siamese.training.callbacks import OneShotEarlyStopping
from keras_siamese.training.checkpoints import (
    RunState,
    optimizer_values,
    random_states,
    restore_values,
    save_state,
)
from keras_siamese.training.workers import gather_from_workers, is_chief

# Steps between two looks at the loss: each look waits for the device.
CHECK_EVERY = 100


class DivergedError(ValueError):
    """The loss is no longer finite."""


def check_loss(loss: Any, epoch: int, *, remedy: str) -> None:
    """Refuse to continue with a loss that is not finite.

    Args:
        loss: Scalar.
        epoch: Epochs done, from 0.
        remedy: What the message advises.

    Raises:
        DivergedError: If the loss is infinite or NaN.
    """
    if not np.isfinite(float(loss)):
        raise DivergedError(
            f"The loss must be finite. Received: {float(loss)} in epoch {epoch + 1}. Training "
            f"stopped; a saved state is the one of the epoch before. {remedy}"
        )


# The arrays of a batch, and the pairs that it holds.
Batch = tuple[tuple[np.ndarray, ...], int]


@dataclass
class Run:
    """A training, for the loop.

    Args:
        model: The compiled model.
        listeners: The callbacks.
        run_epoch: Takes the steps of an epoch, from 0, and returns its logs.
        epochs: Epochs at most.
        folder: Folder of the state; None where nothing is saved.
        state: The state to continue from, if any.
        description: What must not change when the run is resumed, as JSON types.
        fast_layers: Layers that the step computes the faster way.
        best: Keeps the best weights, and ends the run when its patience is over; None where
            nothing does.
        average: Average of the weights that is validated and kept, if any.
    """

    model: keras.Model
    listeners: keras.callbacks.CallbackList
    run_epoch: Callable[[int], dict[str, float]]
    epochs: int
    folder: Path | None
    state: RunState | None
    description: dict[str, Any]
    fast_layers: tuple[str, ...] = ()
    best: OneShotEarlyStopping | None = None
    average: WeightAverage | None = None
    epoch: int = field(default=0, init=False)
    finished: bool = field(default=False, init=False)

    def go(self) -> dict[str, list[float]]:
        """Run the epochs that are left, or until a callback stops it.

        Returns:
            The logged values per epoch; `epoch` and `finished` say how far it came.
        """
        model, best = self.model, self.best
        strategy = getattr(model, "distribute_strategy", None)
        averages = self.average.values if self.average else ()
        extra = [*averages, *random_states(model)]
        model.stop_training = False
        self.listeners.on_train_begin()
        history = model.history
        if self.state is not None:
            restore_values(self.state, model, extra)
            self.epoch, history.history = self.state.epoch, self.state.history
            if best is not None:
                best.restore(self.state.early_stopping, self.state.best_weights)
        # More epochs than last time take a run up again that ended at its last one.
        self.finished = self._at_end()
        try:
            while (
                not self.finished and not gather_from_workers(strategy, model.stop_training).any()
            ):
                self.listeners.on_epoch_begin(self.epoch)
                logs = self.run_epoch(self.epoch)
                with self.average.applied() if self.average else contextlib.nullcontext():
                    self.listeners.on_epoch_end(self.epoch, logs)
                self.epoch += 1
                self.finished = self._at_end()
                # Outside of `applied`: the run continues from the weights, not from their averages.
                if self.folder is not None and is_chief(strategy):
                    save_state(self.folder, self._state(history.history, extra))
        finally:
            # Also after an error or Ctrl-C: the bar closes, and the weights to keep are in it.
            if self.average is not None:
                self.average.assign()
            self.listeners.on_train_end()
        return history.history

    def _at_end(self) -> bool:
        waited = self.best is not None and self.best.wait >= self.best.patience
        return self.epoch >= self.epochs or waited

    def _state(self, history: dict[str, list[float]], extra: list[Any]) -> RunState:
        best = self.best
        return RunState(
            epoch=self.epoch,
            finished=self.finished,
            weights=self.model.get_weights(),
            optimizer=optimizer_values(self.model.optimizer),
            best_weights=best.best_weights if best else None,
            early_stopping=best.state() if best else {},
            history=history,
            configuration=self.description,
            extra=[to_numpy(variable) for variable in extra],
            fast_layers=list(self.fast_layers),
        )


def take_steps(
    step: Step,
    batches: Iterable[Batch],
    listeners: keras.callbacks.CallbackList,
    *,
    epoch: int,
    remedy: str,
) -> dict[str, float]:
    """Take the steps of one epoch.

    Args:
        step: The compiled step.
        batches: The batches, in their order.
        listeners: The callbacks.
        epoch: Epochs done, from 0, for the error.
        remedy: What the error about a loss that is not finite advises.

    Returns:
        The epoch's logs: mean `loss` and `accuracy` over its pairs, `seconds`, `pairs_per_second`.

    Raises:
        DivergedError: If the loss is not finite.
    """
    started = time.perf_counter()
    values, sizes = [], []
    step.begin()
    try:
        for batch, (arrays, size) in enumerate(batches):
            listeners.on_train_batch_begin(batch)
            loss, accuracy = step(*arrays)
            listeners.on_train_batch_end(batch, {"loss": loss, "accuracy": accuracy})
            values.append((loss, accuracy))
            sizes.append(size)
            if batch % CHECK_EVERY == CHECK_EVERY - 1:
                check_loss(loss, epoch, remedy=remedy)
    finally:
        step.end()
    # Read at the end: each look at a value waits for the device.
    losses = [[float(value) for value in pair] for pair in values]
    loss, accuracy = np.average(np.array(losses, np.float32), axis=0, weights=sizes)
    check_loss(loss, epoch, remedy=remedy)
    seconds = time.perf_counter() - started
    return {
        "loss": float(loss),
        "accuracy": float(accuracy),
        "seconds": seconds,
        "pairs_per_second": sum(sizes) / seconds,
    }

"""The training loop of Koch et al. 2015, sec. 3.2, with Keras callbacks, on GPU or CPU."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.pairs import PairTable
from keras_siamese.data.trials import OneShotRuns
from keras_siamese.models import LayerwiseSGD
from keras_siamese.training.batches import epoch_order, pair_rows
from keras_siamese.training.checkpoints import (
    RunState,
    check_configuration,
    load_state,
    optimizer_values,
    save_state,
)
from keras_siamese.training.schedules import PaperSchedule
from keras_siamese.training.step import make_train_step
from keras_siamese.training.validation import OneShotEarlyStopping, OneShotValidation


@dataclass(frozen=True)
class TrainingConfig:
    """How the loop trains; the defaults are the paper's (Koch et al. 2015, sec. 3.2).

    Args:
        batch_size: Pairs per step.
        epochs: Epochs at most.
        patience: Epochs without a lower validation error before training stops.
        epoch_pairs: Pairs per epoch; None for the whole table. Deviation where set: the paper's
            epoch is the whole table; a shorter one brings schedules and validation more often
            where a machine cannot pay for 200 passes.
        decay: Fraction by which the learning rates shrink each epoch.
        initial_momentum: Momentum of every layer in the first epoch.
        ramp_epochs: Epochs of the linear momentum ramp. Open in the paper. Decided: 20.
        seed: Seed of the order of pairs.
        jit_compile: Compile the network part of the step with XLA.
    """

    batch_size: int = 128
    epochs: int = 200
    patience: int = 20
    epoch_pairs: int | None = None
    decay: float = 0.01
    initial_momentum: float = 0.5
    ramp_epochs: int = 20
    seed: int = 0
    jit_compile: bool = False

    def __post_init__(self) -> None:
        """Check the counts; the schedule checks its own numbers."""
        for name in ("batch_size", "epochs", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: {name}={getattr(self, name)}"
                )


@dataclass(frozen=True)
class TrainingResult:
    """What a run came to.

    Args:
        epochs: Epochs done.
        finished: Whether it came to its end; False where a callback stopped it earlier.
        best_epoch: Epoch of the lowest validation error, from 0.
        best_error: That error, a fraction of the validation trials.
        history: Logged values per epoch.
    """

    epochs: int
    finished: bool
    best_epoch: int
    best_error: float
    history: dict[str, list[float]]


def train(
    model: keras.Model,
    dataset: ImageDataset,
    pairs: PairTable,
    validation_runs: OneShotRuns,
    config: TrainingConfig | None = None,
    *,
    run_dir: str | Path | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 2,
) -> TrainingResult:
    """Train a siamese model as the paper does; it ends with the best epoch's weights.

    With `run_dir`, the state is saved after every epoch, and a run killed at any moment and resumed
    comes to the same weights as one that was not (same seed, same machine).

    Args:
        model: A siamese model compiled with a `LayerwiseSGD`.
        dataset: Training images; the pairs index them.
        pairs: Training pairs, distorted or not.
        validation_runs: One-shot runs scored every epoch.
        config: How to train; the paper's way by default.
        run_dir: Folder for the state of the run.
        resume: Go on from the state in `run_dir` where there is one.
        callbacks: Further Keras callbacks, called after validation and early stopping.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.

    Returns:
        A `TrainingResult`.

    Raises:
        ValueError: If the model is not compiled with a `LayerwiseSGD`, its input does not fit the
            images, a pair lies outside the data set, `resume` lacks a folder, or the saved run had
            another configuration.
        OSError: If `run_dir` cannot be written.
    """
    config = config or TrainingConfig()
    _check(model, dataset, pairs, run_dir, resume)
    run_dir = None if run_dir is None else Path(run_dir)
    schedule = PaperSchedule(
        decay=config.decay,
        initial_momentum=config.initial_momentum,
        ramp_epochs=config.ramp_epochs,
    )
    early_stopping = OneShotEarlyStopping(config.patience)
    size = config.epoch_pairs or len(pairs)
    listeners = keras.callbacks.CallbackList(
        [schedule, OneShotValidation(validation_runs), early_stopping, *callbacks],
        add_history=True,
        add_progbar=verbose > 0,
        model=model,
        verbose=verbose,
        epochs=config.epochs,
        steps=-(-size // config.batch_size),
    )
    distorted = pairs.left_transform is not None
    step = make_train_step(
        model, dataset.images, distorted=distorted, jit_compile=config.jit_compile
    )
    configuration = _configuration(model, dataset, pairs, config)
    state = load_state(run_dir) if run_dir is not None and resume else None
    if run_dir is not None and state is not None:
        check_configuration(run_dir, state.configuration, configuration)
    if run_dir is not None:
        run_dir.mkdir(parents=True, exist_ok=True)

    model.stop_training = False
    listeners.on_train_begin()
    history = model.history
    epoch = 0
    if state is not None:
        _restore(model, early_stopping, state)
        epoch = state.epoch
        history.history = state.history
        history.epoch = list(range(epoch))
    finished = state.finished if state is not None else False
    # More epochs than last time take a run up again that ended at its last one.
    if early_stopping.wait < config.patience and epoch < config.epochs:
        finished = False
    while not finished and not model.stop_training:
        listeners.on_epoch_begin(epoch)
        started = time.perf_counter()
        logs = _run_epoch(step, pairs, epoch, config, listeners)
        logs["seconds"] = time.perf_counter() - started
        listeners.on_epoch_end(epoch, logs)
        epoch += 1
        finished = early_stopping.stopped_epoch > 0 or epoch >= config.epochs
        if run_dir is not None:
            save_state(
                run_dir,
                RunState(
                    epoch=epoch,
                    finished=finished,
                    weights=model.get_weights(),
                    optimizer=optimizer_values(model.optimizer),
                    best_weights=early_stopping.best_weights,
                    early_stopping=early_stopping.state(),
                    history=history.history,
                    configuration=configuration,
                ),
            )
    listeners.on_train_end()
    return TrainingResult(
        epoch, finished, early_stopping.best_epoch, float(early_stopping.best), history.history
    )


def _run_epoch(
    step: Any,
    pairs: PairTable,
    epoch: int,
    config: TrainingConfig,
    listeners: keras.callbacks.CallbackList,
) -> dict[str, float]:
    order = epoch_order(len(pairs), epoch, epoch_pairs=config.epoch_pairs, seed=config.seed)
    same = pairs.same.astype(np.float32)
    values, sizes = [], []
    for batch, start in enumerate(range(0, len(order), config.batch_size)):
        rows = order[start : start + config.batch_size]
        listeners.on_train_batch_begin(batch)
        loss, accuracy = step(*pair_rows(pairs, rows), same[rows])
        listeners.on_train_batch_end(batch, {"loss": loss, "accuracy": accuracy})
        values.append((loss, accuracy))
        sizes.append(len(rows))
    # One look at the device at the end of the epoch, not one per step.
    losses, accuracies = np.average(tf.stack(values).numpy(), axis=0, weights=sizes)
    return {"loss": float(losses), "accuracy": float(accuracies)}


def _restore(model: keras.Model, early_stopping: OneShotEarlyStopping, state: RunState) -> None:
    model.set_weights(state.weights)
    for variable, value in zip(model.optimizer.variables, state.optimizer, strict=True):
        variable.assign(value)
    early_stopping.restore(state.early_stopping, state.best_weights)


def _configuration(
    model: keras.Model, dataset: ImageDataset, pairs: PairTable, config: TrainingConfig
) -> dict[str, Any]:
    """What must not change between a run and its resumption: all but the number of epochs."""
    columns = (pairs.left, pairs.right, pairs.same, pairs.left_transform, pairs.right_transform)
    checksum = 0
    for array in (dataset.images, *columns):
        if array is not None:
            checksum = zlib.crc32(np.ascontiguousarray(array).data, checksum)
    settings = {key: value for key, value in asdict(config).items() if key != "epochs"}
    optimizer = model.optimizer.get_config()
    # The factor on all rates is the schedule's, not the configuration's.
    optimizer.pop("learning_rate")
    return {
        **settings,
        "optimizer": optimizer,
        "weights": [f"{v.path} {tuple(v.shape)}" for v in model.weights],
        "precision": _precision(model),
        "data": f"{len(dataset)} images, {len(pairs)} pairs, crc32 {checksum:08x}",
    }


def _precision(model: keras.Model) -> list[str]:
    """The dtype policies in a model, sorted."""
    return sorted({layer.dtype_policy.name for layer in model._flatten_layers()})


def _check(
    model: keras.Model,
    dataset: ImageDataset,
    pairs: PairTable,
    run_dir: str | Path | None,
    resume: bool,
) -> None:
    if not isinstance(getattr(model, "optimizer", None), LayerwiseSGD):
        raise ValueError(
            "`model` must be compiled with a keras_siamese.LayerwiseSGD, e.g. "
            "model.compile(optimizer=LayerwiseSGD(0.01, 0.9), loss='binary_crossentropy'). "
            f"Received: optimizer={getattr(model, 'optimizer', None)!r}"
        )
    expected = tuple(model.inputs[0].shape[1:])
    if expected != dataset.images.shape[1:]:
        raise ValueError(
            f"`dataset` must hold images of the model's input shape {expected}. Received: "
            f"{dataset.images.shape[1:]}. Resize them with dataset.resized(size)."
        )
    highest = max(int(pairs.left.max()), int(pairs.right.max()))
    if highest >= len(dataset):
        raise ValueError(
            f"`pairs` must index the {len(dataset)} images of `dataset`. Received: index {highest}."
            " Were the pairs drawn from another data set?"
        )
    if resume and run_dir is None:
        raise ValueError("`resume` needs `run_dir`, the folder of the run to go on with.")

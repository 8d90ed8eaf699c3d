"""Training on pairs, as in Koch et al. 2015, sec. 3.2, with Keras callbacks, on GPU or CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.pairs import PairTable
from keras_siamese.deprecated import with_old_arguments
from keras_siamese.training.batches import epoch_order, pair_rows
from keras_siamese.training.callbacks import (
    OneShotEarlyStopping,
    OneShotValidation,
    PaperSchedule,
    TrainingProgress,
)
from keras_siamese.training.checkpoints import open_run
from keras_siamese.training.loop import Batch, Run, take_steps
from keras_siamese.training.step import make_train_step, warp_images
from keras_siamese.training.training_config import (
    TrainingConfig,
    check_run,
    describe_run,
    run_layers,
)
from keras_siamese.training.workers import check_workers_agree, is_chief

REMEDY = "Lower the learning rates or the momenta."


@dataclass(frozen=True)
class TrainingResult:
    """Result of a training.

    Args:
        epochs: Epochs done.
        finished: Whether it reached its end; False where a callback stopped it earlier.
        best_epoch: Epoch of the lowest validation error, from 0.
        best_error: That error, a fraction of the validation trials.
        history: Logged values per epoch.
    """

    epochs: int
    finished: bool
    best_epoch: int
    best_error: float
    history: dict[str, list[float]]


@with_old_arguments
def train(
    model: keras.Model,
    dataset: ImageDataset,
    pairs: PairTable,
    validation_episodes: OneShotEpisodes,
    config: TrainingConfig | None = None,
    *,
    run_dir: str | Path | None = None,
    resume: bool = False,
    restart: bool = False,
    settings: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    warp: Callable = warp_images,
    verbose: int = 1,
) -> TrainingResult:
    """Train a siamese model as the paper does; it ends with the best epoch's weights.

    With `run_dir`, the state is saved after every epoch, and a run killed at any moment and resumed
    reaches the same weights as one that was not, with the same seed on the same machine. (On a GPU
    that needs `tf.config.experimental.enable_op_determinism()`.)

    A model made and compiled in the scope of a `tf.distribute` strategy is trained on all its
    replicas. With `tf.distribute.MultiWorkerMirroredStrategy` every worker calls this function with
    the same arguments, and a `run_dir` that all of them read. Only the chief validates, writes the
    state and shows progress. Training ends in all of them once a callback in one of them stops it.
    A worker that is lost ends the others with a `tf.errors.OpError`; start all again with `resume`.
    (`model.fit` of Keras 3 takes no dictionary of inputs there: keras-team/keras issue 20329.)

    Args:
        model: A siamese model compiled with a `LayerwiseSGD`, whose base learning rate becomes the
            schedule's.
        dataset: Training images; the pairs index them.
        pairs: Training pairs, distorted or not.
        validation_episodes: One-shot episodes scored every epoch.
        config: How to train; the paper's way by default.
        run_dir: Folder for the state of the run.
        resume: Continue from the state in `run_dir` where there is one.
        restart: Throw away the state in `run_dir` where there is one. Without `resume` or
            `restart`, an unfinished run in `run_dir` is an error.
        settings: Further facts, as JSON types, that must be the same when the run is resumed.
        callbacks: Further Keras callbacks, such as `CSVLogger` or `TensorBoard`, called after
            validation and early stopping. The logs of an epoch hold `loss`, `accuracy` (pairs,
            at 0.5), `val_one_shot_accuracy`, `val_one_shot_error`, `pairs_per_second`, `seconds`.
            Those that write files belong to the chief alone (`is_chief`).
        warp: What distorts the images, with the arguments and the result of `warp_images`, for
            example `keras_siamese.addons.transform_images`.
        verbose: 0 is silent, 1 shows a line for every epoch and, on a terminal, a bar.

    Returns:
        A `TrainingResult`.

    Raises:
        ValueError: If the model is not compiled with a `LayerwiseSGD`, its input does not fit the
            images, a pair lies outside the data set, `resume` or `restart` lacks a folder, the
            saved run had another configuration or would be overwritten, or the workers
            were not all given the same.
        DivergedError: If the loss is no longer finite.
        OSError: If `run_dir` cannot be written.

    Example:
        >>> from keras_siamese import LayerwiseSGD, TrainingConfig, dense_encoder, make_glyphs
        >>> from keras_siamese import sample_pairs, sample_episodes, siamese_network, train
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> model.compile(LayerwiseSGD(0.01), "binary_crossentropy")
        >>> pairs = sample_pairs(glyphs, 40, seed=0)
        >>> episodes = sample_episodes(glyphs, num_episodes=2, n_way=5, seed=0)
        >>> train(model, glyphs, pairs, episodes, TrainingConfig(epochs=2), verbose=0).epochs
        2
    """
    config = config or TrainingConfig()
    check_run(model, dataset, pairs, validation_episodes)
    strategy = getattr(model, "distribute_strategy", None)
    chief = is_chief(strategy)
    description = describe_run(model, dataset, pairs, validation_episodes, config, settings)
    if warp is not warp_images:
        description["warp"] = f"{warp.__module__}.{warp.__qualname__}"
    folder, state = open_run(
        run_dir, resume=resume, restart=restart, configuration=description, write=chief
    )
    check_workers_agree(strategy, description, config.epochs, state and state.history)
    fast = run_layers(model, config.fast_layers, state, num_images=2 * config.batch_size)
    early_stopping = OneShotEarlyStopping(config.patience)
    listeners = _listeners(
        model,
        len(pairs),
        validation_episodes,
        config,
        early_stopping,
        callbacks,
        verbose if chief else 0,
    )
    step = make_train_step(
        model,
        dataset.images,
        distorted=pairs.left_transform is not None,
        warp=warp,
        jit_compile=config.jit_compile,
        fast_layers=fast,
    )

    def run_epoch(epoch: int) -> dict[str, float]:
        batches = epoch_batches(pairs, epoch, config)
        return take_steps(step, batches, listeners, epoch=epoch, remedy=REMEDY)

    run = Run(
        model=model,
        listeners=listeners,
        run_epoch=run_epoch,
        epochs=config.epochs,
        folder=folder,
        state=state,
        description=description,
        fast_layers=fast,
        best=early_stopping,
    )
    history = run.go()
    return TrainingResult(
        run.epoch, run.finished, early_stopping.best_epoch, float(early_stopping.best), history
    )


def epoch_batches(pairs: PairTable, epoch: int, config: TrainingConfig) -> Iterator[Batch]:
    """Yield the batches of an epoch: indices, transforms and labels, and the number of pairs.

    Args:
        pairs: Training pairs.
        epoch: Epochs done, from 0.
        config: How to train.

    Yields:
        The arrays that the step of `make_train_step` takes, and the pairs in them.
    """
    order = epoch_order(len(pairs), epoch, epoch_pairs=config.epoch_pairs, seed=config.seed)
    same = pairs.same.astype(np.float32)
    for start in range(0, len(order), config.batch_size):
        rows = order[start : start + config.batch_size]
        yield (*pair_rows(pairs, rows), same[rows]), len(rows)


def _listeners(
    model: keras.Model,
    num_pairs: int,
    validation_episodes: OneShotEpisodes,
    config: TrainingConfig,
    early_stopping: OneShotEarlyStopping,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int,
) -> keras.callbacks.CallbackList:
    """List the paper's callbacks, then the caller's, then what a person sees."""
    size = config.epoch_pairs or num_pairs
    schedule = PaperSchedule(
        decay=config.decay,
        initial_momentum=config.initial_momentum,
        ramp_epochs=config.ramp_epochs,
    )
    shown = [TrainingProgress(size, config.batch_size, config.epochs)] if verbose else []
    return keras.callbacks.CallbackList(
        [schedule, OneShotValidation(validation_episodes), early_stopping, *callbacks, *shown],
        add_history=True,
        model=model,
        epochs=config.epochs,
        steps=-(-size // config.batch_size),
    )

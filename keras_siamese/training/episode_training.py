"""Training on episodes: a few characters, each compared with every other, in every step."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from keras_siamese.compat import require_keras_3
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episode_batches import EpisodeSampler
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.deprecated import with_old_arguments
from keras_siamese.optimizers import ConvMuon
from keras_siamese.training.backend_steps import WeightAverage
from keras_siamese.training.callbacks import (
    MONITOR,
    OneShotEarlyStopping,
    OneShotValidation,
    TrainingProgress,
)
from keras_siamese.training.checkpoints import open_run
from keras_siamese.training.episode_config import EpisodeConfig, check_episodes, describe_episodes
from keras_siamese.training.episode_step import make_episode_step
from keras_siamese.training.loop import Run, take_steps
from keras_siamese.training.training_config import run_layers

REMEDY = "Lower the learning rate."


@dataclass(frozen=True)
class EpisodeResult:
    """Result of a training on episodes.

    Args:
        steps: Steps done.
        finished: Whether all were done; False where a callback stopped the run earlier.
        best_epoch: Epoch of the lowest validation error, from 0; None without validation.
        best_error: That error, a fraction of the validation trials; None without validation.
        history: Logged values per epoch, that is per `validate_every` steps.
    """

    steps: int
    finished: bool
    best_epoch: int | None
    best_error: float | None
    history: dict[str, list[float]]


def _result(epochs: int, config: EpisodeConfig, history: dict[str, list[float]]) -> EpisodeResult:
    """Sum up a run.

    Args:
        epochs: Epochs done.
        config: How it was trained.
        history: Logged values per epoch.

    Returns:
        The result.
    """
    errors = history.get(MONITOR)
    return EpisodeResult(
        steps=min(epochs * config.validate_every, config.steps),
        finished=epochs >= config.epochs,
        best_epoch=errors.index(min(errors)) if errors else None,
        best_error=min(errors) if errors else None,
        history=history,
    )


@with_old_arguments
def train_episodes(
    model: keras.Model,
    dataset: ImageDataset,
    config: EpisodeConfig | None = None,
    *,
    validation_episodes: OneShotEpisodes | None = None,
    run_dir: str | Path | None = None,
    resume: bool = False,
    restart: bool = False,
    settings: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> EpisodeResult:
    """Train a siamese model on episodes of characters that are all compared with each other.

    Deviation: the paper trains on single pairs (`train`). In an episode of 20 characters by two
    drawers, 40 calls of the encoder give 400 pairs. The model stays what it was, the paper's: one
    encoder called twice, a weighted L1 distance, a sigmoid. It is compiled with the optimizer that
    `config` names.

    With `run_dir`, the state is saved after every epoch, and a run killed at any moment and resumed
    reaches the same weights as one that was not, with the same seed on the same machine. (On a GPU
    that needs `tf.config.experimental.enable_op_determinism()`.)

    After softmax training a probability says which class is likelier, not how likely: the loss
    leaves the head's bias alone. Choose a threshold by validation pairs (`best_threshold`).

    Args:
        model: A siamese model, on one replica.
        dataset: Training images, with at least `n_way` characters by `1 + n_shot` drawers.
        config: How to train; the defaults of `EpisodeConfig` where None.
        validation_episodes: One-shot episodes scored every epoch, if any.
        run_dir: Folder for the state of the run.
        resume: Continue from the state in `run_dir` where there is one.
        restart: Throw away the state in `run_dir` where there is one. Without `resume` or
            `restart`, an unfinished run in `run_dir` is an error.
        settings: Further facts, as JSON types, that must be the same when the run is resumed.
        callbacks: Further Keras callbacks, called after validation; with `ema_momentum` the model
            holds the averages while an epoch ends. The logs of an epoch hold `loss`, `accuracy`
            (queries whose own class scores highest in their episode), `steps`, `seconds` (of
            training alone), `processor_seconds` (of all cores together), `pairs_per_second`, and
            with validation `val_one_shot_accuracy` and `val_one_shot_error`.
        verbose: 0 is silent, 1 shows a line for every epoch and, on a terminal, a bar.

    Returns:
        An `EpisodeResult`. The model holds the weights that `config` says.

    Raises:
        ValueError: If the model is no siamese network, its input does not fit the images, the
            episodes cannot be drawn, `restore_best_weights` lacks validation, `resume` or `restart`
            lacks a folder, or the saved run had another configuration or would be overwritten.
        DivergedError: If the loss is no longer finite.
        OSError: If `run_dir` cannot be written.

    Example:
        >>> from keras_siamese import dense_encoder, make_glyphs, siamese_network, train_episodes
        >>> from keras_siamese.training import EpisodeConfig
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
        >>> model = siamese_network(dense_encoder(units=(8,)))
        >>> config = EpisodeConfig(n_way=5, steps=3)
        >>> train_episodes(model, glyphs, config, verbose=0).steps
        3
    """
    require_keras_3("train_episodes")
    config = config or EpisodeConfig()
    check_episodes(model, dataset, validation_episodes, config)
    sampler = EpisodeSampler(
        dataset,
        n_way=config.n_way,
        n_shot=config.n_shot,
        protocol=config.protocol,
        symmetries=config.symmetries,
        distortions=config.distortions,
        episode_distortions=config.episode_distortions,
        camera=config.camera,
        seed=config.seed,
    )
    description = describe_episodes(model, dataset, validation_episodes, config, settings)
    folder, state = open_run(run_dir, resume=resume, restart=restart, configuration=description)

    model.compile(optimizer=_optimizer(config), loss="binary_crossentropy")
    average = None if config.ema_momentum is None else WeightAverage(model, config.ema_momentum)
    images = config.episodes_per_step * config.n_way * (1 + config.n_shot)
    fast = run_layers(model, config.fast_layers, state, num_images=images)
    step = make_episode_step(model, dataset.images, config, average, fast)
    # It never stops a run, which has no more epochs than this: it keeps the best weights.
    best = OneShotEarlyStopping(config.epochs) if config.restore_best_weights else None
    listeners = _listeners(model, validation_episodes, config, best, callbacks, verbose)

    def run_epoch(epoch: int) -> dict[str, float]:
        worked, steps = time.process_time(), epoch_steps(config, epoch)
        batches = (
            (sampler.draw(number, config.episodes_per_step).arrays, config.pairs_per_step)
            for number in steps
        )
        logs = take_steps(step, batches, listeners, epoch=epoch, remedy=REMEDY)
        worked = time.process_time() - worked
        return {**logs, "steps": len(steps), "processor_seconds": worked}

    run = Run(
        model=model,
        listeners=listeners,
        run_epoch=run_epoch,
        epochs=config.epochs,
        folder=folder,
        state=state,
        description=description,
        fast_layers=fast,
        best=best,
        average=average,
    )
    history = run.go()
    return _result(run.epoch, config, history)


def epoch_steps(config: EpisodeConfig, epoch: int) -> range:
    """Return the numbers of the steps of an epoch; the last epoch may be shorter."""
    first = epoch * config.validate_every
    return range(first, min(first + config.validate_every, config.steps))


def _optimizer(config: EpisodeConfig) -> keras.Optimizer:
    """Return the optimizer that a configuration names, its rate falling along a half cosine."""
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.steps)
    if config.optimizer == "muon":
        return ConvMuon(rate, config.weight_decay, kernel_factor=config.kernel_factor)
    return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)


def _listeners(
    model: keras.Model,
    validation_episodes: OneShotEpisodes | None,
    config: EpisodeConfig,
    best: OneShotEarlyStopping | None,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int,
) -> keras.callbacks.CallbackList:
    """List validation, then the caller's callbacks, then what a person sees."""
    pairs, per_epoch = config.pairs_per_step, min(config.steps, config.validate_every)
    shown = TrainingProgress(pairs * per_epoch, pairs, config.epochs, measure="episode accuracy")
    return keras.callbacks.CallbackList(
        [
            *([] if validation_episodes is None else [OneShotValidation(validation_episodes)]),
            *([] if best is None else [best]),
            *callbacks,
            *([shown] if verbose else []),
        ],
        add_history=True,
        model=model,
        epochs=config.epochs,
        steps=per_epoch,
    )

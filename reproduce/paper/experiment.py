"""One run: train as the paper does, score once, write the result."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_siamese.models.network_files import save_network
from keras_siamese.training import is_chief, train
from reproduce import provenance
from reproduce.paper.config import RunConfig
from reproduce.paper.curve import Curve
from reproduce.paper.data import prepare, prepare_test
from reproduce.paper.figure_data import collect
from reproduce.paper.optimizer_choice import OWN_TOOLS, Tools
from reproduce.paper.paper_network import build_network, training_config
from reproduce.paper.scores import run_entry, score, validation_scores
from reproduce.results import write


class TimeBudget(keras.callbacks.Callback):
    """Stop training after some minutes; the run stays resumable."""

    def __init__(self, minutes: float) -> None:
        """Store the budget."""
        super().__init__()
        self.minutes = minutes

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start the clock."""
        self.end = time.monotonic() + 60 * self.minutes

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Stop once the time is up."""
        if time.monotonic() >= self.end:
            self.model.stop_training = True


def callbacks(
    run_dir: Path,
    *,
    resume: bool = False,
    budget: float | None = None,
    tensorboard: bool = False,
    chief: bool = True,
) -> tuple[keras.callbacks.Callback, ...]:
    """Return the callbacks of a run: its log as CSV, and what was asked for.

    Of several workers the chief alone writes; each of them keeps an eye on the clock.
    """
    chosen: list[keras.callbacks.Callback] = []
    if chief:
        run_dir.mkdir(parents=True, exist_ok=True)
        chosen.append(Curve(run_dir / "log.csv", resume=resume))
        if tensorboard:
            chosen.append(keras.callbacks.TensorBoard(str(run_dir / "tensorboard")))
    if budget is not None:
        chosen.append(TimeBudget(budget))
    return tuple(chosen)


def run(
    config: RunConfig,
    *,
    data_dir: Path | None = None,
    run_dir: Path,
    resume: bool = False,
    restart: bool = False,
    score_test: bool = True,
    figures: Path | None = None,
    strategy: tf.distribute.Strategy | None = None,
    callbacks: tuple[keras.callbacks.Callback, ...] = (),
    tools: Tools = OWN_TOOLS,
    verbose: int = 1,
) -> dict[str, Any]:
    """Train, score and describe one run.

    Args:
        config: The run.
        data_dir: Folder with the data (see `prepare`).
        run_dir: Folder of the run's state.
        resume: Continue from the state in `run_dir`.
        restart: Throw away the state in `run_dir`.
        score_test: Score the test alphabets, once the run has finished. Leave it off while
            choosing a configuration: then the result holds validation scores alone, as does that
            of a run which a callback stopped.
        figures: File for what the figures show of the network, written once it was scored.
        strategy: Devices to train on (`reproduce.paper.devices.make_strategy`); one by default.
        callbacks: Further Keras callbacks.
        tools: Whose optimizer and distortions train it; the scores do not depend on them.
        verbose: As in `keras_siamese.training.train`.

    Returns:
        The result, as JSON types; empty in a worker that is not the chief.
    """
    strategy = strategy or tf.distribute.get_strategy()
    start, commit = time.perf_counter(), provenance.commit()
    data = prepare(config, data_dir)
    # Before training, so that missing data is reported before the work and not after it.
    test = prepare_test(config, data.splits, data_dir) if score_test else None
    with strategy.scope():
        training_model = build_network(config, config.precision, tools.make_optimizer)
    spent = time.perf_counter() - start
    training = train(
        training_model,
        data.splits.train,
        data.training_pairs,
        data.validation_episodes,
        training_config(config),
        run_dir=run_dir,
        resume=resume,
        restart=restart,
        settings={key: value for key, value in config.settings().items() if key != "epochs"},
        callbacks=callbacks,
        warp=tools.warp,
        verbose=verbose,
    )
    if not is_chief(strategy):
        return {}
    start = time.perf_counter()
    model = build_network(config)
    model.set_weights(training_model.get_weights())
    save_network(model, run_dir / "model.keras")
    results = score(model, data, test, config) if test and training.finished else []
    if test and results and figures is not None:
        write(figures, collect(model, data, test, config, data_dir), indent=None)
    validated = validation_scores(model, data, config)
    # All sittings of a resumed run: its epochs, and this sitting's preparation and scoring.
    seconds = spent + sum(training.history["seconds"]) + time.perf_counter() - start
    return run_entry(config, data, training, results, validated, seconds, commit, tools.description)

"""A study of Optuna over runs of the reproduction: resumable, shared by workers, pruned."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import keras
import numpy as np
import optuna
import tensorflow as tf
from filelock import FileLock, Timeout
from optuna.exceptions import ExperimentalWarning
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from keras_siamese.training import DivergedError
from keras_siamese.training.callbacks import MONITOR
from reproduce import provenance
from reproduce.paper import experiment
from reproduce.paper.config import RunConfig
from reproduce.paper.paper_network import build_network
from reproduce.search.space import starting_points, suggest

# What may differ when a study continues: the name, and what every trial draws.
FREE = {"name", "learning_rates", "momenta", "l2"}
# How often a killed worker's trial is tried again: it may be the trial that kills.
MAX_RETRIES = 2
# A trial in the worst quarter of the others at the same epoch is ended, from the fifth epoch on.
# The first search ended 17 of 21 trials, by the median of 320 trials after two epochs: by chance.
PRUNER = optuna.pruners.PercentilePruner(75.0, n_startup_trials=4, n_warmup_steps=4)
# A trial without a lock counts as given up after so long; its worker takes the lock at once.
FRESH = timedelta(minutes=1)


class Report(keras.callbacks.Callback):
    """Tell the study an epoch's one-shot accuracy, and end a hopeless trial."""

    def __init__(self, trial: optuna.Trial) -> None:
        """Store the trial."""
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Report the epoch."""
        self.trial.report(1 - (logs or {})[MONITOR], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned()


class NumberedSampler(optuna.samplers.TPESampler):
    """Tree-structured Parzen estimator whose draws follow from the seed and the trial's number.

    Optuna's own starts its generator anew in every process: two workers of one seed, or a resumed
    study, would draw the same trials again.

    Args:
        seed: Seed of the study.
    """

    def __init__(self, seed: int) -> None:
        """Store the seed; trials that other workers run count as bad ones, so that these spread."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            super().__init__(multivariate=True, n_startup_trials=6, constant_liar=True)
        self.seed = seed

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Seed the generators of the estimator and of its random start."""
        estimator, start = np.random.SeedSequence((self.seed, trial.number)).generate_state(2)
        self._rng.rng.seed(estimator)
        self._random_sampler._rng.rng.seed(start)
        super().before_trial(study, trial)


def trained_layers(config: RunConfig) -> tuple[str, ...]:
    """Return the names of the layers of a run's network that have separate rates."""
    model = build_network(config)
    model.optimizer.build(model.trainable_variables)
    return tuple(model.optimizer.layer_names)


class Search:
    """Bayesian search for the rates of a run (Koch et al. 2015, sec. 3.2).

    The paper used Whetlab, which is gone. Here: the tree-structured Parzen estimator of Optuna.
    The score of a trial is its best one-shot validation accuracy at any epoch; one in the worst
    quarter at its epoch is ended. The test alphabets are never read.

    Every worker holds a lock while it trains a trial. The system gives the lock back when the
    process ends, however it ends, so that the trial of a killed worker is tried again.

    Args:
        config: The run whose rates are searched.
        folder: Folder of the study's file; several workers may share it.
        name: Name of the study; one that exists is resumed.
        reading: Open an existing study without checking its settings; create none. No trial is
            run.
        architecture: Search filters, units and (where they fit) kernel sizes, too.
        data_dir: Folder with the data.
        seed: Seed of the sampler.

    Raises:
        ValueError: If the study's file is damaged, or holds a study of other settings; or the
            architecture of the dense network is asked for.
    """

    def __init__(
        self,
        config: RunConfig,
        folder: Path,
        *,
        name: str,
        reading: bool = False,
        architecture: bool = False,
        data_dir: Path | None = None,
        seed: int = 0,
    ) -> None:
        """Open the study, or make it."""
        if architecture and config.encoder == "dense":
            raise ValueError("--architecture must not go with a dense net. Received: it. Drop it.")
        self.config, self.architecture, self.data_dir = config, architecture, data_dir
        self.layers = trained_layers(config)
        self.file, self.locks = study_file(folder, name), folder / f"search-{name}-locks"
        self.held: FileLock | None = None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        if reading and not self.file.exists() and not self.file.with_suffix(".db").exists():
            names = [path.stem.removeprefix("search-") for path in folder.glob("search-*.journal")]
            raise ValueError(
                f"--study must name a study in {folder}. Received: {name!r}. Choose among its "
                f"studies: {', '.join(sorted(names)) or 'none'}."
            )
        self.locks.mkdir(parents=True, exist_ok=True)
        settings = json.loads(json.dumps(config.settings() | {"architecture": architecture}))
        # Of several workers that start at once, one sets the study up.
        with FileLock(self.locks / "setup"):
            self.study = optuna.create_study(
                study_name=name,
                storage=open_storage(self.file, name),
                sampler=NumberedSampler(seed),
                pruner=PRUNER,
                direction="maximize",
                load_if_exists=True,
            )
            if not reading:
                self._set_up(settings)

    def _set_up(self, settings: dict[str, Any]) -> None:
        """Queue the first trials of a new study; refuse one that was begun with other settings."""
        known = self.study.user_attrs.get("settings")
        if known is None:
            for start in starting_points(self.layers):
                self.study.enqueue_trial(start, skip_if_exists=True)
            self.study.set_user_attr("commit", provenance.commit())
            # Last: it says that the study is set up.
            self.study.set_user_attr("settings", settings)
            return
        keys = (known | settings).keys() - FREE
        differing = sorted(key for key in keys if known.get(key) != settings.get(key))
        if differing:
            raise ValueError(
                f"The study {self.study.study_name!r} must keep its settings. Received: others "
                f"({', '.join(differing)}). Give the same ones, or another --study."
            )

    def run(self, *, trials: int | None = None, minutes: float | None = None) -> None:
        """Run trials until there were enough, or time is up; other workers may do the same.

        Raises:
            ValueError: If neither is given.
        """
        if trials is None and minutes is None:
            raise ValueError("--trials or --minutes must be given. Received: neither. Give one.")
        self._take_over()
        try:
            self.study.optimize(
                self._objective,
                n_trials=trials,
                timeout=None if minutes is None else 60 * minutes,
                callbacks=[self._after_trial],
            )
        finally:
            if self.held is not None:
                self.held.release()

    def _after_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Give the trial's lock back, now that its state is in the file, and print a line."""
        if self.held is not None:
            self.held.release()
        print(describe_trial(trial), flush=True)
        self._take_over()

    def _lock(self, trial: int) -> FileLock:
        """Return the lock that the worker of a trial holds."""
        return FileLock(self.locks / str(trial))

    def _take_over(self) -> None:
        """Mark the trials of dead workers as failed, and queue them again."""
        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            lock = self._lock(trial.number)
            age = datetime.now() - (trial.datetime_start or datetime.min)
            if not Path(lock.lock_file).exists() and age < FRESH:
                continue
            try:
                with lock.acquire(timeout=0):
                    # Another worker may have been faster.
                    if self.study.get_trials(deepcopy=False)[trial.number].state.is_finished():
                        continue
                    self.study.tell(trial.number, state=TrialState.FAIL)
            except Timeout:
                continue
            retries = trial.user_attrs.get("retries", 0)
            if retries < MAX_RETRIES:
                # Those that were queued, too, where the worker died before it drew them.
                drawn = trial.system_attrs.get("fixed_params", {}) | trial.params
                self.study.enqueue_trial(drawn, user_attrs={"retries": retries + 1})

    def _objective(self, trial: optuna.Trial) -> float:
        """Train one trial; a run that diverges scores 0."""
        # Until its end is in the file: else another worker would take it for a dead one's.
        self.held = self._lock(trial.number)
        self.held.acquire()
        started = time.perf_counter()
        trial.set_user_attr("hardware", provenance.hardware())
        drawn = suggest(
            trial, layers=self.layers, size=self.config.size, architecture=self.architecture
        )
        drawn["encoder_options"] = self.config.encoder_options | drawn.get("encoder_options", {})
        config = self.config.override(**drawn)
        keras.utils.clear_session()
        try:
            with tempfile.TemporaryDirectory() as folder:
                result = experiment.run(
                    config,
                    data_dir=self.data_dir,
                    run_dir=Path(folder),
                    score_test=False,
                    callbacks=(Report(trial),),
                    verbose=0,
                )
        except DivergedError as error:
            trial.set_user_attr("diverged", str(error))
            return 0.0
        except (MemoryError, tf.errors.ResourceExhaustedError) as error:
            trial.set_user_attr("too large", type(error).__name__)
            raise optuna.TrialPruned("too large for this machine") from error
        except (KeyboardInterrupt, ValueError, OSError):
            # Not because of what was drawn: whoever resumes the study tries it again.
            self.study.enqueue_trial(trial.params)
            raise
        finally:
            trial.set_user_attr("seconds", round(time.perf_counter() - started, 1))
        return float(result["validation"]["value"])


def study_file(folder: Path, name: str) -> Path:
    """Return the place of a study's file."""
    return folder / f"search-{name}.journal"


def open_storage(file: Path, name: str) -> JournalStorage:
    """Open a study's file, and bring over one of an earlier version, an SQLite file.

    Raises:
        ValueError: If the file is damaged.
    """
    old = file.with_suffix(".db")
    bring_over = old.exists() and not file.exists()
    try:
        if file.exists() and file.read_bytes()[-1:] not in (b"", b"\n"):
            raise ValueError("its last line is cut off")
        storage = JournalStorage(JournalFileBackend(str(file)))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"The study's file {file} is damaged ({error}). Move it away, then start again."
        ) from error
    if bring_over:
        optuna.copy_study(
            from_study_name=name, from_storage=f"sqlite:///{old.resolve()}", to_storage=storage
        )
    return storage


def describe_study(study: optuna.Study) -> str:
    """Say in a few lines how the study stands."""
    trials = study.get_trials(deepcopy=False)
    done, pruned = (
        sum(trial.state == state for trial in trials)
        for state in (TrialState.COMPLETE, TrialState.PRUNED)
    )
    text = f"{study.study_name}: {done} trials done, {pruned} ended early."
    if done:
        best = study.best_trial
        values = "\n".join(f"  {name} = {value:.4g}" for name, value in best.params.items())
        text += f"\nBest: trial {best.number}, validation {best.value:.2%}\n{values}"
    return text


def describe_trial(trial: FrozenTrial) -> str:
    """Say in a line how a trial went."""
    value = max(trial.intermediate_values.values(), default=0.0)
    return (
        f"trial {trial.number}: {trial.state.name.lower()}, validation {value:.1%} after "
        f"{len(trial.intermediate_values)} epochs, {trial.user_attrs.get('seconds', 0):.0f} s"
    )


def summarize(study: optuna.Study) -> dict[str, Any]:
    """Describe all trials as JSON types; only those that are `complete` have a `value`."""
    trials = [_as_json(trial) for trial in study.get_trials(deepcopy=False)]
    return {
        "what": "Bayesian search over the paper's ranges",
        "metric": "best one-shot accuracy on the validation trials at any epoch",
        "study": study.study_name,
        "sampler": "tree-structured Parzen estimator (Optuna)",
        **study.user_attrs,
        "versions": provenance.versions(),
        "seconds": round(sum(trial.get("seconds", 0) for trial in trials), 1),
        "trials": trials,
    }


def _as_json(trial: FrozenTrial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "value": trial.value if trial.state == TrialState.COMPLETE else None,
        "epochs": [round(value, 5) for _, value in sorted(trial.intermediate_values.items())],
        "parameters": {
            name: value if isinstance(value, int) else float(f"{value:.4g}")
            for name, value in trial.params.items()
        },
        **trial.user_attrs,
    }

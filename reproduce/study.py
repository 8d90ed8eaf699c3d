"""A study of Optuna over runs of the reproduction: resumable, shared by workers, pruned."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import optuna
import tensorflow as tf
from optuna.exceptions import DuplicatedStudyError

from keras_siamese.training import DivergedError
from keras_siamese.training.validation import MONITOR
from reproduce import provenance
from reproduce.paper import experiment
from reproduce.paper.config import RunConfig
from reproduce.search_space import starting_points, suggest
from reproduce.study_sampler import NumberedSampler
from reproduce.study_storage import open_storage, readable_errors
from reproduce.study_summary import describe_trial

# What a study may go on without: the name, and what every trial draws anew.
FREE = {"name", "learning_rates", "momenta", "l2"}
# The worker that makes a study sets it up; the others wait so long for that.
SETUP_SECONDS = 10.0


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


class Search:
    """Bayesian search for the rates of a run (Koch et al. 2015, sec. 3.2).

    The paper used Whetlab, which is gone. Here: the tree-structured Parzen estimator of Optuna.
    The score of a trial is its best one-shot validation accuracy at any epoch; a trial below the
    median of the others at the same epoch is ended. The test alphabets are never read.

    Args:
        config: The run whose rates are searched.
        storage: Optuna storage URL, "sqlite:///study.db" or "postgresql+psycopg://host/name".
        name: Name of the study; one that exists goes on.
        reading: Make no study, and take one of any settings, for no trial will be run.
        architecture: Search filters, units and (where they fit) kernel sizes, too.
        data_dir: Folder with the data.
        seed: Seed of the sampler.
        grace: Seconds without a sign of life after which a worker counts as dead; then another
            one tries its trial again.

    Raises:
        ValueError: If the storage cannot be opened, or holds a study of other settings.
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        storage: str,
        name: str,
        reading: bool = False,
        architecture: bool = False,
        data_dir: Path | None = None,
        seed: int = 0,
        grace: int = 120,
    ) -> None:
        """Open the study, or make it."""
        self.config, self.architecture, self.data_dir = config, architecture, data_dir
        self.url, self.name = storage, name
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        settings = json.loads(json.dumps(asdict(config) | {"architecture": architecture}))
        self.storage = open_storage(storage, grace=grace)
        with readable_errors(storage):
            if reading:
                self._find()
            elif not self._make(settings):
                self._check(settings)
            self.study = optuna.load_study(
                study_name=name,
                storage=self.storage,
                sampler=NumberedSampler(seed),
                pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
            )

    def _make(self, settings: dict[str, Any]) -> bool:
        """Make the study and queue its first trials, unless there is one of that name."""
        try:
            study = optuna.create_study(
                study_name=self.name, storage=self.storage, direction="maximize"
            )
        except DuplicatedStudyError:
            return False
        for start in starting_points():
            study.enqueue_trial(start)
        study.set_user_attr("commit", provenance.commit())
        # Last, because the other workers take it for the sign that the study is set up.
        study.set_user_attr("settings", settings)
        return True

    def _find(self) -> None:
        """Refuse a name of which the storage has no study."""
        names = optuna.get_all_study_names(self.storage)
        if self.name not in names:
            raise ValueError(
                f"--study must name a study of the storage. Received: {self.name!r}. It holds: "
                f"{', '.join(names) or 'none'}."
            )

    def _check(self, settings: dict[str, Any]) -> None:
        """Compare the settings of the study that exists with those given now."""
        study = optuna.load_study(study_name=self.name, storage=self.storage)
        end = time.monotonic() + SETUP_SECONDS
        while (known := study.user_attrs.get("settings")) is None:
            if time.monotonic() >= end:
                raise ValueError(
                    f"The study {self.name!r} was never set up to its end. Give another --study."
                )
            time.sleep(0.1)
        keys = (known | settings).keys() - FREE
        differing = sorted(key for key in keys if known.get(key) != settings.get(key))
        if differing:
            raise ValueError(
                f"The study {self.name!r} was begun with other settings ({', '.join(differing)}). "
                "Give the same ones, or another --study."
            )

    def run(self, *, trials: int | None = None, minutes: float | None = None) -> None:
        """Run trials until there were enough, or time is up; other workers may do the same.

        Raises:
            ValueError: If neither is given, the database fails, or this worker was silent for so
                long that another one counts it as dead.
        """
        if trials is None and minutes is None:
            raise ValueError("Give --trials or --minutes (or both), else the search has no end.")
        timeout = None if minutes is None else 60 * minutes
        with readable_errors(self.url):
            self.study.optimize(
                self._objective,
                n_trials=trials,
                timeout=timeout,
                callbacks=[lambda _, trial: print(describe_trial(trial), flush=True)],
            )

    def _objective(self, trial: optuna.Trial) -> float:
        """Train one trial; a run that diverges scores 0."""
        started = time.perf_counter()
        trial.set_user_attr("hardware", provenance.hardware())
        drawn = suggest(trial, size=self.config.size, architecture=self.architecture)
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
            # Not for what was drawn: whoever resumes the study tries it again.
            self.study.enqueue_trial(trial.params)
            raise
        finally:
            trial.set_user_attr("seconds", round(time.perf_counter() - started, 1))
        return float(result["validation"]["value"])

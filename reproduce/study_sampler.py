"""How a study draws its trials."""

from __future__ import annotations

import warnings

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning


class NumberedSampler(optuna.samplers.TPESampler):
    """Tree-structured Parzen estimator whose draws follow from the seed and the trial's number.

    Optuna's own starts its generator anew in every process: two workers of one seed, or a study
    gone on with, would draw the same trials again.

    Args:
        seed: Seed of the study.
    """

    def __init__(self, seed: int) -> None:
        """Store the seed; trials that other workers run count as bad ones, so that these spread."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            super().__init__(multivariate=True, n_startup_trials=6, constant_liar=True)
        self.seed = seed

    def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Seed the generators of the estimator and of its random start."""
        estimator, start = np.random.SeedSequence((self.seed, trial.number)).generate_state(2)
        self._rng.rng.seed(estimator)
        self._random_sampler._rng.rng.seed(start)
        super().before_trial(study, trial)

"""What a study has found: a few lines for a person, all of it as JSON types."""

from __future__ import annotations

from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from reproduce import provenance


def describe(study: optuna.Study) -> str:
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
        "metric": "best one-shot accuracy on the 320 validation trials at any epoch",
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

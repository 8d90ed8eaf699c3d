"""The state of a run in one file, written atomically, so that a killed run can resume."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.atomic import atomic_write
from keras_siamese.compat import to_numpy
from keras_siamese.data.unreadable import sentence
from keras_siamese.deprecated import current_values
from keras_siamese.models import twin_encoder
from keras_siamese.training.unfinished import FILE_NAME, read_facts

FACTS = ("epoch", "finished", "early_stopping", "history", "configuration", "fast_layers")


@dataclass
class RunState:
    """All that a run needs to continue after an epoch.

    Args:
        epoch: Epochs done.
        finished: Whether the run reached its end (early stopping, or the last epoch).
        weights: The model's weights, in the order of `model.get_weights()`.
        optimizer: Values of the optimizer's variables, in their order.
        best_weights: Weights of the best epoch, or None before the first score.
        early_stopping: The numbers of `OneShotEarlyStopping.state()`.
        history: Logged values per epoch.
        configuration: What the run was started with, as JSON types.
        extra: Values of further variables, such as averages of the weights.
        fast_layers: Names of the layers that the step computes the faster way.
    """

    epoch: int
    finished: bool
    weights: list[np.ndarray]
    optimizer: list[np.ndarray]
    best_weights: list[np.ndarray] | None
    early_stopping: dict[str, float]
    history: dict[str, list[float]]
    configuration: dict[str, Any]
    extra: list[np.ndarray] = field(default_factory=list)
    fast_layers: list[str] = field(default_factory=list)


def optimizer_values(optimizer: keras.Optimizer) -> list[np.ndarray]:
    """Return the values of an optimizer's variables."""
    return [to_numpy(variable) for variable in optimizer.variables]


def random_states(model: keras.Model) -> list[keras.Variable]:
    """Return the states of a siamese model's random layers, such as dropout: no weights."""
    weights = {id(weight) for weight in model.weights}
    return [each for each in twin_encoder(model).variables if id(each) not in weights]


def restore_values(
    state: RunState, model: keras.Model, extra: Sequence[keras.Variable] = ()
) -> None:
    """Give a model, its optimizer and further variables the values of a state.

    Args:
        state: The state.
        model: The compiled model, its optimizer built.
        extra: The variables whose values the state has as `extra`, in their order.

    Raises:
        ValueError: If the state is of other variables, as an earlier version may have saved it.
    """
    variables, values = [*model.optimizer.variables, *extra], [*state.optimizer, *state.extra]
    if len(variables) != len(values):
        raise ValueError(
            f"The saved state must hold {len(variables)} values besides the weights, those of the "
            f"optimizer and of random layers. Received: {len(values)}. Start without resume: "
            "restart=True (--restart)."
        )
    model.set_weights(state.weights)
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def save_state(run_dir: Path, state: RunState) -> Path:
    """Write a state; a reader sees the old file or the new one, never a part.

    Args:
        run_dir: Folder of the run, made where missing.
        state: The state.

    Returns:
        The path of the file.

    Raises:
        OSError: If the folder cannot be written; nothing half-written stays.
    """
    best = state.best_weights or []
    lists = {"w": state.weights, "o": state.optimizer, "b": best, "e": state.extra}
    arrays: dict[str, Any] = {
        f"{key}{i:04d}": value for key, values in lists.items() for i, value in enumerate(values)
    }
    facts = {key: getattr(state, key) for key in FACTS}
    # NumPy's numbers, which a callback may have logged, are written as Python's.
    content = json.dumps({**facts, "arrays": len(arrays)}, default=float)
    run_dir.mkdir(parents=True, exist_ok=True)
    path = run_dir / FILE_NAME
    with atomic_write(path) as file:
        np.savez(file, facts=np.array(content), **arrays)
    return path


def load_state(run_dir: Path) -> RunState | None:
    """Read the state of a run.

    Args:
        run_dir: Folder of the run.

    Returns:
        The state, or None where the run has none yet.

    Raises:
        ValueError: If the file is damaged.
    """
    path = run_dir / FILE_NAME
    if not path.exists():
        return None
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            facts = read_facts(file)
            lists: dict[str, list[np.ndarray]] = {"w": [], "o": [], "b": [], "e": []}
            arrays = sorted(name for name in file.files if name != "facts")
            # States of earlier versions do not count their arrays.
            if facts.pop("arrays", len(arrays)) != len(arrays):
                raise ValueError("arrays are missing")
            for key in arrays:
                lists[key[0]].append(file[key])
    # Damage shows as whatever the reader of zip files stumbles over.
    except Exception as error:
        raise ValueError(
            f"The saved state {path} must be whole. Received: a file that cannot be read: "
            f"{sentence(error)} Start without resume: restart=True (--restart) throws it away."
        ) from error
    return RunState(
        weights=lists["w"],
        optimizer=lists["o"],
        best_weights=lists["b"] or None,
        extra=lists["e"],
        **facts,
    )


def check_configuration(run_dir: Path, saved: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse to continue with a run that was started with another configuration.

    Args:
        run_dir: Folder of the run, for the message.
        saved: Configuration in the state.
        now: Configuration of this call.

    Raises:
        ValueError: If they differ, with each difference.
    """
    # An earlier version may have used other words.
    saved, now = current_values(saved), current_values(json.loads(json.dumps(now, default=float)))
    saved, now = _numberless(saved), _numberless(now)
    differing = [key for key in sorted({*saved, *now}) if saved.get(key) != now.get(key)]
    if differing:
        listed = "; ".join(
            f"{key}: {saved.get(key)!r} then, {now.get(key)!r} now" for key in differing
        )
        raise ValueError(
            f"The run in {run_dir} must have the same configuration. Received: another "
            f"configuration ({listed}). Give the same or another folder, or start without resume: "
            "restart=True (--restart) throws it away."
        )


def _numberless(configuration: dict[str, Any]) -> dict[str, Any]:
    """Take the numbers off the names of layers that Keras named, and counts through a process."""
    if "weights" not in configuration:
        return configuration
    weights = [re.sub(r"_\d+(?=/)", "", str(weight)) for weight in configuration["weights"]]
    return {**configuration, "weights": weights}

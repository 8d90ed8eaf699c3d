"""The state of a run in one file, and the folder it lies in: written atomically, resumed, refused.

Needs no Keras to be imported, so that a command refuses a wrong start at once.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.atomic import atomic_write
from keras_siamese.data.unreadable import sentence
from keras_siamese.deprecated import current_values

if TYPE_CHECKING:
    import keras

FILE_NAME = "state.npz"


def read_facts(file: Any) -> dict[str, Any]:
    """Return what a state says in words.

    Args:
        file: The open state, as `np.load` gives it.

    Returns:
        JSON types.
    """
    return json.loads(str(file["facts"]))


def check_start(run_dir: str | os.PathLike[str] | None, *, resume: bool, restart: bool) -> None:
    """Refuse to throw away a run that was stopped, unless that was asked for.

    Args:
        run_dir: Folder of the run; None for a run that saves nothing.
        resume: Whether to resume the run in the folder where there is one.
        restart: Whether to throw away the run in the folder where there is one.

    Raises:
        ValueError: If the folder holds an unfinished run, or one that cannot be read, and neither
            was asked for; if both were; or if one was without a folder.
    """
    if resume and restart:
        raise ValueError(
            "`resume` (--resume) and `restart` (--restart) must not come together. Received: both. "
            "Leave one out."
        )
    if run_dir is None:
        for name, given in (("resume", resume), ("restart", restart)):
            if given:
                raise ValueError(
                    f"`{name}` needs `run_dir`, the folder of the run. Received: None. Name it, or "
                    f"leave out `{name}`."
                )
        return
    path = Path(run_dir, FILE_NAME)
    if resume or restart or not path.exists():
        return
    ways = (
        "Resume it (resume=True, --resume), throw it away (restart=True, --restart), or name "
        "another folder."
    )
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            facts = read_facts(file)
            epochs, finished = int(facts["epoch"]), bool(facts["finished"])
    # Damage shows as whatever the reader of zip files stumbles over.
    except Exception as error:
        raise ValueError(
            f"`run_dir` must hold no run that cannot be read. Received: {path} ({error}). Throw it "
            "away (restart=True, --restart), or name another folder."
        ) from error
    if not finished:
        raise ValueError(
            f"`run_dir` must hold no unfinished run. Received: {str(run_dir)!r}, which holds one "
            f"of {epochs} epochs. {ways}"
        )


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
    from keras_siamese.compat import to_numpy

    return [to_numpy(variable) for variable in optimizer.variables]


def random_states(model: keras.Model) -> list[keras.Variable]:
    """Return the states of a siamese model's random layers, such as dropout: no weights."""
    from keras_siamese.models import twin_encoder, twin_head

    weights = {id(weight) for weight in model.weights}
    variables = [*twin_encoder(model).variables, *twin_head(model).variables]
    return [each for each in variables if id(each) not in weights]


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


def open_run(
    run_dir: str | Path | None,
    *,
    resume: bool,
    restart: bool = False,
    configuration: dict[str, Any],
    write: bool = True,
) -> tuple[Path | None, RunState | None]:
    """Open the folder of a run.

    Args:
        run_dir: Folder of the run; None for a run that saves nothing.
        resume: Whether to continue from the state in the folder where there is one.
        restart: Whether to throw away the state in the folder where there is one.
        configuration: Configuration of this call, as JSON types.
        write: Whether this process writes to the folder.

    Returns:
        The folder, and the state to continue from or None.

    Raises:
        ValueError: As `check_start`; or if the state to resume is damaged, or its run was started
            with another configuration.
        OSError: If the folder cannot be made or written.
    """
    check_start(run_dir, resume=resume, restart=restart)
    if run_dir is None:
        return None, None
    folder = Path(run_dir)
    if write:
        check_writable(folder)
        if restart:
            # At once: a stop in the first epoch must not leave a state of the run before.
            (folder / FILE_NAME).unlink(missing_ok=True)
    state = load_state(folder) if resume else None
    if state is not None:
        check_configuration(folder, state.configuration, configuration)
    return folder, state


def check_writable(run_dir: Path) -> None:
    """Make the folder of a run and write to it, before any work is done.

    Args:
        run_dir: Folder of the run, made where missing.

    Raises:
        OSError: If the folder cannot be made or written.
    """
    probe = run_dir / f"{FILE_NAME}.probe"
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"`run_dir` must be a folder that can be written. Received: {run_dir} ({error}). "
            "Choose another folder."
        ) from error

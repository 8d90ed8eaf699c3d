"""The folder of a run: can it be written, and is there a state to go on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_siamese.training.checkpoints import (
    FILE_NAME,
    RunState,
    check_configuration,
    load_state,
)


def open_run(
    run_dir: str | Path | None, *, resume: bool, configuration: dict[str, Any], write: bool = True
) -> tuple[Path | None, RunState | None]:
    """Open the folder of a run.

    Args:
        run_dir: Folder of the run; None for a run that saves nothing.
        resume: Whether to go on from the state in the folder where there is one.
        configuration: Configuration of this call, as JSON types.
        write: Whether this process writes to the folder.

    Returns:
        The folder, and the state to go on from or None.

    Raises:
        ValueError: If `resume` lacks a folder, the state is damaged, or the run was started with
            another configuration.
        OSError: If the folder cannot be made or written.
    """
    if run_dir is None:
        if resume:
            raise ValueError("`resume` needs `run_dir`, the folder of the run to go on with.")
        return None, None
    folder = Path(run_dir)
    if write:
        check_writable(folder)
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

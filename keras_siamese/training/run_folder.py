"""The folder of a run: can it be written, and is there a state to continue from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_siamese.training.checkpoints import RunState, check_configuration, load_state
from keras_siamese.training.unfinished import FILE_NAME, check_start


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

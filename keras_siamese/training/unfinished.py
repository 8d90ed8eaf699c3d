"""Refuse to overwrite a run that was stopped. Needs no Keras, so that the check is quick."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

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

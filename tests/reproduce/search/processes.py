"""Processes that search, for the tests of the command."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import optuna

from reproduce.search.study import open_storage, study_file
from tests.reproduce.tiny import TINY

ROOT = Path(__file__).parents[3]


def start(*arguments, epochs):
    """Start a search over runs of seconds."""
    command = [sys.executable, "-m", "reproduce.search", "--preset", "quick"]
    for setting in (*TINY, f"epochs={epochs}"):
        command += ["--set", setting]
    return start_process([*command, *arguments])


def start_process(command):
    """Start a process that finds the modules of the reproduction."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        # Where the tests run in a shell's background, Ctrl-C is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait(process):
    """Wait for a process to end, and return its code, output and errors."""
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def trials_of(folder, name="reduced-35"):
    """Return the trials of a study."""
    storage = open_storage(study_file(folder, name), name)
    return optuna.load_study(study_name=name, storage=storage).get_trials()

"""Processes that search, for the tests of the command."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import optuna

from reproduce.study_storage import open_storage
from tests.reproduce.tiny import TINY

ROOT = Path(__file__).parents[2]


def start(*arguments, epochs):
    """Start a search over runs of seconds."""
    command = [sys.executable, str(ROOT / "reproduce" / "search.py"), "--preset", "quick"]
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


def trials_of(url, name="reduced-35"):
    """Return the trials of a study."""
    return optuna.load_study(study_name=name, storage=open_storage(url, grace=4)).get_trials()

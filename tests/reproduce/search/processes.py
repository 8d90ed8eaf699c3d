"""Processes that search, for the tests of the command."""

import optuna

from reproduce.search.study import open_storage, study_file
from tests import forked
from tests.reproduce.tiny import TINY


def start(*arguments, epochs):
    """Start a search over runs of seconds."""
    command = ["-m", "reproduce.search", "--preset", "quick"]
    for setting in (*TINY, f"epochs={epochs}"):
        command += ["--set", setting]
    return forked.Process([*command, *arguments])


def wait(process):
    """Wait for a process to end, and return its code, output and errors."""
    output, errors = process.communicate()
    return process.returncode, output, errors


def trials_of(folder, name="reduced-35"):
    """Return the trials of a study."""
    storage = open_storage(study_file(folder, name), name)
    return optuna.load_study(study_name=name, storage=storage).get_trials()

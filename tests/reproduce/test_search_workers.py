"""The command of the search from end to end: real trainings, Ctrl-C, a killed worker."""

import json
import signal
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from reproduce import search
from reproduce.search_space import starting_points
from tests.reproduce.pretended import pretend
from tests.reproduce.search_processes import start, start_process, trials_of, wait

# A worker whose training reports one epoch and then hangs.
HANGING = """
import sys, time
from pathlib import Path
from keras_siamese.training.validation import MONITOR
from reproduce import search
from reproduce.paper import experiment

def run(config, *, callbacks, **_):
    callbacks[0].on_epoch_end(0, {MONITOR: 0.9})
    time.sleep(600)

experiment.run = run
search.main(preset="quick", runs=Path(sys.argv[1]), trials=1, grace=4)
"""


def stop_after_an_epoch(process, database, number):
    """Signal a worker once its trial has reported an epoch, and wait for its end."""
    try:
        while process.poll() is None and not reported(database):
            time.sleep(0.2)
        process.send_signal(number)
        return wait(process)
    finally:
        process.kill()


def reported(database):
    """Tell whether the study in an SQLite file has the accuracy of an epoch."""
    if not database.exists():
        return False
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        try:
            return bool(connection.execute("SELECT * FROM trial_intermediate_values").fetchall())
        except sqlite3.OperationalError:
            return False  # The tables are not made yet.


@pytest.mark.slow
def test_a_search_trains_goes_on_and_is_exported(tmp_path, capsys):
    arguments = ("--runs", str(tmp_path), "--study", "tiny")
    for count in (1, 1):
        code, output, errors = wait(start(*arguments, "--trials", str(count), epochs=3))
        assert code == 0, errors
        assert output.count("complete, validation") == count
        assert "Traceback" not in errors and "ExperimentalWarning" not in errors
    assert "tiny: 2 trials done" in output
    exported = tmp_path / "x.json"
    search.main(runs=tmp_path, study="tiny", export=exported)
    trials = json.loads(exported.read_text())["trials"]
    done = [trial for trial in trials if trial["state"] == "complete"]
    assert len(done) == 2
    for trial in done:
        assert len(trial["epochs"]) == 3
        assert trial["value"] == pytest.approx(max(trial["epochs"]), abs=1e-5)
        assert trial["seconds"] > 0
    best = max(trial["value"] for trial in done)
    assert f"validation {best:.2%}" in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_exits_with_130_and_leaves_the_trial_to_the_next_worker(tmp_path):
    worker = start("--runs", str(tmp_path), "--trials", "1", epochs=5000)
    database = tmp_path / "search-reduced-35.db"
    code, _, errors = stop_after_an_epoch(worker, database, signal.SIGINT)
    assert code == 130, errors
    assert "same command resumes" in errors and "Traceback" not in errors
    failed, *queued = trials_of(f"sqlite:///{database}")
    assert failed.state.name == "FAIL"
    assert queued[-1].state.name == "WAITING"
    assert queued[-1].system_attrs["fixed_params"] == failed.params == starting_points()[0]


@pytest.mark.slow
def test_the_trial_of_a_killed_worker_is_taken_up_again(tmp_path, monkeypatch):
    worker = start_process([sys.executable, "-c", HANGING, str(tmp_path)])
    database = tmp_path / "search-reduced-35.db"
    code, _, errors = stop_after_an_epoch(worker, database, signal.SIGKILL)
    assert code == -signal.SIGKILL, errors
    assert [trial.state.name for trial in trials_of(f"sqlite:///{database}")][0] == "RUNNING"
    time.sleep(6)  # Until the worker counts as dead.
    pretend(monkeypatch, *[[0.5]] * 4)
    search.main(preset="quick", runs=tmp_path, trials=4, grace=4)
    killed, *others = trials_of(f"sqlite:///{database}")
    assert killed.state.name == "FAIL"
    assert [trial.state.name for trial in others] == ["COMPLETE"] * 4
    assert [trial.params for trial in (others[-1], *others[:-1])] == starting_points()

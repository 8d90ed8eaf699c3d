"""The command of the search from end to end: real trainings, Ctrl-C, a killed worker."""

import json
import signal
import time

import pytest

from reproduce.search import __main__ as search
from tests import forked
from tests.reproduce.search.pretended import STARTS, pretend
from tests.reproduce.search.processes import start, trials_of, wait

# A worker whose training reports one epoch and then hangs.
HANGING = """
import sys, time
from pathlib import Path
from keras_siamese.training.callbacks import MONITOR
from reproduce.search import __main__ as search
from reproduce.paper import experiment

def run(config, *, callbacks, **_):
    callbacks[0].on_epoch_end(0, {MONITOR: 0.9})
    time.sleep(600)

experiment.run = run
search.main(preset="quick", runs=Path(sys.argv[1]), trials=1)
"""


def stop_after_an_epoch(process, file, number):
    """Signal a worker once its trial has reported an epoch, and wait for its end."""
    try:
        while process.poll() is None and not reported(file):
            time.sleep(0.2)
        process.send_signal(number)
        return wait(process)
    finally:
        process.kill()


def reported(file):
    """Tell whether a study's file has the accuracy of an epoch."""
    return file.exists() and b'"intermediate_value"' in file.read_bytes()


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
    file = tmp_path / "search-reduced-35.journal"
    code, _, errors = stop_after_an_epoch(worker, file, signal.SIGINT)
    assert code == 130, errors
    assert "same command resumes" in errors and "Traceback" not in errors
    failed, *queued = trials_of(tmp_path)
    assert failed.state.name == "FAIL"
    assert queued[-1].state.name == "WAITING"
    assert queued[-1].system_attrs["fixed_params"] == failed.params == STARTS[0]


@pytest.mark.slow
def test_the_trial_of_a_killed_worker_is_taken_up_again(tmp_path, monkeypatch):
    worker = forked.Process(["-c", HANGING, str(tmp_path)])
    file = tmp_path / "search-reduced-35.journal"
    code, _, errors = stop_after_an_epoch(worker, file, signal.SIGKILL)
    assert code == -signal.SIGKILL, errors
    assert [trial.state.name for trial in trials_of(tmp_path)][0] == "RUNNING"
    pretend(monkeypatch, *[[0.5]] * 4)
    search.main(preset="quick", runs=tmp_path, trials=4)
    killed, *others = trials_of(tmp_path)
    assert killed.state.name == "FAIL"
    assert [trial.state.name for trial in others] == ["COMPLETE"] * 4
    assert [trial.params for trial in (others[-1], *others[:-1])] == STARTS


@pytest.mark.slow
def test_two_workers_share_a_study(tmp_path):
    workers = [start("--runs", str(tmp_path), "--trials", "2", epochs=1) for _ in range(2)]
    numbers = []
    for code, output, errors in map(wait, workers):
        assert code == 0, errors
        assert "Traceback" not in errors and "Warning" not in errors.replace("WARNING", "")
        lines = [line for line in output.splitlines() if line.startswith("trial ")]
        numbers.append({int(line.split()[1].rstrip(":")) for line in lines})
    assert [len(own) for own in numbers] == [2, 2]
    assert numbers[0] | numbers[1] == set(range(4))
    trials = trials_of(tmp_path)
    assert [trial.number for trial in trials] == list(range(4))
    assert all(trial.state.name in ("COMPLETE", "PRUNED") for trial in trials)
    assert len({tuple(trial.params.values()) for trial in trials}) == 4
    # Both were at work at the same time.
    first, second = ([trials[number] for number in own] for own in numbers)
    assert min(t.datetime_start for t in first) < max(t.datetime_complete for t in second)
    assert min(t.datetime_start for t in second) < max(t.datetime_complete for t in first)

"""The tables from one command: trained, shared, killed, resumed, reported."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).parents[3]

# The real command with two tiny trainings on glyphs instead of the plan, and no baselines.
SCRIPT = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from reproduce import run_paper
from reproduce.paper import table_baselines
from reproduce.paper import plan
from reproduce.paper.presets import QUICK as CONFIG

tiny = CONFIG.override(
    epochs=int(sys.argv[3]), epoch_pairs=64, num_pairs=64, num_distortions=1,
    num_validation_pairs=64, num_test_pairs=64,
    encoder_options={"filters": [4, 4, 4, 4], "units": 8},
)
jobs = [plan.Job(tiny.override(name=name), (("1", "30k"),)) for name in ("one", "two")]
plan.planned_jobs = lambda **choice: jobs
table_baselines.write_baselines = lambda folder, **arguments: folder
import typer
sys.argv = ["run_paper.py", "--runs", sys.argv[2], *sys.argv[4:]]
typer.run(run_paper.main)
"""


def start(tmp_path, *arguments, epochs=3):
    """Start the command in a separate process."""
    return forked.Process(
        ["-c", SCRIPT, str(ROOT), str(tmp_path / "runs"), str(epochs), *arguments]
    )


def finish(process):
    """Wait for a process; return exit code, output and errors."""
    try:
        output, errors = process.communicate()
    finally:
        process.kill()
    return process.returncode, output, errors


def epochs_of(tmp_path, name):
    """Return the epochs in a training's log, in their order."""
    rows = (tmp_path / "runs" / name / "log.csv").read_text().splitlines()[1:]
    return [int(row.split(",")[0]) for row in rows]


@pytest.mark.slow
def test_two_processes_share_the_work_and_one_that_is_killed_is_gone_on_for(tmp_path):
    killed = start(tmp_path, epochs=15)
    for line in killed.stdout:
        if line.startswith("epoch 2/"):
            break
    survivor = start(tmp_path, "--resume", epochs=15)
    time.sleep(1)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    code, output, errors = finish(survivor)
    assert code == 0, errors
    results = tmp_path / "runs" / "results"
    for name in ("one-seed0", "two-seed0"):
        assert json.loads((results / f"{name}.json").read_text())["training"]["epochs"] == 15
        # The epoch in which the process was killed was done again, and has one row.
        assert epochs_of(tmp_path, name) == list(range(15))
    report = (results / "report.html").read_text()
    assert not re.search(r'(src|href)="https?:', report)
    assert "2 of 2 done, 0 running" in output


@pytest.mark.slow
def test_ctrl_c_interrupts_and_the_next_call_must_be_told_to_go_on(tmp_path):
    process = start(tmp_path, epochs=5000)
    for line in process.stdout:
        if line.startswith("epoch 2/"):
            process.send_signal(signal.SIGINT)
            break
    code, _, errors = finish(process)
    assert code == 130
    assert "--resume" in errors
    code, _, errors = finish(start(tmp_path, epochs=5000))
    assert code == 1
    assert "one-seed0" in errors and "--resume" in errors
    assert "Traceback" not in errors
    code, output, errors = finish(start(tmp_path, "--resume", "--budget", "0", epochs=5000))
    assert code == 0, errors
    assert "0 of 2 done" in output


@pytest.mark.slow
def test_a_training_that_fails_is_named_and_the_other_is_done(tmp_path):
    state = tmp_path / "runs" / "one-seed0" / "state.npz"
    state.parent.mkdir(parents=True)
    state.write_bytes(b"damaged")
    code, output, errors = finish(start(tmp_path, "--resume"))
    assert code == 1
    assert "one-seed0 failed: The saved state" in output
    assert "1 of 2 trainings failed" in errors
    assert "Traceback" not in errors
    assert (tmp_path / "runs" / "results" / "two-seed0.json").exists()

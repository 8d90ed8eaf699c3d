"""The command from end to end on a tiny configuration."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_siamese.training.checkpoints import load_state
from tests import forked
from tests.reproduce.tiny import SHORT, TINY

ROOT = Path(__file__).parents[2]


def read_result(tmp_path):
    """Return the one result that was written."""
    (path,) = (tmp_path / "results").glob("*.json")
    return json.loads(path.read_text())


def preset_command(tmp_path, settings):
    """Return the command for a run of the quick preset with other settings."""
    command = [str(ROOT / "reproduce" / "run_paper.py"), "--preset", "quick"]
    command += ["--runs", str(tmp_path / "runs"), "--results", str(tmp_path / "results")]
    for setting in settings:
        command += ["--set", setting]
    return command


def run(tmp_path, *arguments, settings=SHORT):
    """Run the command in a separate process."""
    return forked.run([*preset_command(tmp_path, settings), *arguments], cwd=tmp_path)


@pytest.mark.slow
def test_it_trains_scores_writes_and_resumes(tmp_path):
    # As a reader starts it; the other tests fork a process that has imported TensorFlow.
    command = [sys.executable, *preset_command(tmp_path, SHORT)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = read_result(tmp_path)
    for name in (
        "role", "table", "cell", "metric", "value", "interval", "n", "seed", "protocol", "size",
        "config", "data", "hardware", "seconds", "versions", "commit",
    ):  # fmt: skip
        assert name in result
    assert result["n"] == 400
    assert result["interval"][0] <= result["value"] <= result["interval"][1]
    assert f"{result['value']:.2%}" in done.stdout
    again = run(tmp_path, "--resume")
    repeated = read_result(tmp_path)
    assert again.returncode == 0
    assert "epoch 1/" not in again.stdout
    log = next((tmp_path / "runs").rglob("log.csv")).read_text().splitlines()
    assert len(log) == 3
    assert repeated["value"] == result["value"]


@pytest.mark.slow
def test_validation_only_leaves_the_test_unread(tmp_path):
    done = run(tmp_path, "--validate-only")
    assert done.returncode == 0, done.stderr
    result = read_result(tmp_path)
    assert result["other_results"] == []
    assert result["cell"] == "validation"
    assert result["role"] == "choice"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "huge"], "--preset must be one of ['quick', 'cpu'"),
        (["--set", "epoch=3"], "Received: epoch. Choose"),
        (["--set", 'learning_rates={"conv9": 0.1}'], "conv9"),
        (["--set", "epochs=abc"], "`epochs` must be a whole number"),
        (["--set", 'encoder_options={"foo": 1}'], "foo"),
        (["--resume", "--restart"], "must not come together"),
        (["--table", "1"], "--table must be for the tables"),
    ],
)
def test_bad_requests_are_answered_in_one_line(tmp_path, arguments, message):
    done = run(tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.json"))


def stop_in_third_epoch(tmp_path, number):
    """Start a long run, signal it in the third epoch, and return its exit code and errors."""
    process = forked.Process(preset_command(tmp_path, (*TINY, "epochs=5000")), cwd=tmp_path)
    for line in process.stdout:
        if line.startswith("epoch 2/"):
            process.send_signal(number)
            break
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def final_weights(tmp_path):
    """Return the weights of the last epoch and of the best one."""
    state = load_state(next((tmp_path / "runs").iterdir()))
    return state.epoch, [*state.weights, *state.best_weights, *state.optimizer]


@pytest.mark.slow
def test_a_killed_process_resumes_to_the_weights_of_one_left_alone(tmp_path):
    killed, alone = tmp_path / "killed", tmp_path / "alone"
    killed.mkdir()
    alone.mkdir()
    code, _ = stop_in_third_epoch(killed, signal.SIGKILL)
    assert code == -signal.SIGKILL
    epochs, _ = final_weights(killed)
    settings = (*TINY, f"epochs={epochs + 3}")
    refused = run(killed, settings=settings)
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    for folder, arguments in ((killed, ["--resume"]), (alone, [])):
        done = run(folder, *arguments, settings=settings)
        assert done.returncode == 0, done.stderr
    (resumed, ours), (whole, theirs) = final_weights(killed), final_weights(alone)
    assert resumed == whole == epochs + 3
    for first, second in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on_and_writes_no_result(tmp_path):
    code, errors = stop_in_third_epoch(tmp_path, signal.SIGINT)
    assert code == 130, errors
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.rglob("*.json"))
    assert final_weights(tmp_path)[0] >= 1


@pytest.mark.slow
def test_a_budget_leaves_the_test_unread_until_the_run_is_finished(tmp_path):
    done = run(tmp_path, "--budget", "0")
    assert done.returncode == 0, done.stderr
    assert "not finished" in done.stdout
    result = read_result(tmp_path)
    assert result["other_results"] == []
    assert result["table"] is None
    assert run(tmp_path, "--resume").returncode == 0
    assert read_result(tmp_path)["table"] == 2


def run_tables(tmp_path, *arguments):
    """Ask for the tables in a separate process."""
    command = [str(ROOT / "reproduce" / "run_paper.py"), "--runs", str(tmp_path / "runs")]
    return forked.run([*command, *arguments], cwd=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--table", "4"], "--table must be one of ['1', '2', '3', 'lengths', 'ablations']"),
        (["--cell", "60k"], "--cell must be one of"),
        (["--seed", "3"], "--seed must be for --preset"),
        (["--size", "50"], "--size must be one of [35, 105]"),
        (["--strategy", "multiworker"], "--strategy must not be multiworker for the tables"),
        (["--preset", "quick", "--strategy", "multiworker"], "needs TF_CONFIG in the environment"),
        (["--optimizer", "addons"], "--optimizer must be for --preset"),
    ],
)
def test_bad_choices_of_tables_are_answered_in_one_line(tmp_path, arguments, message):
    done = run_tables(tmp_path, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_dry_run_shows_plan_and_cost_and_trains_nothing(tmp_path):
    done = run_tables(tmp_path, "--dry-run", "--cell", "dense", "--seeds", "2")
    assert done.returncode == 0, done.stderr
    assert "grid-35-dense-seed0" in done.stdout
    assert "grid-35-dense-seed1" in done.stdout
    assert "to do" in done.stdout
    assert not list(tmp_path.rglob("state.npz"))


def free_ports(count):
    """Return ports of the loopback that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.mark.slow
def test_two_workers_write_one_result(tmp_path):
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
    command = [*preset_command(tmp_path, SHORT), "--strategy", "multiworker"]
    processes = []
    try:
        for index in range(2):
            task = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
            environment = {**os.environ, "TF_CONFIG": json.dumps(task)}
            processes.append(forked.Process(command, env=environment))
        outputs = [process.communicate(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], outputs
    result = read_result(tmp_path)
    assert result["training"]["epochs"] == 2
    assert "Result:" in outputs[0][0]
    assert "Result:" not in outputs[1][0]
    assert len(next((tmp_path / "runs").rglob("log.csv")).read_text().splitlines()) == 3

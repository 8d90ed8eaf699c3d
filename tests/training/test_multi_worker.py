"""Training under MultiWorkerMirroredStrategy: two processes do what one does."""

import contextlib
import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest

from tests import forked

PROBLEM = Path(__file__).with_name("small_problem.py")
KILLED = 9
SCRIPT = f"""
import importlib.util, json, os, sys
import keras
import numpy as np
import tensorflow as tf

from keras_siamese.training import TrainingConfig, train

mode, table, run_dir, target = sys.argv[1:]
rank = json.loads(os.environ.get("TF_CONFIG", '{{"task": {{"index": 0}}}}'))["task"]["index"]
alone = "TF_CONFIG" not in os.environ
strategy = tf.distribute.get_strategy() if alone else tf.distribute.MultiWorkerMirroredStrategy()
spec = importlib.util.spec_from_file_location("problem", {str(PROBLEM)!r})
problem_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(problem_module)


class Interrupt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if mode == "kill" and (self.epoch, batch) == (2, 1):
            os._exit({KILLED})

    def on_epoch_end(self, epoch, logs=None):
        if mode == "stop" and rank == 1:  # one of them alone, as a budget of time may
            self.model.stop_training = True


problem = problem_module.make_problem()
with strategy.scope():
    model = problem.build(learning_rate=0.1, momentum=0.9)
start = model.get_weights()
pairs = problem.pairs if table == "distorted" else problem.clean
if mode == "differ" and rank == 1:
    pairs.same[0] = ~pairs.same[0]
config = TrainingConfig(batch_size=16, epochs=4, ramp_epochs=2, seed=5)
result = train(
    model, problem.train, pairs, problem.episodes, config,
    run_dir=run_dir.format(rank=rank), resume=mode != "new", callbacks=[Interrupt()],
)
moved = max(np.abs(new - old).max() for new, old in zip(model.get_weights(), start))
np.savez(
    target.format(rank=rank), *model.get_weights(), loss=result.history["loss"], moved=moved,
    error=result.history["val_one_shot_error"], end=[result.epochs, result.finished],
)
"""  # fmt: skip


def start_alone(folder, table):
    """Train in one process and return what it saved."""
    arguments = ["new", table, str(folder / "run"), str(folder / "alone.npz")]
    environment = {key: value for key, value in os.environ.items() if key != "TF_CONFIG"}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1"}
    done = forked.run(["-c", SCRIPT, *arguments], cwd=PROBLEM.parents[2], env=environment)
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "alone.npz"))


def start_two(folder, mode, table, run_dir):
    """Train in two processes on this machine; return their exit codes and what they printed."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    arguments = [mode, table, str(run_dir), str(folder / "{rank}.npz")]
    processes = []
    try:
        for rank in range(2):
            task = {"type": "worker", "index": rank}
            cluster = json.dumps({"cluster": {"worker": addresses}, "task": task})
            environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CONFIG": cluster}
            processes.append(
                forked.Process(["-c", SCRIPT, *arguments], cwd=PROBLEM.parents[2], env=environment)
            )
        printed = ["".join(process.communicate(timeout=300)) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [process.returncode for process in processes], printed


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return what one process saves for a table of pairs; it trains once for each."""
    done = {}

    def trained(table):
        if table not in done:
            done[table] = start_alone(tmp_path_factory.mktemp(table), table)
        return done[table]

    return trained


def assert_same_run(folder, expected):
    """Both workers end with the weights and the history of one process, to rounding."""
    assert expected["moved"] > 0.01
    for rank in range(2):
        reached = np.load(folder / f"{rank}.npz")
        assert set(reached) == set(expected)
        for name, value in expected.items():
            np.testing.assert_allclose(reached[name], value, atol=1e-5, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["distorted", "clean"])
def test_two_workers_reach_the_weights_of_one_and_the_chief_alone_writes(tmp_path, alone, table):
    codes, printed = start_two(tmp_path, "new", table, tmp_path / "run{rank}")
    assert codes == [0, 0], printed
    assert_same_run(tmp_path, alone(table))
    assert (tmp_path / "run0" / "state.npz").exists()
    assert not (tmp_path / "run1").exists()
    assert ["epoch 4/4" in lines for lines in printed] == [True, False]


@pytest.mark.slow
def test_workers_stopped_by_one_of_them_and_then_killed_resume_to_the_same_weights(tmp_path, alone):
    codes, printed = start_two(tmp_path, "stop", "distorted", tmp_path / "run")
    assert codes == [0, 0], printed
    assert [np.load(tmp_path / f"{rank}.npz")["end"].tolist() for rank in range(2)] == [[1, 0]] * 2
    codes, printed = start_two(tmp_path, "kill", "distorted", tmp_path / "run")
    assert KILLED in codes and 0 not in codes, printed
    codes, printed = start_two(tmp_path, "resume", "distorted", tmp_path / "run")
    assert codes == [0, 0], printed
    assert "epoch 2/4" not in printed[0]
    assert_same_run(tmp_path, alone("distorted"))


@pytest.mark.slow
def test_workers_that_were_given_different_pairs_are_refused(tmp_path):
    codes, printed = start_two(tmp_path, "differ", "clean", tmp_path / "run")
    assert codes == [1, 1]
    for lines in printed:
        assert "ValueError: Every worker must be given the same" in lines
        assert "replicas [1] differ" in lines

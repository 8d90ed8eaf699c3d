"""The switch between one device, one machine and several."""

import json
import os
import socket
from pathlib import Path

import pytest
import tensorflow as tf

from keras_siamese.training import is_chief
from reproduce.paper.devices import make_strategy
from tests import forked

WORKERS = {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}
JOIN = """
from reproduce.paper import experiment  # what a run imports before it joins the others
from keras_siamese.training import is_chief
from reproduce.paper.devices import make_strategy

strategy = make_strategy("multiworker")
print(type(strategy).__name__, strategy.num_replicas_in_sync, is_chief(strategy))
"""


def test_none_is_the_strategy_that_is_there_anyway():
    strategy = make_strategy("none")
    assert strategy is tf.distribute.get_strategy()
    assert is_chief(strategy)


def test_mirrored_has_a_replica_for_every_gpu_or_the_cpu():
    strategy = make_strategy("mirrored")
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    assert strategy.num_replicas_in_sync == max(1, len(tf.config.list_logical_devices("GPU")))
    assert is_chief(strategy)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'none', 'mirrored', 'multiworker'.. Received: 'multi'"):
        make_strategy("multi")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (None, "the variable itself"),
        ("{cluster", "valid JSON"),
        ("[]", "a JSON object"),
        (json.dumps({"task": {"type": "worker", "index": 0}}), "the list cluster.worker"),
        (json.dumps({"cluster": {"worker": []}}), "the list cluster.worker"),
        (json.dumps({"cluster": WORKERS}), "task.type and task.index"),
        (json.dumps({"cluster": WORKERS, "task": {"type": "worker"}}), "task.type and task.index"),
        (
            json.dumps({"cluster": WORKERS, "task": {"type": "worker", "index": 2}}),
            "a place for task 2 in cluster.worker",
        ),
        (
            json.dumps({"cluster": WORKERS, "task": {"type": "chief", "index": 0}}),
            "a place for task 0 in cluster.chief",
        ),
    ],
)
def test_what_tf_config_lacks_is_named(monkeypatch, text, missing):
    if text is None:
        monkeypatch.delenv("TF_CONFIG", raising=False)
    else:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(
        ValueError, match=f"TF_CONFIG in the environment of every machine.*Missing: {missing}"
    ):
        make_strategy("multiworker")


@pytest.mark.slow
def test_a_cluster_of_one_is_joined_after_the_imports_of_a_run():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    cluster = {"cluster": {"worker": [address]}, "task": {"type": "worker", "index": 0}}
    done = forked.run(
        ["-c", JOIN],
        cwd=Path(__file__).resolve().parents[3],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CONFIG": json.dumps(cluster)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["CollectiveAllReduceStrategy", "1", "True"]

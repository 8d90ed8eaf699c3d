"""Metrics under a tf.distribute strategy: two replicas give what one gives, or an error."""

import json
from pathlib import Path

import numpy as np
import pytest

from keras_siamese import evaluation
from tests import forked

pytestmark = pytest.mark.keras3

# Logical devices must be made before TensorFlow starts, hence a separate process.
SCRIPT = """
import json, sys
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from keras_siamese import metrics

def evaluated(chosen, inputs, labels, **options):
    with strategy.scope():
        given = keras.Input(inputs.shape[1:])
        model = keras.Model(given, keras.layers.Activation("linear")(given))
        loss = lambda y_true, y_pred: keras.ops.sum(y_pred, axis=-1) * 0.0
        model.compile(loss=loss, metrics=[chosen()], **options)
    try:
        found = model.evaluate(inputs, labels, batch_size=16, verbose=0, return_dict=True)
    except ValueError as error:
        return str(error)
    return found[model.metrics[-1].metrics[0].name]

data = np.load(sys.argv[1])
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
pairs = data["probabilities"][:, None], data["same"][:, None]
print(json.dumps({
    "kept": evaluated(lambda: metrics.RecallAtK(size=64), data["vectors"], data["labels"]),
    "kept eagerly": evaluated(
        lambda: metrics.RecallAtK(size=64), data["vectors"], data["labels"], run_eagerly=True
    ),
    "batch": evaluated(metrics.RPrecision, data["vectors"], data["labels"]),
    "error": evaluated(metrics.EqualErrorRate, *pairs),
    "accepted": evaluated(lambda: metrics.TrueAcceptRate(0.2), *pairs),
}))
strategy = tf.distribute.MirroredStrategy(["CPU:0"])
print(evaluated(lambda: metrics.RecallAtK(size=64), data["vectors"], data["labels"]))
"""


@pytest.mark.slow
def test_a_size_is_refused_on_two_replicas_and_other_metrics_are_those_of_one(tmp_path):
    rng = np.random.default_rng(4)
    labels = np.tile(np.repeat(np.arange(2), 4), 8)
    vectors = (np.eye(3)[labels] + 0.5 * rng.normal(size=(64, 3))).astype(np.float32)
    same = rng.random(64) < 0.5
    probabilities = np.round(1 / (1 + np.exp(-rng.normal(2.0 * same - 1, 1.5))), 2)
    arrays = {"labels": labels, "vectors": vectors, "same": same.astype(np.int32)}
    arrays["probabilities"] = probabilities.astype(np.float32)
    np.savez(tmp_path / "data.npz", **arrays)
    root = Path(__file__).parents[2]
    done = forked.run(["-c", SCRIPT, str(tmp_path / "data.npz")], cwd=root)
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    found = json.loads(first)
    for name in ("kept", "kept eagerly"):
        assert "`size` must be None on several replicas" in found[name]
        assert "Received: size=64 on 2 replicas" in found[name]
    # Of each batch of 16, a replica gets 8.
    parts = [slice(start, start + 8) for start in range(0, 64, 8)]
    by_batch = [evaluation.r_precision(vectors[part], labels[part]) for part in parts]
    assert found["batch"] == pytest.approx(np.mean(by_batch), abs=1e-6)
    error = evaluation.equal_error_rate(probabilities, same)
    assert found["error"] == pytest.approx(error, abs=1e-6)
    point = evaluation.find_operating_point(probabilities, same, false_accept_rate=0.2)
    assert found["accepted"] == pytest.approx(1 - point.false_reject_rate, abs=1e-6)
    # One replica sees all.
    assert float(last) == pytest.approx(evaluation.recall_at_k(vectors, labels, k=1), abs=1e-6)

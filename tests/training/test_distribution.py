"""Training under a tf.distribute strategy: two replicas do what one does."""

from pathlib import Path

import numpy as np
import pytest

from tests import forked

# Logical devices must be made before TensorFlow starts, hence separate processes.
SCRIPT = """
import importlib.util, sys
import numpy as np
import tensorflow as tf

path, replicas, target, switch = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
spec = importlib.util.spec_from_file_location("problem", path)
problem_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(problem_module)

from keras_siamese.training import TrainingConfig, train

problem = problem_module.make_problem()
strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(replicas)])
with strategy.scope():
    model = problem.build(momentum=0.9)
pairs = problem.pairs if switch == "distorted" else problem.clean
config = TrainingConfig(
    batch_size=32, epochs=3, ramp_epochs=2, seed=5, jit_compile=switch == "jit"
)
result = train(model, problem.train, pairs, problem.episodes, config, verbose=0)
np.savez(target, *model.get_weights(), loss=result.history["loss"])
"""


def start(replicas, target, switch):
    """Train in a separate process."""
    path = Path(__file__).with_name("small_problem.py")
    command = ["-c", SCRIPT, str(path), str(replicas), str(target), switch]
    return forked.run(command, cwd=path.parents[2])


@pytest.mark.slow
@pytest.mark.parametrize("distorted", ["distorted", "clean"])
def test_two_replicas_reach_the_weights_of_one(tmp_path, distorted):
    reached = []
    for replicas in (1, 2):
        target = tmp_path / f"{replicas}.npz"
        done = start(replicas, target, distorted)
        assert done.returncode == 0, done.stderr
        reached.append(np.load(target))
    assert set(reached[0]) == set(reached[1])
    for name in reached[0]:
        np.testing.assert_allclose(reached[0][name], reached[1][name], atol=1e-5)


MEMORY = """
import keras
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

from keras_siamese.losses import ContrastiveLoss, CrossBatchMemory

with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    labels, vectors = keras.Input((), dtype="int32"), keras.Input((3,))
    memory = CrossBatchMemory(ContrastiveLoss(), memory_size=4)
    model = keras.Model([labels, vectors], memory([labels, keras.layers.Dense(3)(vectors)]))
    model.compile("sgd")
x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
model.fit([np.arange(8) // 2, x], batch_size=8, verbose=0, shuffle=False)
print([replica.numpy().tolist() for replica in memory.labels.value.values])
"""


@pytest.mark.slow
@pytest.mark.keras3
def test_each_replica_has_a_memory_of_its_own_part(tmp_path):
    done = forked.run(["-c", MEMORY], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[[0, 0, 1, 1], [2, 2, 3, 3]]"


@pytest.mark.slow
def test_xla_on_two_replicas_is_refused(tmp_path):
    done = start(2, tmp_path / "never.npz", "jit")
    assert done.returncode == 1
    assert "ValueError: `jit_compile` must be False on several replicas" in done.stderr

"""Training on the backend that Keras runs on: both loops, resuming, `fit`. Needs no TensorFlow."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_siamese.data import AffineRanges
from keras_siamese.data.camera_ranges import CameraRanges
from keras_siamese.data.distortions import distort
from keras_siamese.losses import ContrastiveLoss, CrossBatchMemory
from keras_siamese.models import conv_encoder, siamese_network, twin_encoder
from keras_siamese.training import (
    ClassBatches,
    EpisodeConfig,
    TrainingConfig,
    pair_batches,
    train,
    train_episodes,
)
from keras_siamese.training.checkpoints import FILE_NAME
from tests.backends import reference
from tests.training.small_problem import SIZE, make_problem

CONFIG = TrainingConfig(batch_size=16, epochs=4, ramp_epochs=2, seed=5)
EPISODES = EpisodeConfig(
    n_way=3,
    episodes_per_step=2,
    steps=6,
    validate_every=2,
    camera=CameraRanges(),
    ema_momentum=0.9,
    restore_best_weights=True,
)


class Stop(keras.callbacks.Callback):
    """Stop after an epoch, as a budget does."""

    def __init__(self, epoch):
        super().__init__()
        self.last = epoch

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == self.last


@pytest.fixture
def problem():
    return make_problem()


def on_pairs(problem, **options):
    model = problem.build()
    result = train(
        model, problem.train, problem.pairs, problem.episodes, CONFIG, verbose=0, **options
    )
    return SimpleNamespace(weights=model.get_weights(), result=result)


def on_episodes(problem, **options):
    # Batch statistics come with the encoder; a random layer has state, too.
    image = keras.Input((SIZE, SIZE, 1))
    encoder = conv_encoder((SIZE, SIZE, 1), filters=(4, 4), num_pools=2, units=8)
    features = keras.layers.Dropout(0.2, seed=3)(encoder(image))
    model = siamese_network(keras.Model(image, features), initializer="he")
    result = train_episodes(
        model, problem.train, EPISODES, validation_episodes=problem.episodes, verbose=0, **options
    )
    return SimpleNamespace(weights=model.get_weights(), result=result)


@pytest.mark.parametrize("train_one", [on_pairs, on_episodes])
def test_a_run_learns_is_repeatable_and_resumes_exactly(problem, tmp_path, train_one):
    whole = train_one(problem)
    assert whole.result.finished
    assert np.isfinite(whole.result.history["loss"]).all()
    again = train_one(problem)
    first = train_one(problem, run_dir=tmp_path, callbacks=[Stop(1)])
    assert not first.result.finished
    resumed = train_one(problem, run_dir=tmp_path, resume=True)
    for ours, same, continued in zip(whole.weights, again.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(ours, same)
        np.testing.assert_array_equal(ours, continued)
    assert resumed.result.history["loss"] == whole.result.history["loss"]


@pytest.mark.parametrize("kind", reference.RUNS)
@pytest.mark.parametrize("backend", reference.BACKENDS)
def test_a_run_of_any_backend_is_resumed_and_the_weights_agree(backend, kind, tmp_path):
    run, _, last = reference.RUNS[kind]
    files = reference.FILES / backend / kind
    shutil.copy(files / FILE_NAME, tmp_path)
    weights = run(last, tmp_path, resume=True)
    with np.load(files / reference.WEIGHTS) as expected:
        for name, ours in zip(sorted(expected.files), weights, strict=True):
            np.testing.assert_allclose(ours, expected[name], atol=1e-4)


def test_two_devices_take_the_steps_of_one(tmp_path):
    if keras.backend.backend() != "jax":
        pytest.skip("keras.distribution is JAX's")
    files = reference.FILES / "tensorflow" / "pairs"
    shutil.copy(files / FILE_NAME, tmp_path)
    code = (
        "import sys, keras, numpy as np\n"
        "from pathlib import Path\n"
        "keras.distribution.set_distribution(keras.distribution.DataParallel())\n"
        "assert len(keras.distribution.list_devices()) == 2\n"
        "from tests.backends import reference\n"
        "run, _, last = reference.RUNS['pairs']\n"
        "weights = run(last, Path(sys.argv[1]), resume=True)\n"
        "np.savez(sys.argv[2], *weights)\n"
    )
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, tmp_path / "weights.npz"],
        env=environment | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "weights.npz") as ours, np.load(files / reference.WEIGHTS) as expected:
        for name, other in zip(sorted(expected.files), ours.files, strict=True):
            np.testing.assert_allclose(ours[other], expected[name], atol=1e-4)


def test_all_fast_layers_need_tensorflow(problem):
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow has them")
    config = TrainingConfig(epochs=1, fast_layers="all")
    with pytest.raises(ValueError, match="`fast_layers`.*KERAS_BACKEND=tensorflow"):
        train(problem.build(), problem.train, problem.pairs, problem.episodes, config)


def test_pytorch_has_no_xla(problem):
    if keras.backend.backend() != "torch":
        pytest.skip("the others have it")
    config = TrainingConfig(epochs=1, jit_compile=True)
    with pytest.raises(ValueError, match="`jit_compile` must be False on the backend 'torch'"):
        train(problem.build(), problem.train, problem.pairs, problem.episodes, config)


# Keras's own NumPy backend imports JAX.
@pytest.mark.skipif(find_spec("jax") is None, reason="needs jax")
def test_a_backend_without_gradients_says_so():
    code = (
        "import numpy, keras\n"
        "from tests.backends import reference\n"
        "assert keras.backend.backend() == 'numpy'\n"
        "reference.run_pairs(1, None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | {"KERAS_BACKEND": "numpy", "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
    )
    line = done.stderr.strip().splitlines()[-1]
    assert (
        "Training needs Keras on TensorFlow, JAX or PyTorch. Received: the backend 'numpy'" in line
    )


def test_fit_takes_the_steps_of_train(problem):
    trained, fitted = problem.build(), problem.build()
    config = TrainingConfig(
        batch_size=16, epochs=2, ramp_epochs=0, initial_momentum=0.5, decay=0.0, patience=9
    )
    last = []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: last.append(trained.get_weights())
    )
    train(
        trained, problem.train, problem.pairs, problem.episodes, config, callbacks=[keep], verbose=0
    )
    batches = pair_batches(problem.train, problem.pairs, batch_size=16)
    fitted.fit(batches, epochs=2, verbose=0)
    for ours, theirs in zip(last[-1], fitted.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_batches_come_in_the_tables_order_outside_of_fit(problem):
    batches = pair_batches(problem.train, problem.pairs, batch_size=16)
    labels = np.concatenate([np.asarray(same) for _, same in batches])[:, 0]
    np.testing.assert_array_equal(labels, problem.pairs.same)
    assert len(batches) == -(-len(problem.pairs) // 16)


def test_class_batches_train_an_encoder(problem):
    batches = ClassBatches(
        problem.train,
        classes_per_batch=4,
        images_per_class=2,
        distortions=AffineRanges(probability=1),
        steps_per_epoch=3,
    )
    images, labels = batches[0]
    rows = batches._sampler.draw(0)
    clean = problem.train.images[rows.indices.reshape(-1)] / np.float32(255)
    np.testing.assert_allclose(images, distort(clean, rows.transforms.reshape(-1, 6)), atol=1e-3)
    np.testing.assert_array_equal(labels, np.repeat(labels[::2], 2))
    encoder = twin_encoder(problem.build())
    before = encoder.get_weights()[0]
    encoder.compile("sgd", lambda labels, vectors: keras.ops.mean(vectors, axis=1))
    encoder.fit(batches, epochs=2, verbose=0)
    assert np.abs(encoder.get_weights()[0] - before).max() > 0


def test_class_batches_train_an_encoder_with_a_memory(problem):
    batches = ClassBatches(
        problem.train, classes_per_batch=4, images_per_class=2, labels_as_input=True
    )
    encoder = twin_encoder(problem.build())
    before = encoder.get_weights()[0]
    label = keras.Input((), dtype="int32")
    memory = CrossBatchMemory(ContrastiveLoss(), memory_size=10)
    model = keras.Model([encoder.input, label], memory([label, encoder.output]))
    model.compile("sgd")
    assert model.fit(batches, verbose=0).history["loss"][0] > 0
    assert np.abs(encoder.get_weights()[0] - before).max() > 0
    assert int(memory.filled) == 10

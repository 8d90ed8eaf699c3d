"""A backend of Keras that is not installed or not known: the error says what to do."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from keras_siamese.backend_errors import BACKENDS

ROOT = Path(__file__).resolve().parents[2]
MISSING = [backend for backend in BACKENDS if find_spec(backend) is None]
THERE = ", ".join(backend for backend in BACKENDS if backend not in MISSING)
# Each of these needs Keras.
COMMANDS = (
    ("train", "glyphs", "out.zip"),
    ("export", "omniglot", "out", "--format", "saved_model"),
    ("export", "omniglot", "out.onnx", "--format", "onnx"),
)


def start(*arguments, backend, cwd):
    """Run Python with a backend, or None for no variable; returns what it printed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "KERAS_HOME": str(cwd / "keras")}
    environment.pop("KERAS_BACKEND")
    if backend is not None:
        environment["KERAS_BACKEND"] = backend
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd)


def lacking(backend):
    return (
        f"`KERAS_BACKEND` must name a backend of Keras that is installed. Received: {backend!r}, "
        f"and the package {backend} is not installed. Install it (pip install {backend}), or set "
        f"KERAS_BACKEND to one that is installed: {THERE}, before Python starts."
    )


@pytest.mark.parametrize("backend", MISSING)
def test_data_need_none_and_networks_name_what_is_missing(backend, tmp_path):
    code = (
        "import keras_siamese as ks\n"
        "print(len(ks.make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=2)))\n"
        "ks.dense_encoder()\n"
    )
    done = start("-c", code, backend=backend, cwd=tmp_path)
    assert done.stdout == "4\n"
    assert done.stderr.splitlines()[-1] == f"ImportError: {lacking(backend)}"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("backend", MISSING)
def test_a_command_says_it_in_one_line(backend, command, tmp_path):
    done = start("-m", "keras_siamese_command", *command, backend=backend, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"keras-siamese: {lacking(backend)}\n"
    assert not list(tmp_path.glob("out*"))


def test_without_the_variable_the_default_is_named(tmp_path):
    if "tensorflow" not in MISSING:
        pytest.skip("TensorFlow is installed")
    done = start("-c", "import keras_siamese.models.encoders", backend=None, cwd=tmp_path)
    expected = lacking("tensorflow").replace(
        "Received: 'tensorflow'", "Received: no such variable, which stands for 'tensorflow' here"
    )
    assert done.stderr.splitlines()[-1] == f"ImportError: {expected}"


def test_an_unknown_backend_is_answered_by_the_list(tmp_path):
    command = ("-m", "keras_siamese_command", "export", "omniglot", "out")
    done = start(*command, backend="pytorch", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "keras-siamese: `KERAS_BACKEND` must be one of tensorflow, jax, torch. Received: "
        f"'pytorch'. Unset it for TensorFlow, or set KERAS_BACKEND to one that is installed: "
        f"{THERE}, before Python starts.\n"
    )


@pytest.mark.skipif("tensorflow" not in MISSING, reason="TensorFlow is installed")
def test_what_needs_tensorflow_itself_says_so(tmp_path):
    backend = os.environ["KERAS_BACKEND"]
    script = ROOT / "reproduce" / "run_paper.py"
    done = start(script, "--preset", "quick", "--runs", "runs", backend=backend, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "run_paper: No module named 'tensorflow'. It needs TensorFlow; reproduce.paper.gpu_run "
        "trains without it\n"
    )
    done = start("-c", "import keras_siamese.addons", backend=backend, cwd=tmp_path)
    *_, line = done.stderr.splitlines()
    assert line.startswith("ImportError: keras_siamese.addons needs tensorflow-addons 0.23")
    assert f"on the backend {backend!r}" in line

"""Settings and fixtures that every test shares.

The environment is set here, before anything imports Keras: logs are quiet, and no test reads or
writes the home folder of the person who runs it.
"""

import gc
import os
import random
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

# Each run tries the same examples, and none fails because the machine was busy. To look for others:
# `make test PYTEST_ARGS="--hypothesis-profile=random"`. The backends without TensorFlow do without.
if find_spec("hypothesis") is not None:
    from hypothesis import settings

    settings.register_profile("repeatable", deadline=None, derandomize=True)
    settings.register_profile("random", deadline=None, print_blob=True)
    settings.load_profile("repeatable")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Without TensorFlow, tests/backends run on the backend that the environment names (docs/stacks.md).
if find_spec("tensorflow") is not None:
    os.environ["KERAS_BACKEND"] = "tensorflow"

# A process per core (`make test`): more threads than cores would wait for one another, busily.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(_name, "1")

# The garbage collector goes through all that was imported; it may do so less often than at 700.
gc.set_threshold(10_000, 10, 10)

# One folder a test run, so that the archives are parsed once. Not a folder of pytest's own, which
# would be kept for three runs.
_HOME = tempfile.TemporaryDirectory(prefix="keras_siamese_tests_", ignore_cleanup_errors=True)
os.environ["KERAS_HOME"] = str(Path(_HOME.name, "keras"))
os.environ["KERAS_SIAMESE_CACHE"] = str(Path(_HOME.name, "cache"))

# Taken once, because tests without the marker `data` run with the variable unset.
_DATA = os.environ.get("KERAS_SIAMESE_DATA")
_DATA_DIR = Path(_DATA).resolve() if _DATA and Path(_DATA).is_dir() else None

_KERAS = version("keras")

pytest_plugins = ["tests.fast"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the flag that lets the slow tests run."""
    parser.addoption("--runslow", action="store_true", help="run the tests marked slow, too")


def pytest_unconfigure() -> None:
    """Removes the folder of this test run."""
    _HOME.cleanup()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips slow tests without `--runslow`, and those that need another stack or data.

    Files with slow tests start first: else the last of them would run when all others are done.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        # The keywords would not do: they hold the folder's name too, and tests/data is one.
        if item.get_closest_marker("slow") and not config.getoption("--runslow"):
            item.add_marker(pytest.mark.skip(reason="slow: give --runslow"))
        if item.get_closest_marker("addons") and find_spec("tensorflow_addons") is None:
            item.add_marker(pytest.mark.skip(reason="addons: no tensorflow-addons here"))
        if item.get_closest_marker("keras3") and _KERAS.startswith("2."):
            item.add_marker(pytest.mark.skip(reason=f"keras3: this is Keras {_KERAS}"))
        if item.get_closest_marker("data") and _DATA_DIR is None:
            item.add_marker(pytest.mark.skip(reason="data: KERAS_SIAMESE_DATA names no folder"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Draws the same initial weights in every run: a bound holds for all runs or for none."""
    if "keras" in sys.modules and not _KERAS.startswith("2."):
        sys.modules["keras"].utils.set_random_seed(0)
    elif "keras" in sys.modules:
        # Keras 2's own function then draws seeds in a way that Python warns of.
        random.seed(0)
        sys.modules["numpy"].random.seed(0)
        sys.modules["tensorflow"].random.set_seed(0)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real archives, for tests with the marker `data`."""
    if _DATA_DIR is None:
        pytest.skip("KERAS_SIAMESE_DATA names no folder")
    return _DATA_DIR


@pytest.fixture(autouse=True)
def _no_ambient_data(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides `KERAS_SIAMESE_DATA` from tests not marked `data`: they mean the same everywhere."""
    if request.node.get_closest_marker("data") is None:
        monkeypatch.delenv("KERAS_SIAMESE_DATA", raising=False)


@pytest.fixture
def accept_stand_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expects the content of `stand_ins.lake_files` instead of that of Lake's official runs."""
    from tests.data.stand_ins import lake_digest

    monkeypatch.setattr("keras_siamese.data.datasets.lake_runs._DIGEST", lake_digest())

"""The small problem, and runs of it, as fixtures."""

import shutil
from types import SimpleNamespace

import keras
import pytest

from keras_siamese.training import TrainingConfig
from tests.training import small_problem
from tests.training.loop_runs import CONFIG, EpochWeights, run


@pytest.fixture(scope="session")
def make_problem():
    """Return the function that makes data, clean and distorted pairs, and validation episodes."""
    return small_problem.make_problem


@pytest.fixture
def problem(make_problem):
    """Return a problem of the test's own."""
    return make_problem()


@pytest.fixture(scope="session")
def whole(make_problem, tmp_path_factory):
    """Return weights, result, weights of each epoch, folder and log of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    log = folder / "log.csv"
    model, result = run(
        make_problem(),
        run_dir=folder / "run",
        callbacks=[seen := EpochWeights(), keras.callbacks.CSVLogger(str(log))],
    )
    return SimpleNamespace(
        model=model,
        weights=model.get_weights(),
        result=result,
        seen=seen.weights,
        folder=folder / "run",
        log=log,
    )


@pytest.fixture(scope="session")
def two_epochs(make_problem, tmp_path_factory):
    """Return the folder of a run of two epochs."""
    folder = tmp_path_factory.mktemp("two")
    run(make_problem(), TrainingConfig(**{**vars(CONFIG), "epochs": 2}), run_dir=folder)
    return folder


@pytest.fixture
def finished(whole, tmp_path):
    """Return a copy of the uninterrupted run's folder."""
    return shutil.copytree(whole.folder, tmp_path / "finished")


@pytest.fixture
def begun(two_epochs, tmp_path):
    """Return a copy of the folder of two epochs."""
    return shutil.copytree(two_epochs, tmp_path / "begun")

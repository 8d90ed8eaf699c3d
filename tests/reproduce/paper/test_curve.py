"""The log of a training: the same file as Keras's, in each sitting of a run."""

import keras
import numpy as np
import pytest

from reproduce.paper.curve import Curve

LOGS = [
    {"loss": 0.5 / (epoch + 1), "val_one_shot_error": np.float32(0.1 * epoch), "seconds": 3}
    for epoch in range(4)
]


def write(logger, epochs):
    """Have a callback log some epochs."""
    logger.set_model(keras.Sequential())
    logger.on_train_begin()
    for epoch in epochs:
        logger.on_epoch_end(epoch, LOGS[epoch])
    logger.on_train_end()


def test_a_run_of_two_sittings_is_logged_as_keras_does(tmp_path):
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    for epochs, resume in ((range(2), False), (range(2, 4), True)):
        write(Curve(ours, resume=resume), epochs)
        write(keras.callbacks.CSVLogger(str(theirs), append=resume), epochs)
        assert ours.read_bytes() == theirs.read_bytes()


def test_an_epoch_that_is_done_again_has_one_row(tmp_path):
    path = tmp_path / "log.csv"
    write(Curve(path, resume=True), range(3))
    # Killed before the state of the third epoch was saved.
    write(Curve(path, resume=True), (2, 3))
    first = [line.split(",")[0] for line in path.read_text().splitlines()]
    assert first == ["epoch", "0", "1", "2", "3"]


@pytest.mark.parametrize("resume", [False, True])
def test_a_new_run_starts_a_new_file(tmp_path, resume):
    path = tmp_path / "log.csv"
    if not resume:
        write(Curve(path), range(4))
    write(Curve(path, resume=resume), range(1))
    assert len(path.read_text().splitlines()) == 2


def test_figures_of_a_later_version_get_a_column(tmp_path):
    path = tmp_path / "log.csv"
    write(Curve(path), range(1))
    later = Curve(path, resume=True)
    later.on_epoch_end(1, {**LOGS[1], "watts": 7})
    header, old, new = path.read_text().splitlines()
    assert header.endswith(",watts") and old.endswith(",") and new.endswith(",7")

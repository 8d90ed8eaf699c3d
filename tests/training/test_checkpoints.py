"""Saved states: whole or not at all."""

import keras
import numpy as np
import pytest

from keras_siamese.training.checkpoints import (
    FILE_NAME,
    RunState,
    check_configuration,
    load_state,
    restore_values,
    save_state,
)


def make_state(epoch=3, value=1.5):
    """Return a small state."""
    return RunState(
        epoch=epoch,
        finished=False,
        weights=[np.full((2, 3), value, np.float32) for _ in range(12)],
        optimizer=[np.array(7, np.int64), np.arange(3.0)],
        best_weights=[np.zeros(2, np.float32)],
        early_stopping={"wait": 1, "best": 0.25, "best_epoch": 1},
        history={"loss": [0.7, 0.6, 0.5]},
        configuration={"seed": 0, "rates": {"conv1": 0.1}},
        extra=[np.full(3, value, np.float32), np.array([1, 2], np.uint32)],
    )


def test_a_state_comes_back_as_it_was(tmp_path):
    saved = make_state()
    save_state(tmp_path / "run", saved)
    loaded = load_state(tmp_path / "run")
    for name in ("weights", "optimizer", "best_weights", "extra"):
        for ours, theirs in zip(getattr(loaded, name), getattr(saved, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype
    for name in ("epoch", "finished", "early_stopping", "history", "configuration"):
        assert getattr(loaded, name) == getattr(saved, name)


def test_numbers_of_numpy_in_the_history_are_kept_as_pythons(tmp_path):
    state = make_state()
    state.history["seen"] = [np.float32(0.5), np.int64(3)]
    save_state(tmp_path, state)
    assert load_state(tmp_path).history["seen"] == [0.5, 3]


def test_a_damaged_table_of_contents_is_named(tmp_path):
    path = save_state(tmp_path, make_state())
    content = bytearray(path.read_bytes())
    # The version of the format that reading the last entry asks for.
    content[content.rindex(b"PK\x01\x02") + 6] ^= 128
    path.write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read.*without resume"):
        load_state(tmp_path)


def test_a_state_without_some_of_its_arrays_is_named(tmp_path):
    path = save_state(tmp_path, make_state())
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name != "w0003"}
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match="arrays are missing"):
        load_state(tmp_path)


def test_a_state_with_python_objects_is_refused(tmp_path):
    path = save_state(tmp_path, make_state())
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    # Reading it would run what the file says.
    np.savez(path, **{**arrays, "w0003": np.array([{"a": 1}], object)})
    with pytest.raises(ValueError, match="cannot be read.*allow_pickle=False"):
        load_state(tmp_path)


def test_a_state_of_other_variables_is_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(ValueError, match="values besides the weights.*Received: 4.*without resume"):
        restore_values(make_state(), model)


def test_no_state_yet(tmp_path):
    assert load_state(tmp_path) is None


def test_a_failed_write_leaves_the_old_state_and_no_part(tmp_path, monkeypatch):
    save_state(tmp_path, make_state(epoch=3))

    def full_disk(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_state(tmp_path, make_state(epoch=4))
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert load_state(tmp_path).epoch == 3


@pytest.mark.parametrize("cut", [0, 100, -30])
def test_a_damaged_state_is_named(tmp_path, cut):
    path = save_state(tmp_path, make_state())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="cannot be read.*without resume"):
        load_state(tmp_path)


def test_another_configuration_is_told_apart_by_its_differences(tmp_path):
    with pytest.raises(ValueError, match=r"batch_size: 128 then, 64 now; l2: None then, 0.1 now"):
        check_configuration(
            tmp_path, {"batch_size": 128, "seed": 0}, {"batch_size": 64, "seed": 0, "l2": 0.1}
        )
    check_configuration(tmp_path, {"filters": [1, 2]}, {"filters": (1, 2)})
    # A state writes NumPy's numbers as Python's.
    check_configuration(tmp_path, {"rate": 0.5}, {"rate": np.float32(0.5)})

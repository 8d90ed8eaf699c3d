"""Networks in files: whole or not at all, safe mode, and errors that name the file."""

import zipfile

import keras
import numpy as np
import pytest

from keras_siamese.models import siamese_network
from keras_siamese.models.files import load_network, save_network


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input((3, 3, 1))
    return siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)), seed=3)


def test_a_network_comes_back_as_it_was(model, tmp_path):
    save_network(model, tmp_path / "a.keras")
    loaded = load_network(tmp_path / "a.keras")
    for value, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_a_failed_save_leaves_the_old_file_alone(model, tmp_path, monkeypatch):
    path = tmp_path / "a.keras"
    path.write_text("old")

    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_network(model, path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.keras"]
    assert path.read_text() == "old"


def altered(content: bytes, path) -> None:
    """Write an archive again, its configuration replaced."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in (entries | {"config.json": content}).items():
            archive.writestr(name, value)


LAMBDA = (
    b'{"module": "keras.layers", "class_name": "Lambda", "registered_name": null, "config": '
    b'{"name": "x", "function": {"class_name": "__lambda__", "config": {"code": "4wE=", '
    b'"defaults": null, "closure": null}}}}'
)


@pytest.mark.parametrize(
    "content", [b"{", b"{}", b"[1]", LAMBDA], ids=["cut", "{}", "list", "code"]
)
def test_a_file_that_was_tampered_with_is_refused(model, tmp_path, content):
    path = tmp_path / "a.keras"
    save_network(model, path)
    altered(content, path)
    with pytest.raises(ValueError, match=r"a.keras' must be a .keras file of a siamese network"):
        load_network(path)


def test_other_files_are_refused_by_name(model, tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    (tmp_path / "folder.keras").mkdir()
    twin_encoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    twin_encoder.save(tmp_path / "other.keras")
    with zipfile.ZipFile(tmp_path / "a.zip", "w"):
        pass
    for name in ("text.keras", "folder.keras", "other.keras", "a.zip"):
        with pytest.raises(ValueError, match=f"{name}' must be a .keras file of a siamese"):
            load_network(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"no file .*missing.keras"):
        load_network(tmp_path / "missing.keras")

"""Networks in files: whole or not at all, safe mode, and errors that name the file."""

import re
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_siamese import Recognizer
from keras_siamese.data import Preprocessing
from keras_siamese.models import siamese_network
from keras_siamese.models.network_files import load_network, network_preprocessing, save_network
from tests.recognizer.drawings import make_network


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


@pytest.mark.keras3
def test_a_layer_with_code_of_python_is_refused(tmp_path):
    image = keras.Input((3, 3, 1))
    doubled = keras.layers.Lambda(lambda x: 2 * x, output_shape=(9,))
    encoder = keras.Model(image, doubled(keras.layers.Flatten()(image)))
    siamese_network(encoder).save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match="must be a .keras file of a siamese network.*Lambda"):
        load_network(tmp_path / "a.keras")


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


def test_a_file_says_how_its_images_are_read_and_keras_reads_it_too(model, tmp_path):
    preprocessing = Preprocessing(3, polarity="light_on_dark", aspect="fit")
    save_network(model, tmp_path / "a.keras", preprocessing=preprocessing)
    assert network_preprocessing(tmp_path / "a.keras") == preprocessing
    for loaded in (
        load_network(tmp_path / "a.keras"),
        keras.saving.load_model(tmp_path / "a.keras"),
    ):
        np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_what_does_not_say_it_or_says_it_wrongly_is_told(model, tmp_path):
    model.save(tmp_path / "a.keras")
    assert network_preprocessing(tmp_path / "a.keras") is None
    for number, content in enumerate(("{", "[]", '{"size": [3, 3]}')):
        path = tmp_path / f"{number}.keras"
        path.write_bytes((tmp_path / "a.keras").read_bytes())
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("preprocessing.json", content)
        with pytest.raises(ValueError, match=f"{number}.keras' must be a .keras file that says"):
            network_preprocessing(path)
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(ValueError, match="text.keras' must be a .keras file"):
        network_preprocessing(tmp_path / "text.keras")
    with pytest.raises(FileNotFoundError):
        network_preprocessing(tmp_path / "missing.keras")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path, value):
    inputs = keras.Input((3, 3, 1))
    damaged = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    kernel, *rest = damaged.get_weights()
    kernel[4] = value
    damaged.set_weights([kernel, *rest])
    save_network(damaged, tmp_path / "a.keras")
    for load in (load_network, Recognizer.load):
        with pytest.raises(ValueError, match="Received: NaN or inf in 1 of the 9 .*kernel'"):
            load(tmp_path / "a.keras")


def test_every_file_of_a_network_is_written_whole_or_not_at_all():
    """`save` of Keras empties an existing file before it writes."""
    root = Path(__file__).resolve().parents[2]
    calls = {
        str(file.relative_to(root)): line.strip()
        for folder in ("keras_siamese", "reproduce")
        for file in sorted((root / folder).rglob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"model\.save\(|save_model\(|save_weights\(", line)
    }
    # These two write into a folder that is gone afterwards.
    assert sorted(calls) == [
        "keras_siamese/models/bundles.py",
        "keras_siamese/models/network_files.py",
    ]


@pytest.mark.parametrize("name", ["x" * 300, "../out", "assets/x"])
def test_a_file_with_more_in_it_is_refused_and_nothing_of_it_stays(tmp_path, monkeypatch, name):
    path = tmp_path / "a.keras"
    save_network(make_network(), path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"more")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    with pytest.raises(ValueError, match="a.keras' must be .* what is no part of an image network"):
        load_network(path)
    assert list((tmp_path / "scratch").iterdir()) == []

"""A network in a file that would run code, or compute what is no number: no loader believes it."""

import io
import os
import zipfile

import keras
import numpy as np
import pytest

from keras_siamese import Recognizer, siamese_network
from keras_siamese.models.network_files import load_network, save_network
from tests.recognizer.drawings import SIDE, drawing, make_network
from tests.recognizer.saved_files import LOADERS, SAVERS, written

# Every loader, with the kinds of files that it takes.
LOADS = [
    *((kind, loader) for kind, loader in LOADERS.items()),
    *(("Recognizer", LOADERS[kind]) for kind in ("Verifier", "OneShotClassifier")),
    *((kind, Recognizer) for kind in ("Verifier", "OneShotClassifier")),
]
LOAD_IDS = [f"{kind} by {loader.__name__}" for kind, loader in LOADS]
PICTURES = np.stack([drawing(1), drawing(2, 5)])


class Touch:
    """An object whose pickle makes a folder when it is read."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def entries_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def keras_file(network, folder):
    save_network(network, folder / "network.keras")
    return entries_of(folder / "network.keras")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Entries of a file of each kind, by name."""
    folder, network, found = tmp_path_factory.mktemp("saved"), make_network(), {}
    for kind, save in SAVERS.items():
        save(network, folder / "file.zip")
        found[kind] = entries_of(folder / "file.zip")
    return found


def pickled(save):
    content = io.BytesIO()
    save(content, np.array([Touch()], object))
    return content.getvalue()


def with_lambda(folder):
    inputs = keras.Input((SIDE, SIDE, 1))
    doubled = keras.layers.Lambda(lambda x: x * 2)(inputs)
    return keras_file(siamese_network(keras.Model(inputs, keras.layers.Flatten()(doubled))), folder)


def with_module(folder):
    """The layer is of another module, whose class runs a program."""
    parts = keras_file(make_network(), folder)
    config = parts["config.json"].decode()
    flatten = '{"module": "keras.layers", "class_name": "Flatten", "config": {'
    assert flatten in config
    program = (
        '{"module": "subprocess", "class_name": "Popen", "config": {"args": ["mkdir", "ran"], '
    )
    return parts | {"config.json": config.replace(flatten, program).encode()}


def with_pickle(folder):
    """The weights are an archive of NumPy, which Keras reads, too, with a pickle in it."""
    parts = keras_file(make_network(), folder)
    del parts["model.weights.h5"]
    array = pickled(lambda file, value: np.save(file, value, allow_pickle=True))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("__root__", "layers", "vars", "layers/flatten/vars"):
            archive.writestr(f"{name}.npy", array)
    return parts | {"model.weights.npz": content.getvalue()}


def with_weight(value):
    def make(folder):
        network = make_network()
        *others, kernel, bias = network.get_weights()
        kernel[3] = value
        network.set_weights([*others, kernel, bias])
        return keras_file(network, folder)

    return make


HOSTILE = {
    "Lambda": with_lambda,
    "module": with_module,
    "pickle": with_pickle,
    "NaN": with_weight(np.nan),
    "inf": with_weight(-np.inf),
}


@pytest.fixture
def written_with(saved, tmp_path, monkeypatch):
    """Write a file of a kind with another network in it, from within a separate folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def write(kind, parts):
        network = written(tmp_path / "changed.keras", parts).read_bytes()
        return written(tmp_path / "changed.zip", saved[kind] | {"model.keras": network})

    return write


# Keras 2.15 runs what a file names.
@pytest.mark.keras3
@pytest.mark.parametrize(("kind", "loader"), LOADS, ids=LOAD_IDS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_loader_refuses_it_by_name(hostile, kind, loader, written_with, tmp_path):
    path = written_with(kind, HOSTILE[hostile](tmp_path))
    with pytest.raises(ValueError, match=r"changed\.zip'"):
        loader.load(path)
    for load in (load_network, Recognizer.load):
        with pytest.raises(ValueError, match=r"changed\.keras'"):
            load(tmp_path / "changed.keras")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(("kind", "loader"), LOADS, ids=LOAD_IDS)
def test_a_pickle_in_place_of_an_array_is_refused(kind, loader, saved, written_with, tmp_path):
    array = pickled(lambda file, value: np.save(file, value, allow_pickle=True))
    for name in (name for name in saved[kind] if name.endswith(".npy")):
        path = written(tmp_path / "changed.zip", saved[kind] | {name: array})
        with pytest.raises(ValueError, match=rf"changed\.zip'.*{name[:-4]}"):
            loader.load(path)
    assert not (tmp_path / "here" / "ran").exists()


# NumPy warns of it first.
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
@pytest.mark.parametrize(("kind", "loader"), LOADS, ids=LOAD_IDS)
def test_finite_weights_that_overflow_give_no_answer(kind, loader, written_with, tmp_path):
    network = make_network()
    *others, kernel, bias = network.get_weights()
    # The sum of the differences is infinity less infinity.
    kernel[:] = np.where(np.arange(len(kernel)) % 2, 3e38, -3e38)[:, None]
    network.set_weights([*others, kernel, bias])
    loaded = loader.load(written_with(kind, keras_file(network, tmp_path)))
    images = 255 - PICTURES[..., None]
    asked = {
        "Recognizer": lambda: loaded.verify(list(PICTURES), list(PICTURES[::-1])),
        "Verifier": lambda: loaded.probabilities(images, images[::-1]),
        "OneShotClassifier": lambda: loaded.predict_proba(images),
    }
    with pytest.raises(ValueError, match="must be finite"):
        asked[loader.__name__]()

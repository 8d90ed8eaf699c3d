"""One file for a network and what was fitted beside it."""

import zipfile

import keras
import numpy as np
import pytest

from keras_siamese import siamese_network
from keras_siamese.models.bundles import read_bundle, write_bundle


@pytest.fixture
def network():
    encoder = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    return siamese_network(encoder)


def test_what_is_written_is_read(network, tmp_path):
    arrays = {"numbers": np.arange(6.0).reshape(2, 3), "words": np.array(["a", "é"])}
    write_bundle(tmp_path / "b.zip", "Thing", network, {"rate": 0.1}, arrays)
    model, settings, found = read_bundle(tmp_path / "b.zip", "Thing", ["rate"], list(arrays))
    assert settings == {"rate": 0.1}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    vectors = np.random.default_rng(0).random((2, 4, 3))
    np.testing.assert_array_equal(model(list(vectors)), network(list(vectors)))


def test_objects_are_not_written_and_the_old_file_stays(network, tmp_path):
    path = tmp_path / "b.zip"
    write_bundle(path, "Thing", network, {}, {})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="allow_pickle"):
        write_bundle(path, "Thing", network, {}, {"objects": np.array([{}], object)})
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.zip"]


def test_safe_mode_stays_on(tmp_path):
    image = keras.Input((3,))
    unsafe = keras.Model(image, keras.layers.Lambda(lambda x: x * 2)(image))
    write_bundle(tmp_path / "b.zip", "Thing", unsafe, {}, {})
    with pytest.raises(ValueError, match="written by Thing.save.*Lambda"):
        read_bundle(tmp_path / "b.zip", "Thing", (), ())


def test_what_is_missing_is_an_error(network, tmp_path):
    write_bundle(tmp_path / "b.zip", "Thing", network, {}, {})
    with pytest.raises(ValueError, match="no item named 'numbers.npy'"):
        read_bundle(tmp_path / "b.zip", "Thing", (), ["numbers"])
    with pytest.raises(ValueError, match=r"its settings are \[\]"):
        read_bundle(tmp_path / "b.zip", "Thing", ["rate"], ())
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert sorted(archive.namelist()) == ["model.keras", "settings.json"]

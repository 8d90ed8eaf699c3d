"""One file for a network and what was fitted for it."""

import io
import json
import zipfile

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keras_siamese import siamese_network
from keras_siamese.models.bundles import bundle_kind, read_bundle, write_bundle


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


def _with_model(path, edit):
    """Writes the bundle anew, the configuration in its Keras file changed by `edit`."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(io.BytesIO(entries["model.keras"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["config.json"].decode()
    parts["config.json"] = json.dumps(edit(json.loads(text))).encode()
    inner = io.BytesIO()
    for target, content in ((inner, parts), (path, entries)):
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        entries["model.keras"] = inner.getvalue()


def _replaced(config, place, value):
    """Returns the configuration with every entry of a key replaced."""
    if isinstance(config, dict):
        return {k: value if k == place else _replaced(v, place, value) for k, v in config.items()}
    if isinstance(config, list):
        return [_replaced(each, place, value) for each in config]
    return config


def test_a_configuration_that_is_written_anew_is_read(network, tmp_path):
    write_bundle(tmp_path / "b.zip", "Thing", network, {}, {})
    _with_model(tmp_path / "b.zip", lambda config: config)
    model, _, _ = read_bundle(tmp_path / "b.zip", "Thing", (), ())
    np.testing.assert_array_equal(model.get_weights()[0], network.get_weights()[0])


# Keras 2.15 imports whatever module a file names.
@pytest.mark.keras3
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("activation", {"module": "os", "class_name": "function", "config": "system",
                        "registered_name": "system"}),
        ("activation", {"module": "builtins", "class_name": "function", "config": "eval",
                        "registered_name": "eval"}),
        ("kernel_initializer", {"module": "subprocess", "class_name": "Popen",
                                "config": {"args": ["touch", "evil"]}, "registered_name": None}),
        ("class_name", "NoSuchLayer"),
    ],
)  # fmt: skip
def test_a_model_file_that_names_other_code_is_refused(
    network, tmp_path, monkeypatch, place, value
):
    monkeypatch.chdir(tmp_path)
    write_bundle(tmp_path / "b.zip", "Thing", network, {}, {})
    _with_model(tmp_path / "b.zip", lambda config: _replaced(config, place, value))
    with pytest.raises(ValueError, match="written by Thing.save") as refused:
        read_bundle(tmp_path / "b.zip", "Thing", (), ())
    # Popen would leave its mark; a function is called later, so it must not even be looked up.
    assert [entry.name for entry in tmp_path.iterdir()] == ["b.zip"]
    if place == "activation":
        assert f"Could not locate function '{value['config']}'" in str(refused.value)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(network, tmp_path, place, value):
    path = tmp_path / "b.zip"
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    write_bundle(path, "Thing", network, {"rate": 0.1}, {"vectors": vectors})
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= value
    path.write_bytes(content)
    try:
        model, found, arrays = read_bundle(path, "Thing", ["rate"], ["vectors"])
    except ValueError:
        return
    assert found == {"rate": 0.1}
    np.testing.assert_array_equal(arrays["vectors"], vectors)
    for one, other in zip(model.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_archive_whose_table_would_begin_before_the_file_is_no_bundle(network, tmp_path):
    path = tmp_path / "b.zip"
    write_bundle(path, "Thing", network, {}, {})
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = (len(content) + 100).to_bytes(4, "little")
    path.write_bytes(content)
    assert bundle_kind(path) is None
    with pytest.raises(FileNotFoundError):
        bundle_kind(tmp_path / "none.zip")


@pytest.mark.parametrize("order", ["<", ">"])
def test_texts_of_what_are_no_letters_are_refused(network, tmp_path, order):
    words = np.array(["ab", "é"]).astype(f"{order}U2")
    write_bundle(tmp_path / "b.zip", "Thing", network, {}, {"words": words, "none": words[:0]})
    _, _, found = read_bundle(tmp_path / "b.zip", "Thing", (), ["words", "none"])
    assert found["words"].tolist() == ["ab", "é"]
    damaged = np.full((2, 2), 0x110000, f"{order}u4").view(f"{order}U2")[:, 0]
    write_bundle(tmp_path / "b.zip", "Thing", network, {}, {"words": damaged})
    with pytest.raises(ValueError, match="b.zip.*its 'words' cannot be read: it holds what is no"):
        read_bundle(tmp_path / "b.zip", "Thing", (), ["words"])

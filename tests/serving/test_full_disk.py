"""A full disk is one error of a file, and nothing is left behind."""

import keras
import pytest
import tensorflow as tf

from keras_siamese import export, export_litert, siamese_network
from keras_siamese.serving import litert, saved_model

FULL = "{{function_node __wrapped__SaveV2}} /somewhere/variables; No space left on device"


@pytest.fixture
def model():
    inputs = keras.Input((4, 4, 1))
    return siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))


@pytest.fixture(params=["the network", "the requests"])
def full(request, monkeypatch):
    """Let TensorFlow say that the disk is full, once files are there."""

    def fail(folder, *arguments, **options):
        (folder / "half").write_bytes(b"half")
        raise tf.errors.ResourceExhaustedError(None, None, f"{FULL} [Op:SaveV2]")

    if request.param == "the requests":
        monkeypatch.setattr(saved_model, "write_warmup_requests", fail)
    else:

        def write(folder, signatures):
            folder.mkdir(parents=True)
            fail(folder)

        monkeypatch.setattr(saved_model, "write_archive", write)


def test_an_export_to_a_full_disk_is_an_error_of_a_file(full, model, tmp_path):
    with pytest.raises(OSError, match="served.*No space left on device. Make room") as caught:
        export(model, tmp_path / "new" / "served", read_files=False)
    assert "\n" not in str(caught.value) and "{{" not in str(caught.value)
    assert "[Op:" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_version_stays(full, model, tmp_path):
    earlier = tmp_path / "served" / "1"
    earlier.mkdir(parents=True)
    (earlier / "model").write_text("earlier")
    for options in ({"version": 1, "overwrite": True}, {"version": 2}):
        with pytest.raises(OSError, match="No space left"):
            export(model, earlier.parent, read_files=False, **options)
        assert [path.name for path in earlier.parent.iterdir()] == ["1"]
        assert (earlier / "model").read_text() == "earlier"


def test_a_full_folder_for_temporary_files_is_no_fault_of_the_network(model, tmp_path, monkeypatch):
    def fail(folder, signatures):
        raise tf.errors.ResourceExhaustedError(None, None, FULL)

    monkeypatch.setattr(litert, "write_archive", fail)
    with pytest.raises(OSError, match="No space left on device"):
        export_litert(model, tmp_path / "new" / "siamese.tflite")
    assert list(tmp_path.iterdir()) == []

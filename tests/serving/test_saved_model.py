"""An exported network gives Keras's numbers where only TensorFlow is installed."""

import io
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_siamese import Preprocessing, dense_encoder, export, siamese_network, twin_encoder
from keras_siamese.models import twin_head
from keras_siamese.serving import saved_model

# Keras and this package cannot be imported in the process that serves.
SERVE = """
import sys
for name in ("keras", "keras_siamese"):
    sys.modules[name] = None
import numpy as np
import tensorflow as tf

served = tf.saved_model.load(sys.argv[1])
given = np.load(sys.argv[2], allow_pickle=False)
sign = served.signatures
images, single = tf.constant(given["images"]), tf.constant(given["images"][:1])
files = tf.constant([bytes(given[f"file{row}"]) for row in range(4)])
found = {
    "verify": sign["serving_default"](left=images, right=images[::-1])["probability"],
    "verify_one": sign["serving_default"](left=single, right=images[-1:])["probability"],
    "embed": sign["embed"](image=images)["embedding"],
    "verify_images": sign["verify_images"](left=files, right=files[::-1])["probability"],
    "embed_images": sign["embed_images"](image=files)["embedding"],
    **sign["classify"](support=images[:3], queries=images),
    "names": np.array(sorted(sign)),
}
np.savez(sys.argv[3], **{name: np.asarray(value) for name, value in found.items()})
"""


@pytest.fixture(scope="module")
def model():
    """A network whose probabilities differ widely from pair to pair, so that parity says much."""
    network = siamese_network(dense_encoder((9, 9, 1), units=(16, 8)))
    alpha = np.random.default_rng(1).normal(scale=5, size=(8, 1))
    twin_head(network).set_weights([alpha, np.zeros(1)])
    return network


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((5, 9, 9, 1), dtype=np.float32)


@pytest.fixture(scope="module")
def files():
    """Three PNG files and a JPEG, of other sizes than the network's."""
    contents = []
    for row, (mode, kind) in enumerate([("L", "PNG"), ("RGB", "PNG"), ("1", "PNG"), ("L", "JPEG")]):
        side = 9 * (row % 3 + 1)
        levels = np.tile(np.linspace(0, 255, side), (side, 1)) * (row + 1) / 4
        content = io.BytesIO()
        Image.fromarray(levels.astype(np.uint8)).convert(mode).save(content, kind)
        contents.append(content.getvalue())
    return contents


@pytest.fixture(scope="module")
def served(model, images, files, tmp_path_factory):
    """What a process without Keras answers."""
    folder = tmp_path_factory.mktemp("served")
    version = export(model, folder / "siamese", version=7)
    given = {f"file{row}": np.frombuffer(content, np.uint8) for row, content in enumerate(files)}
    np.savez(folder / "given.npz", images=images, **given)
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(version), folder / "given.npz", folder / "found.npz"],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return dict(np.load(folder / "found.npz"))


def test_served_network_has_the_documented_signatures(served):
    names = ["classify", "embed", "embed_images", "serving_default", "verify_images"]
    assert served["names"].tolist() == names


def test_served_numbers_are_those_of_keras(model, images, served):
    expected = model.predict([images, images[::-1]], verbose=0)[:, 0]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(served["verify"], expected, atol=1e-5)
    np.testing.assert_allclose(served["verify_one"], expected[:1], atol=1e-5)
    embedding = twin_encoder(model).predict(images, verbose=0)
    np.testing.assert_allclose(served["embed"], embedding, atol=1e-5)


def test_served_files_are_read_as_in_training(model, files, served):
    images = Preprocessing(9).read_batch(files) / np.float32(255)
    expected = model.predict([images, images[::-1]], verbose=0)[:, 0]
    assert np.ptp(expected) > 0.02
    np.testing.assert_allclose(served["verify_images"], expected, atol=1e-5)
    embedding = twin_encoder(model).predict(images, verbose=0)
    np.testing.assert_allclose(served["embed_images"], embedding, atol=1e-5)


def test_the_folder_says_how_files_are_read(model, tmp_path):
    for number, (given, expected) in enumerate(
        [
            ({}, Preprocessing(9)),
            ({"polarity": "light_on_dark"}, Preprocessing(9, polarity="light_on_dark")),
            ({"preprocessing": Preprocessing(9, aspect="fit")}, Preprocessing(9, aspect="fit")),
        ],
        start=1,
    ):
        version = export(model, tmp_path, version=number, **given)
        saved = json.loads((version / "assets.extra" / "preprocessing.json").read_text())
        assert Preprocessing.from_json(saved) == expected


def test_what_tensorflow_cannot_read_is_refused_or_left_out(model, tmp_path):
    redrawn = Preprocessing(9, paper="redraw")
    with pytest.raises(ValueError, match="`preprocessing` must not redraw.*read_files=False"):
        export(model, tmp_path, preprocessing=redrawn)
    assert _entries(tmp_path) == []
    version = export(model, tmp_path, preprocessing=redrawn, read_files=False)
    signatures = tf.saved_model.load(str(version)).signatures
    assert sorted(signatures) == ["classify", "embed", "serving_default"]
    saved = json.loads((version / "assets.extra" / "preprocessing.json").read_text())
    assert Preprocessing.from_json(saved) == redrawn


def test_served_classification_agrees_with_verification(model, images, served):
    left, right = np.repeat(images, 3, axis=0), np.tile(images[:3], (5, 1, 1, 1))
    expected = model.predict([left, right], verbose=0).reshape(5, 3)
    np.testing.assert_allclose(served["probability"], expected, atol=1e-5)
    np.testing.assert_array_equal(served["best"], served["probability"].argmax(axis=1))


def test_each_weight_is_written_once(model, tmp_path):
    (data,) = export(model, tmp_path / "served").glob("variables/variables.data*")
    weights = sum(value.nbytes for value in model.get_weights())
    assert weights <= data.stat().st_size < weights + 20_000


def _entries(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_version_that_exists_stays_unless_told(model, tmp_path, monkeypatch):
    written = []

    def write(network, folder, **options):
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_text(f"{len(written)}")
        written.append(options)

    monkeypatch.setattr(saved_model, "_write", write)
    path = tmp_path / "deep" / "siamese"
    assert export(model, path) == path / "1"
    with pytest.raises(ValueError, match="version=1, and .* exists. Give a higher version"):
        export(model, path)
    assert (path / "1" / "saved_model.pb").read_text() == "0"
    export(model, path, overwrite=True, polarity="light_on_dark")
    assert (path / "1" / "saved_model.pb").read_text() == "1"
    (path / ".2.partial-00ff").mkdir()
    export(model, path, version=2)
    assert _entries(path) == ["1", "2"]
    polarities = [options["preprocessing"].polarity for options in written]
    assert polarities == ["auto", "light_on_dark", "auto"]


def test_nothing_half_written_stays_and_the_old_version_does(model, tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_text("old")

    def fail(network, folder, **options):
        folder.mkdir(parents=True)
        (folder / "half").write_text("half")
        raise OSError("No space left on device")

    monkeypatch.setattr(saved_model, "_write", fail)
    with pytest.raises(OSError, match="No space"):
        export(model, tmp_path, overwrite=True)
    assert _entries(tmp_path) == ["1"]
    assert (tmp_path / "1" / "saved_model.pb").read_text() == "old"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"version": 0}, "`version` must be a positive integer.*version=0"),
        ({"version": "latest"}, "`version` must be a positive integer.*'latest'"),
        ({"max_pixels": 0}, "`max_pixels` must be a positive integer"),
        ({"max_images": 2**31}, "`max_images` must be at most 2147483647.*Received: max_images=21"),
        ({"polarity": "black"}, r"`polarity` must be one of \('dark_on_light', .*'black'"),
        ({"ink": "black"}, r"`ink` must be one of \('dark', 'bright'.*'black'"),
        (
            {"preprocessing": Preprocessing(8)},
            r"`preprocessing` must give images of shape \(9, 9, 1",
        ),
        (
            {"preprocessing": Preprocessing(9), "polarity": "dark_on_light"},
            "`polarity` and `preprocessing` must not contradict",
        ),
    ],
)
def test_bad_arguments_write_nothing(model, tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        export(model, tmp_path / "siamese", **options)
    assert _entries(tmp_path) == []


def test_a_network_without_images_of_one_size_is_refused(model, tmp_path):
    for shape in ((4,), (9, 9, 2), (None, 9, 1)):
        pool = keras.layers.Flatten() if len(shape) == 1 else keras.layers.GlobalMaxPooling2D()
        network = siamese_network(keras.Sequential([keras.Input(shape), pool]))
        with pytest.raises(ValueError, match="images of one known size with 1 or 3 channels"):
            export(network, tmp_path)
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        export(twin_encoder(model), tmp_path)

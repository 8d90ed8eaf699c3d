"""References: added, removed, saved and loaded, each encoded once."""

import json
import zipfile

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import OneShotClassifier, Preprocessing, siamese_network
from keras_siamese.classifier import support_estimator

WORDS = ["nut", "bolt", "washer"]


def test_each_reference_is_encoded_once(network, images, monkeypatch):
    encoded = []

    def counting(encoder, examples, *, batch_size):
        encoded.append(len(examples))
        return np.zeros((len(examples), 5), np.float32)

    monkeypatch.setattr(support_estimator, "encode_images", counting)
    classifier = OneShotClassifier(network).fit(images[:9], np.arange(9))
    classifier.partial_fit(images[9:12], [0, 1, 20])
    classifier.predict(images[:4])
    classifier.remove_classes([3]).predict(images[:4])
    assert encoded == [9, 3, 4, 4]


def test_classes_come_and_go(network, images):
    labels = np.array(["nut", "bolt", "nut", "washer", "bolt", "screw"])
    grown = OneShotClassifier(network).partial_fit(images[:2], labels[:2], classes=labels)
    grown.partial_fit(images[2:6], labels[2:])
    whole = OneShotClassifier(network).fit(images[:6], labels)
    np.testing.assert_array_equal(grown.counts_, [2, 2, 1, 1])
    np.testing.assert_allclose(grown.similarities(images), whole.similarities(images), atol=1e-6)

    kept = labels != "bolt"
    smaller = OneShotClassifier(network).fit(images[:6][kept], labels[kept])
    grown.remove_classes(["bolt"])
    assert grown.classes_.tolist() == ["nut", "screw", "washer"]
    np.testing.assert_allclose(grown.similarities(images), smaller.similarities(images), atol=1e-6)


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shots=st.sampled_from(["mean", "best"]),
    threshold=st.none() | st.floats(0, 1),
    words=st.booleans(),
)
def test_save_and_load_change_nothing(
    network, images, tmp_path_factory, seed, shots, threshold, words
):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 9)
    labels = np.array(["é", "b", "c c", "d/d"])[labels] if words else labels
    classifier = OneShotClassifier(network, shots=shots, threshold=threshold)
    classifier.fit(images[:9], labels)
    path = tmp_path_factory.mktemp("saved") / "classifier.zip"
    classifier.save(path)
    loaded = OneShotClassifier.load(path)
    np.testing.assert_array_equal(loaded.predict(images), classifier.predict(images))
    np.testing.assert_array_equal(loaded.similarities(images), classifier.similarities(images))
    assert loaded.classes_.dtype == classifier.classes_.dtype
    assert loaded.n_features_in_ == 36
    assert loaded.get_params() | {"model": None} == classifier.get_params() | {"model": None}
    loaded.partial_fit(images[9:10], labels[:1])
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_damaged_file_is_refused(network, images, tmp_path):
    path = tmp_path / "classifier.zip"
    OneShotClassifier(network).fit(images[:3], WORDS).save(path)
    content = path.read_bytes()
    damaged = tmp_path / "damaged.zip"
    for wrong in (b"", b"PK\x03\x04", content[:-200], b"text"):
        damaged.write_bytes(wrong)
        with pytest.raises(ValueError, match="written by OneShotClassifier.save.*Save it again"):
            OneShotClassifier.load(damaged)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(damaged, "w") as other:
        settings_ = json.loads(archive.read("settings.json"))
        other.writestr("settings.json", json.dumps(settings_ | {"kind": "Verifier"}))
    with pytest.raises(ValueError, match="it holds a 'Verifier'"):
        OneShotClassifier.load(damaged)
    with zipfile.ZipFile(damaged, "w") as other:
        other.writestr("settings.json", json.dumps(settings_ | {"metric": "l2"}))
    with pytest.raises(ValueError, match="its settings are.*metric"):
        OneShotClassifier.load(damaged)
    with pytest.raises(FileNotFoundError):
        OneShotClassifier.load(tmp_path / "none.zip")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["classifier.zip", "damaged.zip"]


def test_a_pickle_in_a_file_is_not_opened(network, images, tmp_path):
    path, evil = tmp_path / "classifier.zip", tmp_path / "evil.zip"
    OneShotClassifier(network).fit(images[:3], WORDS).save(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(evil, "w") as other:
        for name in archive.namelist():
            if name != "classes.npy":
                other.writestr(name, archive.read(name))
        with other.open("classes.npy", "w") as entry:
            np.lib.format.write_array(entry, np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        OneShotClassifier.load(evil)


def _with_nan(images):
    return np.where(np.arange(36).reshape(6, 6, 1) == 3, np.nan, images / 255)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images: images[0], r"\(6, 6, 1\). Reshape your data: x\[None\]"),
        (lambda images: images[..., 0], r"batch of shape \(n, 6, 6, 1\).*x\[..., None\]"),
        (lambda images: images[:0], "0 sample"),
        (
            lambda images: images[:, :5],
            r"encoder's shape \(n, 6, 6, 1\).*\(30, 5, 6, 1\). Bring them",
        ),
        (lambda images: images.reshape(30, 36)[:, :35], r"shape \(30, 35\). Reshape them"),
        (lambda images: np.repeat(images, 4, axis=-1), r"\(30, 6, 6, 4\)"),
        (lambda images: images.astype(np.uint16) * 257, "uint16 from .* by x / 65535"),
        (lambda images: images.astype(np.float32), r"by astype\('uint8'\), or by x / 255"),
        (_with_nan, "must be finite. Received: NaN or inf"),
        (lambda images: images + 1j, "Complex data not supported"),
        (lambda images: images.astype(str), "Read image files"),
        (lambda images: [images[0], images[1, :4]], "different shapes.*one size first"),
    ],
)
def test_bad_images_are_refused_with_a_remedy(network, images, change, message):
    classifier = OneShotClassifier(network).fit(images[:3], WORDS)
    for use in (classifier.predict, lambda X: classifier.partial_fit(X, WORDS)):
        with pytest.raises(ValueError, match=message):
            use(change(images))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "target y is None"),
        (["a", "b"], r"y should be a 1d array of length 3. Received: shape \(2,\)"),
        ([["a"], ["b"], ["c"]], r"shape \(3, 1\)"),
        ([0.5, 1.0, 2.0], "continuous"),
        ([0.0, np.nan, 1.0], "NaN"),
        (np.array([1, "a", 2], object), "mixture of.*'int', 'str'"),
        ([b"a", b"b", b"c"], "Received: dtype .*Unknown label type: make"),
        ([1, 2, 3], "labels like those known"),
    ],
)
def test_bad_labels_are_refused_with_a_remedy(network, images, labels, message):
    classifier = OneShotClassifier(network).fit(images[:3], WORDS)
    with pytest.raises(ValueError, match=message):
        classifier.partial_fit(images[:3], labels)
    assert classifier.classes_.tolist() == sorted(WORDS)


def test_classes_that_are_not_known_cannot_go(network, images):
    classifier = OneShotClassifier(network).fit(images[:3], WORDS)
    for classes in (["screw"], WORDS):
        with pytest.raises(ValueError, match="must list some of"):
            classifier.remove_classes(classes)
    with pytest.raises(ValueError, match=r"among `classes`. Received: \['nut'\]"):
        classifier.partial_fit(images[:1], ["nut"], classes=["bolt"])


def test_how_images_are_read_is_saved(network, images, tmp_path):
    height, width, channels = images.shape[1:]
    reading = Preprocessing((height, width), {1: "grey", 3: "rgb"}[channels], "dark_on_light")
    labels = [str(number) for number in range(len(images))]
    classifier = OneShotClassifier(network, preprocessing=reading).fit(images, labels)
    classifier.save(tmp_path / "c.zip")
    assert OneShotClassifier.load(tmp_path / "c.zip").preprocessing == reading
    classifier.preprocessing = Preprocessing(height + 1)
    with pytest.raises(ValueError, match="`preprocessing` must give images of the network's shape"):
        classifier.fit(images, labels)


def test_images_of_the_wrong_colour_layout_and_range_are_told_a_way_out():
    inputs = keras.Input((6, 5, 3))
    network = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    images = np.random.default_rng(0).random((2, 6, 5, 3))
    classifier = OneShotClassifier(network).fit(images, ["a", "b"])
    for wrong, advice in (
        (np.moveaxis(images, -1, 1), r"np.moveaxis\(x, 1, -1\)"),
        (images[..., :1], r"np.repeat\(x, 3, axis=-1\)"),
        (images[..., 0], r"np.repeat\(x\[..., None\], 3, axis=-1\)"),
        (2 * images - 1, r"\(x \+ 1\) / 2.*Rescaling\(2, -1\)"),
    ):
        with pytest.raises(ValueError, match=advice):
            classifier.predict(wrong)

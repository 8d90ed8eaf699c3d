"""Neighbours and embeddings in the order in which the references were given."""

import json
import zipfile

import numpy as np
import pytest

from keras_siamese import OneShotClassifier

LABELS = np.array(["nut", "bolt", "nut", "washer", "bolt", "screw"])


@pytest.fixture
def classifier(network, images):
    return OneShotClassifier(network).fit(images[:6], LABELS)


def test_without_images_the_references_find_each_other(classifier, network, images):
    pairs = [np.repeat(images[:6], 6, 0), np.tile(images[:6], (6, 1, 1, 1))]
    expected = -network.predict(pairs, verbose=0).reshape(6, 6).astype(np.float64)
    np.fill_diagonal(expected, np.inf)
    distances, indices = classifier.kneighbors(n_neighbors=5)
    np.testing.assert_array_equal(indices, np.argsort(expected, axis=1)[:, :5])
    assert np.isfinite(distances).all()
    with pytest.raises(ValueError, match="at most 5, the number of support images. Received: .*6"):
        classifier.kneighbors(n_neighbors=6)


def test_embeddings_of_the_references_come_in_the_order_given(classifier, network, images):
    fitted = OneShotClassifier(network).fit_transform(images[:6], LABELS)
    np.testing.assert_array_equal(fitted, classifier.transform(images[:6]))
    np.testing.assert_array_equal(
        classifier.support_, fitted[classifier.order_], err_msg="sorted by class"
    )


def test_the_order_stays_when_classes_come_and_go(classifier, images, tmp_path):
    labels = np.array([*LABELS, "anchor", "nut"])
    classifier.partial_fit(images[6:8], labels[6:])
    fresh = OneShotClassifier(classifier.model).fit(images[:8], labels)
    np.testing.assert_array_equal(classifier.order_, fresh.order_)
    classifier.remove_classes(["bolt"])
    left = np.flatnonzero(labels != "bolt")
    fresh.fit(images[left], labels[left])
    np.testing.assert_array_equal(classifier.order_, fresh.order_)
    classifier.save(tmp_path / "c.zip")
    loaded = OneShotClassifier.load(tmp_path / "c.zip")
    expected = fresh.kneighbors(images, 3, return_distance=False)
    for each in (classifier, loaded):
        np.testing.assert_array_equal(each.kneighbors(images, 3, return_distance=False), expected)


def test_a_file_of_an_earlier_version_counts_the_references_by_class(classifier, images, tmp_path):
    path = tmp_path / "old.zip"
    classifier.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries.pop("order.npy")
    settings = json.loads(entries["settings.json"])
    settings.pop("preprocessing")
    entries["settings.json"] = json.dumps(settings).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    loaded = OneShotClassifier.load(path)
    np.testing.assert_array_equal(loaded.order_, np.arange(6))
    np.testing.assert_array_equal(loaded.predict(images), classifier.predict(images))


def test_it_is_a_step_of_scikit_learn_s_pipelines(network, images):
    neighbors = pytest.importorskip("sklearn.neighbors")
    pipeline = pytest.importorskip("sklearn.pipeline")
    steps = pipeline.make_pipeline(
        OneShotClassifier(network), neighbors.KNeighborsClassifier(n_neighbors=1)
    )
    steps.fit(images[:6], LABELS)
    assert steps.predict(images[:6]).tolist() == LABELS.tolist()

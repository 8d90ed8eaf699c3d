"""Files: what a recognizer's keeps, every other file of a network, and networks that ship."""

import logging

import numpy as np
import pytest

from keras_siamese import OneShotClassifier, Preprocessing, Recognizer, Verifier, pretrained
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.models.bundles import read_bundle, write_bundle
from keras_siamese.saved_recognizer import ARRAYS, SETTINGS
from tests.recognizer.drawings import SIDE, SQUARES, drawing, same_probability


def test_a_file_keeps_all_there_is(known, tmp_path):
    known.choose_threshold(
        [drawing(1), drawing(1)], [drawing(1), drawing(6)], [True, False], false_accept_rate=0.0
    )
    known.save(tmp_path / "parts.zip")
    loaded = Recognizer.load(tmp_path / "parts.zip")
    assert loaded.preprocessing == known.preprocessing
    assert loaded.threshold == known.threshold and loaded.thresholds == known.thresholds
    assert loaded.operating_point == known.operating_point
    assert loaded.classes == known.classes and loaded.assumptions == ()
    assert loaded.rank(drawing(1, 3)) == known.rank(drawing(1, 3))
    assert repr(loaded) == repr(known)


def test_a_recognizer_that_is_not_fitted_is_kept_too(recognizer, tmp_path):
    recognizer.preprocessing = Preprocessing(SIDE, polarity="light_on_dark", paper="keep")
    recognizer.save(tmp_path / "parts.zip")
    loaded = Recognizer.load(tmp_path / "parts.zip")
    assert loaded.classes == [] and loaded.preprocessing.polarity == "light_on_dark"


def test_a_saved_recognizer_knows_what_training_images_are_like(wary, tmp_path):
    wary.save(tmp_path / "wary.zip")
    loaded = Recognizer.load(tmp_path / "wary.zip")
    assert loaded.rank(SQUARES).novelty == wary.rank(SQUARES).novelty
    assert loaded.classes == wary.classes
    wary.novelty = None
    wary.save(tmp_path / "not.zip")
    assert Recognizer.load(tmp_path / "not.zip").novelty is None
    assert Verifier.load(tmp_path / "wary.zip").threshold == 0.9


def test_files_of_the_estimators_and_of_keras_are_taken(network, tmp_path, caplog):
    read = Preprocessing(SIDE).read_batch([drawing(1), drawing(6)])
    Verifier(network, threshold=0.25).save(tmp_path / "verifier.zip")
    classifier = OneShotClassifier(network, threshold=0.75, shots="best").fit(read, ["a", "b"])
    classifier.save(tmp_path / "classifier.zip")
    network.save(tmp_path / "network.keras")
    loaded = {path.stem: Recognizer.load(path) for path in tmp_path.iterdir()}
    assert {name: each.threshold for name, each in loaded.items()} == {
        "verifier": 0.25,
        "classifier": 0.75,
        "network": None,
    }
    assert loaded["classifier"].predict([drawing(1), drawing(6)]) == ["a", "b"]
    assert loaded["classifier"].shots == "best"
    expected = same_probability({1}, {1, 2})
    for each in loaded.values():
        assert each.verify(drawing(1), drawing(1, 2)).probability == pytest.approx(expected)


@pytest.mark.parametrize("threshold", [0.25, None])
def test_the_estimators_take_its_file(network, tmp_path, threshold):
    recognizer, path = Recognizer(network, threshold=threshold, shots="best"), tmp_path / "x.zip"
    recognizer.save(path)
    verifier, classifier = Verifier.load(path), OneShotClassifier.load(path)
    images = recognizer.preprocessing.read_batch([drawing(1), drawing(1, 2), drawing(6)])
    said = recognizer.verify([drawing(1)] * 3, [drawing(1), drawing(1, 2), drawing(6)])
    found = verifier.probabilities(images[[0, 0, 0]], images)
    np.testing.assert_allclose(found, [each.probability for each in said], rtol=1e-6)
    assert verifier.threshold == (0.5 if threshold is None else threshold)
    assert verifier.preprocessing == classifier.preprocessing == recognizer.preprocessing
    with pytest.raises(ValueError, match="fit"):
        classifier.predict(images)
    recognizer.fit({"a": drawing(1), "b": [drawing(6), drawing(5, 6)]}).save(path)
    classifier = OneShotClassifier.load(path)
    assert (classifier.threshold, classifier.shots) == (threshold, "best")
    queries = [drawing(1), drawing(5, 6), drawing(0, 3, 4)]
    predicted = classifier.predict(recognizer.preprocessing.read_batch(queries))
    assert predicted.tolist() == recognizer.predict(queries)


def test_what_a_file_does_not_say_is_stated(network, tmp_path, caplog):
    network.save(tmp_path / "network.keras")
    with caplog.at_level(logging.WARNING, "keras_siamese"):
        loaded = Recognizer.load(tmp_path / "network.keras")
    (line,) = [record.getMessage() for record in caplog.records]
    assert loaded.assumptions == (line,) and "network.keras" in line and "auto" in line
    caplog.clear()
    told = Preprocessing(SIDE, polarity="light_on_dark")
    assert Recognizer.load(tmp_path / "network.keras", preprocessing=told).preprocessing == told
    assert not caplog.records


def test_a_shipped_network_has_its_thresholds(network, monkeypatch):
    card = {"image_size": SIDE, "thresholds": {"0.01": 0.9, "0.001": 0.95}}
    monkeypatch.setattr(pretrained, "pretrained_card", lambda name: card)
    monkeypatch.setattr(pretrained, "open_pretrained", lambda name: network)
    assert Recognizer.from_preset("omniglot").threshold == 0.9
    assert Recognizer.from_preset(false_accept_rate=0.001).threshold == 0.95
    with pytest.raises(ValueError, match=r"0\.001, 0\.01"):
        Recognizer.from_preset(false_accept_rate=0.5)


def test_an_unknown_preset_is_told():
    with pytest.raises(ValueError, match="omniglot"):
        Recognizer.from_preset("faces")


@pytest.mark.parametrize("name", ["missing.zip", "folder"])
def test_a_file_that_is_not_there_is_told(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileNotFoundError, match=name):
        Recognizer.load(tmp_path / name)


@pytest.mark.parametrize("name", ["text.zip", "text.keras", "text"])
def test_a_file_without_a_network_is_told(tmp_path, name):
    (tmp_path / name).write_text("no network")
    with pytest.raises(ValueError, match=name):
        Recognizer.load(tmp_path / name)


def test_a_file_changed_by_hand_is_not_believed(known, tmp_path):
    known.save(tmp_path / "x.zip")
    model, settings, arrays = read_bundle(tmp_path / "x.zip", "Recognizer", list(SETTINGS), ARRAYS)
    changes = [
        ({"threshold": 2.0}, {}, "threshold"),
        ({"shots": "all"}, {}, "shots"),
        ({"preprocessing": {"size": [8, 8]}}, {}, "preprocessing"),
        ({"operating_point": {"threshold": 1}}, {}, "operating point"),
        ({"report": {"data": "x"}}, {}, "report"),
        ({}, {"counts": np.array([1, 1, 2])}, "embeddings"),
        ({}, {"classes": np.array(["b", "a", "c"])}, "classes"),
        ({}, {"embeddings": arrays["embeddings"][:, :5]}, "features"),
        ({}, {"embeddings": arrays["embeddings"] * np.nan}, "embeddings"),
    ]
    for changed, parts, said in changes:
        path = tmp_path / "changed.zip"
        write_bundle(path, "Recognizer", model, {**settings, **changed}, {**arrays, **parts})
        with pytest.raises(ValueError, match=said):
            Recognizer.load(path)


def test_a_file_whose_novelty_does_not_fit_is_told(wary, tmp_path):
    wary.novelty = Novelty.fit(np.random.default_rng(0).random((20, 9)))
    wary.save(tmp_path / "wrong.zip")
    with pytest.raises(ValueError, match="novelty has 9 features, and the network gives 64"):
        Recognizer.load(tmp_path / "wrong.zip")

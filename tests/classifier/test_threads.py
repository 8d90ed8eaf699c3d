"""A classifier answers in some threads while others change its classes."""

import itertools

import keras
import numpy as np
import pytest

from keras_siamese import OneShotClassifier
from keras_siamese.classifier import support_estimator
from tests.threads import ask_beside, in_threads, short_switches

ROUNDS = 60
QUERIES = slice(0, 8)


@pytest.fixture
def encoded(monkeypatch):
    """Encode without Keras, so that threads change places in the classifier and not there."""

    def encode(encoder, images, *, batch_size):
        rows = np.asarray(images, np.float32).reshape(len(images), -1)
        return rows[:, :5] / 255

    monkeypatch.setattr(support_estimator, "encode_images", encode)


@pytest.fixture
def changing(encoded, network, images):
    """A classifier of three classes, and a function that turns it into one of 18 and back."""
    classifier = OneShotClassifier(network).fit(images[:3], ["x", "y", "z"])
    more = images[3:18], [f"a{number:02d}" for number in range(15)]

    def add():
        classifier.partial_fit(*more)

    def remove():
        classifier.remove_classes(more[1])

    return classifier, add, remove


ASKED = {
    "predict": lambda classifier, images: classifier.predict(images[QUERIES]).tolist(),
    "predict_proba": lambda classifier, images: classifier.predict_proba(images[QUERIES]).tolist(),
    "decision_function": lambda c, images: c.decision_function(images[QUERIES]).tolist(),
    "kneighbors": lambda classifier, images: classifier.kneighbors(n_neighbors=2)[1].tolist(),
    "with a threshold": lambda c, images: c.set_params(threshold=0.4).predict(images).tolist(),
}


@pytest.mark.parametrize("name", ASKED)
def test_each_answer_is_of_one_state_while_classes_come_and_go(changing, images, name):
    classifier, add, remove = changing
    few = ASKED[name](classifier, images)
    add()
    many = ASKED[name](classifier, images)
    remove()
    assert few != many

    def ask():
        assert ASKED[name](classifier, images) in (few, many)

    def change():
        for _ in range(ROUNDS):
            add()
            remove()

    assert ask_beside(ask, change) > 0


def test_a_file_is_of_one_state(changing, tmp_path):
    classifier, add, remove = changing
    numbers = itertools.count()

    def ask():
        path = tmp_path / f"{next(numbers)}.zip"
        classifier.save(path)
        assert len(OneShotClassifier.load(path).classes_) in (3, 18)

    def change():
        for _ in range(ROUNDS):
            add()
            remove()

    assert ask_beside(ask, change, readers=1) > 0


def test_no_class_is_lost_when_several_threads_add(encoded, network, images):
    classifier = OneShotClassifier(network)

    def adding(number):
        def add():
            for _ in range(10):
                classifier.partial_fit(images[[number]], [f"class {number}"])

        return add

    with short_switches():
        in_threads([adding(number) for number in range(6)])
    assert classifier.counts_.tolist() == [10] * 6
    assert sorted(classifier.order_.tolist()) == list(range(60))


def test_the_network_may_change_beside_those_who_add(encoded, network, images):
    other = keras.models.clone_model(network)
    classifier = OneShotClassifier(network).fit(images[:2], ["a", "b"])

    def refit():
        for model in [other, network] * 20:
            classifier.set_params(model=model).fit(images[:2], ["a", "b"])

    def add():
        for _ in range(20):
            classifier.partial_fit(images[[5]], ["b"])

    with short_switches():
        in_threads([refit, add])
    assert classifier.classes_.tolist() == ["a", "b"] and classifier.model_ is network


def test_threads_may_share_the_first_call_of_a_network(network, images, tmp_path):
    classifier = OneShotClassifier(network).fit(images[:3], ["a", "b", "c"])
    expected = classifier.predict_proba(images)
    classifier.save(tmp_path / "classifier.zip")
    loaded = OneShotClassifier.load(tmp_path / "classifier.zip")

    def ask():
        np.testing.assert_array_equal(loaded.predict_proba(images), expected)

    with short_switches():
        in_threads([ask] * 6)


def test_what_is_known_cannot_be_changed_in_place(network, images):
    classifier = OneShotClassifier(network).fit(images[:2], ["a", "b"])
    for name in ("classes_", "counts_", "support_", "order_"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(classifier, name)[0] = getattr(classifier, name)[1]

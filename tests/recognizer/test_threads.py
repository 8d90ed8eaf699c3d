"""A recognizer answers in some threads while others change its classes and thresholds."""

import numpy as np
import pytest

from keras_siamese import Recognizer
from tests.recognizer.drawings import drawing
from tests.threads import ask_beside, in_threads, short_switches

ROUNDS = 15
FEW = {"one": drawing(1), "two": drawing(1, 2)}
MANY = {f"a{row}{column}": drawing(row, column) for row in range(4) for column in range(1, 4)}
QUERIES = [drawing(1), drawing(2), drawing(6)]


class Quick:
    """A network that answers without Keras, so that threads change places in the recognizer."""

    def __init__(self, network):
        """Take its shape and weights."""
        recognizer = Recognizer(network)
        self.input_shape = recognizer._network.input_shape
        self.num_features = recognizer._network.num_features
        self.head, self.model = recognizer._network.head, network
        self._weights = np.random.default_rng(0).random((64, self.num_features))

    def encode(self, images):
        """Give a vector for each."""
        rows = images.reshape(len(images), -1)[:, :64] / 255
        return (rows @ self._weights[: rows.shape[1]]).astype(np.float32)


@pytest.fixture
def quick(network):
    return Recognizer(Quick(network))


ASKED = {
    "predict": lambda recognizer: recognizer.predict(QUERIES),
    "rank": lambda recognizer: [list(row) for row in recognizer.rank(QUERIES)],
    "neighbours": lambda recognizer: recognizer.neighbours(QUERIES, k=20),
    "repr": repr,
}


@pytest.mark.parametrize("name", ASKED)
def test_each_answer_is_of_one_state_while_classes_are_replaced(quick, name):
    few, many = ASKED[name](quick.fit(FEW)), ASKED[name](quick.fit(MANY))
    assert few != many

    def ask():
        assert ASKED[name](quick) in (few, many)

    def change():
        for _ in range(ROUNDS):
            quick.fit(FEW)
            quick.fit(MANY)

    assert ask_beside(ask, change) > 0


def test_each_answer_is_by_one_threshold(quick):
    quick.fit(FEW)
    named = quick.predict(QUERIES)
    quick.threshold = 1.0
    rejected = quick.predict(QUERIES)
    decided = quick.verify(QUERIES[0], QUERIES[1])
    assert "unknown" in rejected and decided.threshold == 1.0

    def ask():
        assert quick.predict(QUERIES) in (named, rejected)
        said = quick.verify(QUERIES[0], QUERIES[1])
        assert said.same == (said.probability >= said.threshold)

    def change():
        for _ in range(80 * ROUNDS):
            quick.threshold = None
            quick.threshold = 1.0

    assert ask_beside(ask, change) > 0


def test_threshold_and_what_was_found_change_at_once(quick, tmp_path):
    left, right = [drawing(1), drawing(1), drawing(3)], [drawing(1), drawing(5), drawing(3)]
    same = [True, False, True]
    rates = [None, 0.0, 0.5, 1.0]
    for rate in rates:
        quick.choose_threshold(left, right, same, false_accept_rate=rate)

    def ask():
        state = quick._state
        assert state.threshold == state.operating_point.threshold
        assert quick.threshold_for(0.5) == quick.thresholds[0.5]

    def change():
        for _ in range(ROUNDS):
            for rate in rates:
                quick.choose_threshold(left, right, same, false_accept_rate=rate)

    assert ask_beside(ask, change) > 0


def test_no_change_is_lost_when_several_threads_change(quick):
    def classes():
        for _ in range(ROUNDS):
            quick.fit(FEW)
        quick.fit(MANY)

    def thresholds():
        for number in range(80 * ROUNDS):
            quick.threshold = number / (80 * ROUNDS)
        quick.threshold = 0.75

    def shots():
        for _ in range(80 * ROUNDS):
            quick.shots = "mean"
        quick.shots = "best"

    with short_switches():
        in_threads([classes, thresholds, shots])
    assert (quick.threshold, quick.shots, len(quick.classes)) == (0.75, "best", len(MANY))


def test_threads_that_start_keras_get_one_model():
    light = Recognizer.from_preset("omniglot")
    models = []
    with short_switches():
        in_threads([lambda: models.append(light.model)] * 4)
    assert len({id(model) for model in models}) == 1

"""Precision, recall and the rest are scikit-learn's, whatever the pairs and the threshold."""

from dataclasses import FrozenInstanceError, replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import (
    Preprocessing,
    Recognizer,
    Verifier,
    evaluate_pairs,
    load_arrays,
    siamese_network,
)
from keras_siamese.data import PairTable, distort_pairs
from keras_siamese.evaluation import score_pairs, wilson_interval
from keras_siamese.models import twin_head

SAME = np.array([True, False, True, False])


@st.composite
def scored_pairs(draw):
    """Probabilities with many ties, and labels of both kinds."""
    n = draw(st.integers(2, 40))
    scores = draw(st.lists(st.sampled_from([0, 0.1, 0.25, 0.5, 0.9, 1]), min_size=n, max_size=n))
    same = draw(st.lists(st.booleans(), min_size=n - 2, max_size=n - 2))
    return np.array(scores), np.array([True, False, *same])


@settings(deadline=None)
@given(scored_pairs(), st.sampled_from([0, 0.1, 0.3, 0.5, 1]))
def test_all_numbers_are_those_of_scikit_learn(pairs, threshold):
    metrics = pytest.importorskip("sklearn.metrics")
    scores, same = pairs
    called = scores >= threshold
    found = score_pairs(scores, same, threshold)
    np.testing.assert_array_equal(found.confusion_matrix, metrics.confusion_matrix(same, called))
    expected = {
        "accuracy": metrics.accuracy_score(same, called),
        "precision": metrics.precision_score(same, called, zero_division=0),
        "recall": metrics.recall_score(same, called),
        "f1": metrics.f1_score(same, called),
        "average_precision": metrics.average_precision_score(same, scores),
        "roc_auc": metrics.roc_auc_score(same, scores),
        "false_accept_rate": np.mean(called[~same]),
        "false_reject_rate": np.mean(~called[same]),
    }
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)
    correct = int(np.sum(called == same))
    assert found.accuracy_interval == wilson_interval(correct, len(same))
    assert (found.n, found.num_same, found.num_different) == (len(same), same.sum(), sum(~same))
    assert found.to_json().items() >= {name: getattr(found, name) for name in expected}.items()


def test_a_record_reads_as_a_report_and_cannot_be_changed():
    found = score_pairs(np.array([0.9, 0.8, 0.3, 0.1]), SAME, 0.5)
    lines = repr(found).splitlines()
    assert lines[0] == "PairScores of 4 pairs at threshold 0.5000"
    assert [line.split()[0] for line in lines] == [
        *("PairScores", "accuracy", "precision", "average", "called", "same", "different")
    ]
    with pytest.raises(FrozenInstanceError):
        found.threshold = 0.1
    assert found == score_pairs([0.9, 0.8, 0.3, 0.1], [1, 0, 1, 0])
    assert found != replace(found, threshold=0.4)


@pytest.mark.parametrize(
    ("scores", "same", "threshold", "told"),
    [
        ([], [], 0.5, "at least one pair"),
        ([0.5, 0.6], [True], 0.5, "equal length"),
        ([0.5, 0.6], [True, True], 0.5, "2 same and 0 different"),
        ([0.5, np.nan], [True, False], 0.5, "1 NaN of 2"),
        ([0.5, 3.0], [True, False], 0.5, "from 0.5 to 3"),
        ([0.5, 0.6], ["yes", "no"], 0.5, "booleans"),
        ([0.5, 0.6], [True, False], 1.5, "threshold=1.5"),
        ([0.5, 0.6], [True, False], np.nan, "threshold=nan"),
        ([0.5, 0.6], [True, False], "high", "threshold='high'"),
    ],
)
def test_bad_pairs_are_told(scores, same, threshold, told):
    with pytest.raises(ValueError, match=told):
        score_pairs(scores, same, threshold)


@pytest.fixture(scope="module")
def model():
    """Probability sigmoid(2 - sum of |left - right|) for images of 2x2."""
    inputs = keras.Input((2, 2, 1))
    network = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    twin_head(network).set_weights([-np.ones((4, 1)), np.array([2.0])])
    return network


# The pixels of each image have one level, so a pair's logit is 2 - 4 * |difference| / 255.
LEVELS = np.array([0, 51, 102, 255], np.uint8)
IMAGES = np.broadcast_to(LEVELS[:, None, None, None], (4, 2, 2, 1)).copy()
PAIRS = PairTable(np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3]), np.array([1, 0, 0, 1], bool))
PROBABILITIES = 1 / (1 + np.exp(-2 + 4 * np.array([0.2, 0.4, 0.2, 0.6])))


@pytest.mark.parametrize("kind", ["network", "verifier", "recognizer"])
def test_a_network_is_scored_whatever_holds_it(model, kind):
    reading = Preprocessing(2, paper="keep")
    data = load_arrays(IMAGES, range(4), preprocessing=reading)
    if kind == "verifier":
        model = Verifier(model)
        model.threshold = 0.3
    if kind == "recognizer":
        model = Recognizer(model, reading, threshold=0.3)
    limit = 0.5 if kind == "network" else 0.3
    assert evaluate_pairs(model, data, PAIRS) == score_pairs(PROBABILITIES, PAIRS.same, limit)
    at_half = score_pairs(PROBABILITIES, PAIRS.same, 0.6)
    assert evaluate_pairs(model, IMAGES, PAIRS, threshold=0.6) == at_half
    assert at_half.confusion_matrix.tolist() == [[1, 1], [1, 1]]


def test_a_recognizer_without_a_threshold_decides_at_a_half(model):
    assert evaluate_pairs(Recognizer(model), IMAGES, PAIRS).threshold == 0.5


def test_what_does_not_fit_is_told(model):
    data = load_arrays(IMAGES, range(4))
    recognizer = Recognizer(model, Preprocessing(2, polarity="dark_on_light"))
    with pytest.raises(ValueError, match="preprocessing=model.preprocessing"):
        evaluate_pairs(recognizer, data, PAIRS)
    with pytest.raises(ValueError, match="must be a PairTable. Received: tuple"):
        evaluate_pairs(model, data, (0, 1))
    with pytest.raises(ValueError, match="Received: 0 same and 4 different"):
        evaluate_pairs(model, data, replace(PAIRS, same=np.zeros(4, bool)))
    with pytest.raises(ValueError, match="threshold=-1"):
        evaluate_pairs(model, data, PAIRS, threshold=-1)
    for holder in (model, Recognizer(model)):
        with pytest.raises(ValueError, match="3"):
            evaluate_pairs(holder, IMAGES[:3], PAIRS)
    distorted = distort_pairs(PAIRS, 1, (2, 2), seed=0)
    with pytest.raises(ValueError, match="undistorted"):
        evaluate_pairs(model, data, distorted)
    with pytest.raises(ValueError, match="undistorted"):
        Recognizer(model).pair_probabilities(IMAGES, distorted)

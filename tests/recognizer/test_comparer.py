"""The threshold of pairs: chosen on given pairs, set, and refused."""

import pytest

from keras_siamese import Recognizer, evaluate_pairs, load_pairs
from tests.recognizer.drawings import drawing, same_probability


def test_a_threshold_is_chosen_on_own_pairs(recognizer):
    left = [drawing(1), drawing(1), drawing(6), drawing(6)]
    right = [drawing(1), drawing(1, 2), drawing(6), drawing(1)]
    point = recognizer.choose_threshold(
        left, right, [True, False, True, False], false_accept_rate=0.0
    )
    assert (point.false_accept_rate, point.false_reject_rate) == (0, 0)
    low, high = same_probability({1}, {1, 2}), same_probability(set(), set())
    assert low < recognizer.threshold < high
    assert recognizer.threshold_for(0.0) == recognizer.threshold == point.threshold
    support = {"a": [drawing(1)] * 3, "b": [drawing(6)] * 3}
    point = recognizer.choose_threshold(support)
    assert point.num_same > 0 and point.num_different > 0
    assert recognizer.operating_point == point


def test_a_threshold_is_chosen_on_loaded_pairs(recognizer):
    images = [drawing(1), drawing(1, 2), drawing(6)]
    indices, same = [[0, 1], [0, 2], [1, 2]], [True, False, False]
    reading = recognizer.preprocessing
    data, pairs = load_pairs(images, indices=indices, same=same, preprocessing=reading)
    point = recognizer.choose_threshold(data, pairs)
    left, right = [images[0], images[0], images[1]], [images[1], images[2], images[2]]
    assert point == recognizer.choose_threshold(left, right, same)
    assert evaluate_pairs(recognizer, data, pairs).accuracy == 1
    with pytest.raises(ValueError, match="must be read as the network's images are"):
        recognizer.choose_threshold(*load_pairs(images, indices=indices, same=same, size=4))


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan"), "0.5", True])
def test_a_wrong_threshold_is_refused(network, recognizer, threshold):
    with pytest.raises(ValueError, match="threshold"):
        Recognizer(network, threshold=threshold)
    with pytest.raises(ValueError, match="threshold"):
        recognizer.threshold = threshold
    assert recognizer.threshold == 0.9

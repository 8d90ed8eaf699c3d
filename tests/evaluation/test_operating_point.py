"""The threshold for a wanted rate of false accepts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.evaluation import (
    best_threshold,
    find_operating_point,
    operating_point_at,
    verification_accuracy,
    wilson_interval,
)
from keras_siamese.evaluation.operating_point import pairs_needed, too_few_pairs

# By hand: the scores of the different pairs are 0.8, 0.5, 0.5 and 0.1.
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.4, 0.1])
SAME = np.array([1, 0, 1, 1, 0, 0, 1, 0], bool)


@pytest.mark.parametrize(
    ("wanted", "threshold", "accepts", "rejects"),
    [
        (0.0, 0.85, 0, 3),
        (0.24, 0.85, 0, 3),
        (0.25, 0.55, 1, 1),
        (0.5, 0.55, 1, 1),
        (0.75, 0.25, 3, 0),
        (1.0, 0.1, 4, 0),
    ],
)
def test_threshold_keeps_the_rate_and_accepts_most(wanted, threshold, accepts, rejects):
    point = find_operating_point(SCORES, SAME, false_accept_rate=wanted)
    assert point.threshold == pytest.approx(threshold)
    assert point.false_accept_rate == accepts / 4
    assert point.false_reject_rate == rejects / 4
    assert point.false_accept_interval == wilson_interval(accepts, 4)
    assert (point.num_same, point.num_different) == (4, 4)


@pytest.mark.parametrize(
    ("threshold", "accepts", "rejects"),
    [(0.0, 4, 0), (0.1, 4, 0), (0.45, 3, 1), (0.5, 3, 1), (0.6, 1, 1), (0.9, 0, 3), (1.0, 0, 4)],
)
def test_any_threshold_is_counted(threshold, accepts, rejects):
    point = operating_point_at(SCORES, SAME, threshold)
    assert point.threshold == threshold
    assert point.false_accept_rate == accepts / 4
    assert point.false_reject_rate == rejects / 4
    assert point.false_accept_interval == wilson_interval(accepts, 4)
    assert (point.num_same, point.num_different) == (4, 4)


def test_where_a_different_pair_is_most_alike_nothing_is_accepted():
    point = find_operating_point(np.array([0.2, 0.8]), np.array([True, False]), false_accept_rate=0)
    assert 0.8 < point.threshold < 0.8001
    assert (point.false_accept_rate, point.false_reject_rate) == (0, 1)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2).filter(
        lambda pairs: len({same for _, same in pairs}) == 2
    ),
    wanted=st.none() | st.floats(0, 1),
)
def test_rates_are_those_of_the_threshold(pairs, wanted):
    scores, same = np.array([score / 9 for score, _ in pairs]), np.array([s for _, s in pairs])
    point = find_operating_point(scores, same, false_accept_rate=wanted)
    accepted = scores >= point.threshold
    assert point.false_accept_rate == np.mean(accepted[~same])
    assert point.false_reject_rate == pytest.approx(1 - np.mean(accepted[same]))
    if wanted is None:
        best = verification_accuracy(scores, same, best_threshold(scores, same))
        assert verification_accuracy(scores, same, point.threshold) == best
    else:
        assert point.false_accept_rate <= wanted
        looser = scores >= max(scores[~accepted], default=-1)
        assert accepted.all() or np.mean(looser[~same]) > wanted


def test_rates_and_labels_are_checked():
    for rate in (-0.1, 1.1, "1 %", True, np.nan):
        with pytest.raises(ValueError, match="`false_accept_rate` must be a fraction"):
            find_operating_point(SCORES, SAME, false_accept_rate=rate)
    with pytest.raises(ValueError, match="both same and different pairs"):
        find_operating_point(SCORES, np.ones(8, bool))


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.05, 0.3, 1.0])
def test_the_pairs_needed_are_the_fewest_whose_interval_ends_at_the_rate(rate):
    needed = pairs_needed(rate)
    assert wilson_interval(0, needed)[1] <= rate
    assert needed == 1 or wilson_interval(0, needed - 1)[1] > rate
    with pytest.raises(ValueError, match="above 0"):
        pairs_needed(0.0)


def test_too_few_pairs_for_a_rate_are_told():
    point = find_operating_point(SCORES, SAME, false_accept_rate=0.01)
    # 3.8415 is the square of 1.96: 3.8415 / (4 + 3.8415).
    assert "4 different pairs are too few" in too_few_pairs(point, 0.01)
    assert "as high as 49 %. It takes 381 pairs" in too_few_pairs(point, 0.01)
    assert too_few_pairs(point, 0.0) is None and too_few_pairs(point, 0.5) is None
    assert too_few_pairs(point._replace(num_different=381), 0.01) is None

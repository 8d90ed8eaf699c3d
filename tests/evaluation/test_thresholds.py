"""Threshold, accuracy and area under the curve of verification scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.evaluation import (
    area_under_curve,
    best_threshold,
    equal_error_rate,
    roc_curve,
    verification_accuracy,
)

# Few levels, so that ties between same and different pairs are common.
PAIRS = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40).map(
    lambda rows: (np.array([r[0] for r in rows]) / 8, np.array([r[1] for r in rows]))
)


@settings(deadline=None)
@given(pairs=PAIRS)
def test_no_threshold_decides_more_pairs_correctly(pairs):
    scores, same = pairs
    threshold = best_threshold(scores, same)
    tried = [np.mean((scores >= t) == same) for t in np.arange(-1, 19) / 16]
    assert verification_accuracy(scores, same, threshold) == max(tried)


@settings(deadline=None)
@given(pairs=PAIRS)
def test_the_area_is_the_chance_of_the_right_order(pairs):
    scores, same = pairs
    if same.all() or not same.any():
        with pytest.raises(ValueError, match="both same and different"):
            area_under_curve(scores, same)
        return
    gaps = scores[same][:, None] - scores[~same]
    expected = np.mean((gaps > 0) + 0.5 * (gaps == 0))
    np.testing.assert_allclose(area_under_curve(scores, same), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("scores", "same", "threshold"),
    [
        # The midpoint of the gap between the classes.
        ([0.1, 0.2, 0.6, 0.9], [0, 0, 1, 1], 0.4),
        # Of two best midpoints the lower one.
        ([0.1, 0.3, 0.5, 0.7], [0, 1, 0, 1], 0.2),
        # All the same: the lowest score is accepted still.
        ([0.25, 0.5], [1, 1], 0.25),
    ],
)
def test_known_thresholds(scores, same, threshold):
    assert best_threshold(np.array(scores), np.array(same)) == pytest.approx(threshold)


def test_different_pairs_alone_are_all_rejected():
    scores = np.array([0.2, 1.0], np.float32)
    threshold = best_threshold(scores, np.zeros(2, bool))
    assert threshold > 1.0
    assert verification_accuracy(scores, np.zeros(2, bool), threshold) == 1.0


def test_neighbouring_floats_are_told_apart():
    low = 0.3
    high = np.nextafter(low, 1)
    assert best_threshold(np.array([low, high]), np.array([False, True])) == high


def test_a_score_at_the_threshold_means_the_same():
    assert verification_accuracy(np.array([0.5]), np.array([True]), 0.5) == 1.0


def test_a_curve_worked_by_hand():
    # From the top: same; different and same together; different; same; different.
    scores = np.array([0.9, 0.7, 0.7, 0.6, 0.4, 0.1])
    same = np.array([True, False, True, False, True, False])
    curve = roc_curve(scores, same)
    np.testing.assert_allclose(curve.true_positive * 3, [0, 1, 2, 2, 3, 3], atol=1e-12)
    np.testing.assert_allclose(curve.false_positive * 3, [0, 0, 1, 2, 2, 3], atol=1e-12)
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.7, 0.6, 0.4, 0.1]


@settings(deadline=None)
@given(pairs=PAIRS)
def test_the_curve_is_what_its_thresholds_accept_and_has_the_area(pairs):
    scores, same = pairs
    if same.all() or not same.any():
        with pytest.raises(ValueError, match="both same and different"):
            roc_curve(scores, same)
        return
    curve = roc_curve(scores, same)
    for accepted, pairs_of_label in (
        (curve.true_positive, scores[same]),
        (curve.false_positive, scores[~same]),
    ):
        expected = [(pairs_of_label >= threshold).mean() for threshold in curve.thresholds]
        np.testing.assert_allclose(accepted, expected, atol=1e-12)
    # The trapezoidal rule, written out.
    heights = (curve.true_positive[1:] + curve.true_positive[:-1]) / 2
    area = np.sum(np.diff(curve.false_positive) * heights)
    assert area == pytest.approx(area_under_curve(scores, same), abs=1e-12)


@pytest.mark.parametrize(
    "measure",
    [best_threshold, area_under_curve, roc_curve, lambda p, s: verification_accuracy(p, s, 0.5)],
)
@pytest.mark.parametrize(
    ("scores", "same", "message"),
    [
        ([], [], "at least one pair"),
        ([0.1, 0.2], [1], r"shapes \(2,\) and \(1,\)"),
        ([[0.1, 0.2]], [[1, 0]], "lists of equal length"),
        ([0.1, 0.2], [1, 2], "`same` must be booleans"),
        ([0.1, np.nan], [1, 0], "1 NaN of 2"),
    ],
)
def test_labels_and_scores_must_fit(measure, scores, same, message):
    with pytest.raises(ValueError, match=message):
        measure(np.array(scores), np.array(same))


@pytest.mark.parametrize(
    ("scores", "same", "rate"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 0.0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 1.0),
        ([0.5, 0.5, 0.5], [1, 0, 0], 0.5),
        # From (0, 1/3) to (1/2, 1/3): the rates are equal at 1/3.
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 1, 0, 1, 0], 1 / 3),
    ],
)
def test_equal_error_rate_by_hand(scores, same, rate):
    found = equal_error_rate(np.array(scores), np.array(same, bool))
    assert found == pytest.approx(rate)


@settings(deadline=None)
@given(pairs=PAIRS.filter(lambda pairs: pairs[1].any() and not pairs[1].all()))
def test_equal_error_rate_does_not_care_which_error_is_which(pairs):
    scores, same = pairs
    np.testing.assert_allclose(
        equal_error_rate(-scores, ~same), equal_error_rate(scores, same), atol=1e-12
    )

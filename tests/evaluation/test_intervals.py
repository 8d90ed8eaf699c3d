"""Wilson's interval."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.evaluation import wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Koch et al.'s 92.0 % of 400 trials.
        (368, 400, 0.889, 0.943),
        # Newcombe 1998, Statistics in Medicine 17, Table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(successes, n, low, high):
    digits = 4 if n != 400 else 3
    assert tuple(round(bound, digits) for bound in wilson_interval(successes, n)) == (low, high)


@settings(deadline=None)
@given(n=st.integers(1, 10_000), fraction=st.floats(0, 1))
def test_the_bounds_are_the_roots_of_the_score_equation(n, fraction):
    successes = round(fraction * n)
    z = 1.959963984540054
    for bound in wilson_interval(successes, n):
        assert 0 <= bound <= 1
        distance = abs(successes / n - bound)
        np.testing.assert_allclose(distance, z * sqrt(bound * (1 - bound) / n), atol=1e-7)


def test_more_confidence_is_a_wider_interval():
    low, high = wilson_interval(30, 40, confidence=0.99)
    assert low < wilson_interval(30, 40)[0] < 0.75 < wilson_interval(30, 40)[1] < high


@pytest.mark.parametrize("arguments", [(1, 0), (-1, 4), (5, 4), (1, 4, 0.0), (1, 4, 1.0)])
def test_impossible_counts_are_refused(arguments):
    with pytest.raises(ValueError, match="Received"):
        wilson_interval(*arguments)

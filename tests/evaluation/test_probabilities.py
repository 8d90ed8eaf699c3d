"""Sigmoid and softmax, against SciPy's."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from keras_siamese.evaluation.probabilities import expit, softmax

LOGITS = arrays(np.float64, array_shapes(max_dims=2, max_side=5), elements=st.floats(-1e4, 1e4))


@given(LOGITS)
def test_the_sigmoid_is_that_of_scipy(logits):
    # Some versions of SciPy give 0 below the smallest normal number.
    np.testing.assert_allclose(expit(logits), scipy.special.expit(logits), rtol=1e-14, atol=1e-300)


@given(LOGITS)
def test_the_softmax_is_that_of_scipy(logits):
    found = softmax(logits, axis=-1)
    np.testing.assert_allclose(found, scipy.special.softmax(logits, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=-1), 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_and_ends_stay(dtype):
    logits = np.array([-np.inf, -2000, 0, 2000, np.inf, np.nan], dtype)
    found = expit(logits)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, [0, 0, 0.5, 1, 1, np.nan])
    assert softmax(logits[1:4], axis=0).dtype == dtype

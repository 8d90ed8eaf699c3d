"""Operations on NumPy arrays."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data.drawing.numpy_operations import ArrayOperations

OPS = ArrayOperations()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 4))
def test_growing_is_the_maximum_over_octagons(seed, steps):
    image = np.random.default_rng(seed).random((20, 20)).astype(np.float32)
    steps = np.float32(steps)
    grown = OPS.grown(image, steps)
    low, high = OPS.grown(image, np.floor(steps)), OPS.grown(image, np.ceil(steps))
    share = steps - np.floor(steps)
    np.testing.assert_allclose(grown, low + share * (high - low), atol=1e-6)
    single = np.zeros((9, 9), np.float32)
    single[4, 4] = 1
    away = np.abs(np.mgrid[-4:5, -4:5])
    octagon = (away.max(axis=0) <= 2) & (away.sum(axis=0) <= 3)
    np.testing.assert_array_equal(OPS.grown(single, 2.0) > 0, octagon)

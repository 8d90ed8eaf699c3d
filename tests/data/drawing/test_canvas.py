"""Filters and statistics of the canvas, against SciPy, scikit-image and NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.filters import threshold_otsu

from keras_siamese.data.drawing.canvas import SIDE, blurred, closed, frame, otsu, quantile
from keras_siamese.data.drawing.numpy_operations import ArrayOperations

OPS = ArrayOperations()


def test_the_blur_is_scipys():
    image = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    found = blurred(image, 8.0, OPS)
    expected = ndimage.gaussian_filter(image, 8.0, mode="nearest")
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("side", [3, 49])
def test_the_closing_is_scipys_of_a_picture_that_goes_on(side):
    image = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    wide = np.pad(image, 2 * side, mode="edge")
    expected = ndimage.grey_closing(wide, (side, side))[2 * side : -2 * side, 2 * side : -2 * side]
    np.testing.assert_array_equal(closed(image, side, OPS), expected)


def test_the_frame_is_the_outermost_pixels():
    mask = frame(3)
    assert mask.sum() == SIDE**2 - (SIDE - 6) ** 2
    assert mask[2, 100] == mask[100, -3] == 1 and mask[3, 3] == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.6))
def test_the_threshold_is_otsus(seed, share):
    rng = np.random.default_rng(seed)
    dark = rng.random((64, 64)) < share
    values = np.clip(np.where(dark, 0.7, 0.3) + rng.normal(0, 0.08, dark.shape), 0, 0.999)
    values = values.astype(np.float32)
    found = otsu(values, np.ones_like(values), OPS)
    expected = threshold_otsu((values * 512).astype(int), nbins=512)
    assert found * 512 == pytest.approx(expected, abs=3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_quantiles_are_numpys(seed, share):
    values = np.random.default_rng(seed).random((32, 32)).astype(np.float32)
    expected = np.quantile(values, share, method="inverted_cdf")
    found = quantile(values, np.ones_like(values), share, OPS)
    assert found == pytest.approx(expected if share else 0.0, abs=2.1 / 512)

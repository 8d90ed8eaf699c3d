import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import block_reduce
from skimage.transform import resize

from keras_siamese.data.resampling import check_size, fit_images, resize_images


def random_images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_a_third_of_the_size_is_the_exact_mean_of_blocks():
    images = random_images(3, 105, 105, 1)
    expected = block_reduce(images.astype(np.float64), (1, 3, 3, 1), np.mean)
    np.testing.assert_array_equal(resize_images(images, 35), np.floor(expected + 0.5))


def test_shrinking_by_a_fraction_weighs_pixels_by_area():
    # Three pixels become two, so the middle one counts half for each: (90 + 0.5 * 30) / 1.5 = 70.
    image = np.array([90, 30, 240], np.uint8).reshape(1, 1, 3, 1)
    assert resize_images(image, (1, 2)).ravel().tolist() == [70, 170]


def test_enlarging_is_bilinear_as_in_scikit_image():
    images = random_images(2, 28, 28, 1)
    expected = [
        resize(i, (35, 35, 1), order=1, mode="edge", anti_aliasing=False, preserve_range=True)
        for i in images
    ]
    np.testing.assert_allclose(resize_images(images, 35), expected, atol=0.51)


def test_axes_are_not_mixed_up():
    images = random_images(2, 12, 20, 3)
    assert resize_images(images, (6, 5)).shape == (2, 6, 5, 3)
    turned = resize_images(images.swapaxes(1, 2), (5, 6)).swapaxes(1, 2)
    np.testing.assert_array_equal(resize_images(images, (6, 5)), turned)


def test_the_same_size_gives_the_same_array():
    images = random_images(1, 7, 9, 1)
    assert resize_images(images, (7, 9)) is images


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 255))
def test_an_even_image_stays_even_at_any_size(old, new, value):
    images = np.full((1, old, old, 1), value, np.uint8)
    np.testing.assert_array_equal(resize_images(images, new), np.full((1, new, new, 1), value))


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 24), st.integers(1, 24))
def test_shrinking_keeps_the_mean(old, new):
    images = random_images(1, old, old, 1)
    resized = resize_images(images, min(old, new))
    assert abs(resized.mean() - images.mean()) <= 0.51


def test_fitted_images_keep_their_proportions_and_are_filled_with_their_border():
    images = np.full((2, 4, 8, 1), 10, np.uint8)
    images[1] = 200
    images[:, 1:3, 2:6] = 90
    fitted = fit_images(images, (8, 8))
    # Twice as wide as high: half of the height is filled, as much above as below.
    np.testing.assert_array_equal(fitted[:, 2:6], images)
    for one, level in zip(fitted, (10, 200), strict=True):
        assert (one[:2] == level).all() and (one[6:] == level).all()


@pytest.mark.parametrize(
    "size", [0, -3, (35,), (35, 0), (35, 35, 1), 3.5, True, (35, True), "35", None]
)
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(ValueError, match="`size` must be a positive number of pixels"):
        check_size(size)


def test_float_images_are_refused():
    with pytest.raises(ValueError, match="`images` must be a uint8 array"):
        resize_images(np.zeros((1, 4, 4, 1), np.float32), 2)


def test_blocks_of_many_pixels_are_added_exactly():
    white = np.full((1, 6000, 6000, 1), 255, np.uint8)
    assert resize_images(white, 2).tolist() == [[[[255]] * 2] * 2], "a sum above 32 bits"
    images = np.random.default_rng(0).integers(0, 256, (2, 36, 45, 3), dtype=np.uint8)
    blocks = images.reshape(2, 3, 12, 5, 9, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 3, 5, 108, 3)
    # Halves round up.
    expected = (2 * blocks.sum(axis=3, dtype=int) + 108) // 216
    np.testing.assert_array_equal(resize_images(images, (3, 5)), expected)

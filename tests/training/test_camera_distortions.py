"""Camera-like distortions in the step: each effect against SciPy and NumPy, range and identity."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.ndimage as ndi
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data import PICTURE_CAMERA, CameraRanges, draw_camera
from keras_siamese.data.camera_ranges import COLUMNS, NOISE_VALUES
from keras_siamese.training import take_pictures

pytestmark = pytest.mark.keras3

# Side of the images; as large as those that lengths are given for.
SIDE = 105
ALL = CameraRanges(pen=(-2.0, 2.0), blur=2.0, inverse=0.5)


def pictures(num_images=3, side=SIDE, channels=1, seed=0):
    """Blurry shapes with values from 0 to 1."""
    rng = np.random.default_rng(seed)
    shapes = ndi.gaussian_filter(
        rng.standard_normal((num_images, side, side, channels)), (0, 3, 3, 0)
    )
    return np.clip(0.5 + 8 * shapes, 0, 1).astype(np.float32)


def draws(num_images=3, channels=1, paper=0.0, ink=1.0, **numbers):
    """The draw that changes nothing, apart from what is named."""
    drawn = np.zeros((num_images, len(COLUMNS) + 2 * channels), np.float32)
    drawn[:, COLUMNS.index("period")] = 10
    for name, values in numbers.items():
        drawn[:, COLUMNS.index(name)] = values
    drawn[:, len(COLUMNS) : len(COLUMNS) + channels] = paper
    drawn[:, len(COLUMNS) + channels :] = ink
    return drawn


def take(images, drawn, ranges=ALL):
    return np.asarray(take_pictures(images, drawn, ranges))


def test_a_draw_without_effect_leaves_every_bit():
    for channels in (1, 3):
        images = pictures(channels=channels)
        np.testing.assert_array_equal(take(images, draws(channels=channels)), images)


def test_the_pen_is_an_erosion_or_a_dilation_and_between_whole_pixels_a_mixture():
    images = pictures(5)
    square = (1, 3, 3, 1)
    # SciPy's "nearest" border is the one that adds nothing to a maximum or minimum.
    wider, narrower = (
        f(images, square, mode="nearest") for f in (ndi.maximum_filter, ndi.minimum_filter)
    )
    widest = ndi.maximum_filter(images, (1, 5, 5, 1), mode="nearest")
    taken = take(images, draws(5, pen=[1.0, -1.0, 2.0, 0.25, -0.5]))
    expected = [
        wider[0],
        narrower[1],
        widest[2],
        0.75 * images[3] + 0.25 * wider[3],
        0.5 * images[4] + 0.5 * narrower[4],
    ]
    np.testing.assert_allclose(taken, expected, atol=1e-6)


def test_lines_lie_at_their_period_over_the_paper_and_leave_ink():
    images = np.zeros((2, SIDE, SIDE, 1), np.float32)
    images[:, 50:60, 50:60] = 0.9
    lines = {"period": 20.0, "row_phase": 0.25, "column_phase": 0.5}
    taken = take(images, draws(2, rows=0.4, columns=[0.0, 0.3], **lines))[..., 0]
    expected = images[..., 0].copy()
    rows, columns = np.arange(5, SIDE, 20), np.arange(10, SIDE, 20)
    expected[:, rows] = np.maximum(expected[:, rows], 0.4)
    expected[1][:, columns] = np.maximum(expected[1][:, columns], 0.3)
    np.testing.assert_allclose(taken, expected, atol=1e-5)


def test_paper_and_ink_get_their_levels_in_each_channel():
    images = pictures(channels=3)
    paper, ink = np.array([0.0, 0.1, 0.3]), np.array([1.0, 0.4, 0.8])
    taken = take(images, draws(channels=3, paper=paper, ink=ink))
    np.testing.assert_allclose(taken, paper + (ink - paper) * images, atol=1e-6)


def test_light_falls_off_from_one_side_to_the_other():
    images = pictures()
    taken = take(images, draws(light=0.4, light_x=[0.4, 0.0, -0.4], light_y=[0.0, 0.4, 0.0]))
    ramp = 0.4 * np.linspace(0, 1, SIDE)
    missing = np.stack([np.tile(ramp, (SIDE, 1)), np.tile(ramp[:, None], SIDE),
                        np.tile(ramp[::-1], (SIDE, 1))])[..., None]  # fmt: skip
    # Light is what is not ink.
    np.testing.assert_allclose(1 - taken, (1 - images) * (1 - missing), atol=1e-6)


def test_the_blur_is_scipys_gaussian():
    images = pictures()
    taken = take(images, draws(blur=[0.5, 1.2, 2.0]))
    for image, got, sigma in zip(images, taken, (0.5, 1.2, 2.0), strict=True):
        # The kernel reaches as far for every image: three times the largest deviation.
        wanted = ndi.gaussian_filter(image[..., 0], sigma, mode="mirror", radius=6)
        np.testing.assert_allclose(got[..., 0], wanted, atol=1e-5)


def test_noise_is_normal_and_depends_on_its_place_alone():
    images = np.full((4, SIDE, SIDE, 3), 0.5, np.float32)
    places = [0, 0, 5000, NOISE_VALUES - 1]
    taken = take(images, draws(4, channels=3, noise=0.1, noise_place=places))
    noise = (taken - 0.5) / 0.1
    np.testing.assert_array_equal(noise[0], noise[1])
    # A place later is a value later, and after the last comes the first.
    np.testing.assert_allclose(noise[3].ravel()[1:], noise[0].ravel()[:-1], atol=1e-6)
    for image in noise[2:]:
        values = image.ravel()
        # 33,075 values: the standard error of the mean is 0.0055, of the deviation 0.004.
        assert abs(values.mean()) < 0.025
        assert abs(values.std() - 1) < 0.02
        assert abs((abs(values) < 1).mean() - 0.6827) < 0.012
        assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.025
    assert abs(np.corrcoef(noise[0].ravel(), noise[2].ravel())[0, 1]) < 0.025


def test_an_inverse_swaps_paper_and_ink():
    images = pictures()
    taken = take(images, draws(inverse=[0.0, 1.0, 1.0]))
    np.testing.assert_allclose(taken, [images[0], 1 - images[1], 1 - images[2]], atol=1e-6)


def test_an_excluded_effect_is_left_out_even_where_a_draw_names_it():
    images = pictures()
    ranges = CameraRanges(pen=(0.0, 0.0), lines=0.0, light=0.0, blur=0.0, noise=0.0)
    drawn = draws(pen=1.0, rows=1.0, light=1.0, blur=2.0, noise=1.0, inverse=1.0)
    np.testing.assert_array_equal(take(images, drawn, ranges), images)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from([(35, 35, 1), (20, 31, 3), (6, 9, 1), (2, 2, 1)]),
    st.sampled_from([CameraRanges(), PICTURE_CAMERA, ALL]),
)
def test_values_stay_in_range_and_come_back_the_same(seed, shape, ranges):
    ranges = replace(ranges, probability=1.0)
    rng = np.random.default_rng(seed)
    images = rng.random((4, *shape), np.float32)
    drawn = draw_camera(4, shape[:2], shape[2], rng, ranges)
    taken = take(images, drawn, ranges)
    assert taken.shape == images.shape and taken.dtype == np.float32
    assert (taken >= 0).all() and (taken <= 1).all()
    assert taken.tobytes() == take(images, drawn, ranges).tobytes()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([CameraRanges(), PICTURE_CAMERA]))
def test_a_chance_of_zero_leaves_every_bit(seed, ranges):
    ranges = replace(ranges, probability=0.0)
    rng = np.random.default_rng(seed)
    images = rng.random((4, 20, 20, 3), np.float32)
    drawn = draw_camera(4, (20, 20), 3, rng, ranges)
    assert take(images, drawn, ranges).tobytes() == images.tobytes()

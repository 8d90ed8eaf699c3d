"""Affine distortions: ranges, composition and the reference warp."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import AffineTransform

from keras_siamese.data.distortions import (
    IDENTITY,
    AffineRanges,
    affine_rows,
    compose_transforms,
    distort,
    draw_transforms,
    square_symmetries,
)

SIZE = (105, 105)


def one(theta=0.0, shear=(0.0, 0.0), scale=(1.0, 1.0), translation=(0.0, 0.0), size=SIZE):
    """Return the matrix of one transform."""
    rows = affine_rows(
        np.array([theta]), np.array([shear]), np.array([scale]), np.array([translation]), size
    )
    return rows[0].reshape(2, 3)


def dot(x, y, size=SIZE):
    """Return an image with one inked pixel."""
    image = np.zeros((1, *size, 1), np.float32)
    image[0, y, x, 0] = 1
    return image


def test_neutral_components_give_the_identity():
    np.testing.assert_allclose(one().ravel(), IDENTITY, atol=1e-6)


@pytest.mark.parametrize(
    ("kwargs", "source", "target"),
    [
        ({"theta": 90.0}, (62, 52), (52, 62)),  # x axis turns to y axis, about pixel (52, 52)
        ({"scale": (2.0, 1.0)}, (62, 52), (72, 52)),
        ({"translation": (3.0, -2.0)}, (52, 52), (55, 50)),
        ({"shear": (0.5, 0.0)}, (52, 62), (57, 62)),  # x grows by rho_x times y
    ],
)
def test_each_component_moves_a_pixel_where_geometry_says(kwargs, source, target):
    warped = distort(dot(*source), one(**kwargs).reshape(1, 6))[0, :, :, 0]
    assert np.unravel_index(warped.argmax(), warped.shape) == (target[1], target[0])


def test_composition_is_scale_then_shear_then_rotation_then_translation():
    centre = np.array([52.0, 52.0])
    point = np.array([70.0, 40.0])
    angle = np.deg2rad(8.0)
    expected = (point - centre) * [1.1, 0.9]
    expected = np.array([expected[0] + 0.2 * expected[1], expected[1] - 0.1 * expected[0]])
    expected = [
        np.cos(angle) * expected[0] - np.sin(angle) * expected[1],
        np.sin(angle) * expected[0] + np.cos(angle) * expected[1],
    ] + centre
    expected += [1.5, -0.5]
    matrix = one(8.0, (0.2, -0.1), (1.1, 0.9), (1.5, -0.5))
    np.testing.assert_allclose(matrix @ [*expected, 1], point, atol=1e-4)


def drawn(only, size=SIZE):
    """Forward matrices and translations where one component alone is drawn, in the paper's range.

    `out - centre = forward (in - centre) + translation`, worked out from the rows, which map back.
    """
    neutral = {"rotation": 0, "shear": 0, "scale": (1, 1), "translation": 0}
    neutral.pop(only)
    ranges = AffineRanges(**neutral, probability=1)
    rows = draw_transforms(5000, size, np.random.default_rng(0), ranges).reshape(-1, 2, 3)
    forward = np.linalg.inv(rows[:, :, :2].astype(np.float64))
    centre = (np.array(size[::-1]) - 1) / 2
    return forward, np.einsum("nij,nj->ni", forward, centre - rows[:, :, 2]) - centre


def assert_fills(values, low, high):
    """Every column lies in [low, high] and comes within a hundredth of its width of both ends."""
    slack, width = 1e-4, high - low
    assert values.min() >= low - slack and values.max() <= high + slack
    assert (values.min(axis=0) < low + width / 100).all()
    assert (values.max(axis=0) > high - width / 100).all()


# The ranges below are those of Koch et al. 2015, sec. 3.2, "Affine distortions".


def test_rotations_fill_ten_degrees_either_way():
    forward, translation = drawn("rotation")
    angle = np.rad2deg(np.arctan2(forward[:, 1, 0], forward[:, 0, 0]))
    assert_fills(angle, -10, 10)
    np.testing.assert_allclose(
        forward @ forward.swapaxes(1, 2), np.tile(np.eye(2), (5000, 1, 1)), atol=1e-5
    )
    np.testing.assert_allclose(translation, 0, atol=1e-3)


def test_shears_fill_three_tenths_either_way():
    forward, translation = drawn("shear")
    np.testing.assert_allclose(forward[:, [0, 1], [0, 1]], 1, atol=1e-5)
    assert_fills(forward[:, [0, 1], [1, 0]], -0.3, 0.3)
    np.testing.assert_allclose(translation, 0, atol=1e-3)


def test_scales_fill_four_to_six_fifths():
    forward, translation = drawn("scale")
    np.testing.assert_allclose(forward[:, [0, 1], [1, 0]], 0, atol=1e-5)
    assert_fills(forward[:, [0, 1], [0, 1]], 0.8, 1.2)
    np.testing.assert_allclose(translation, 0, atol=1e-3)


@pytest.mark.parametrize(("size", "limit"), [((105, 105), 2), ((35, 35), 2 / 3)])
def test_translations_fill_two_pixels_of_105_either_way(size, limit):
    forward, translation = drawn("translation", size)
    np.testing.assert_allclose(forward, np.tile(np.eye(2), (5000, 1, 1)), atol=1e-6)
    assert_fills(translation, -limit, limit)


@pytest.mark.parametrize("only", ["shear", "scale", "translation"])
def test_the_two_axes_are_drawn_independently(only):
    forward, translation = drawn(only)
    first, second = {
        "shear": (forward[:, 0, 1], forward[:, 1, 0]),
        "scale": (forward[:, 0, 0], forward[:, 1, 1]),
        "translation": (translation[:, 0], translation[:, 1]),
    }[only]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.06


def test_each_component_is_applied_with_the_given_probability():
    rng = np.random.default_rng(1)
    never = draw_transforms(50, SIZE, rng, AffineRanges(probability=0))
    np.testing.assert_allclose(never, np.tile(IDENTITY, (50, 1)), atol=1e-5)
    # All seven components are left out together with probability 1/2^7.
    rows = draw_transforms(40_000, SIZE, rng)
    untouched = np.abs(rows - IDENTITY).max(1) < 1e-6
    assert untouched.mean() == pytest.approx(1 / 128, abs=3 * np.sqrt(1 / 128 / 40_000))
    # Rotation and both shears left out leave no off-diagonal: 1/8.
    assert (np.abs(rows[:, [1, 3]]).max(1) < 1e-7).mean() == pytest.approx(1 / 8, abs=0.006)


def test_corners_are_filled_with_paper():
    ink = np.ones((1, 35, 35, 1), np.float32)
    small = one(scale=(0.8, 0.8), size=(35, 35)).reshape(1, 6)
    assert distort(ink, small)[0, 0, 0, 0] == 0


def test_same_seed_same_transforms():
    first, second = (draw_transforms(9, SIZE, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(-10, 10),
    st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    st.tuples(st.floats(0.8, 1.2), st.floats(0.8, 1.2)),
    st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
)
def test_composition_agrees_with_scikit_image(theta, shear, scale, translation):
    centre = AffineTransform(translation=(-52, -52))
    skew = AffineTransform(matrix=np.array([[1, shear[0], 0], [shear[1], 1, 0], [0, 0, 1]]))
    expected = (
        centre
        + AffineTransform(scale=scale)
        + skew
        + AffineTransform(rotation=np.deg2rad(theta))
        + AffineTransform(translation=(52 + translation[0], 52 + translation[1]))
    )
    matrix = one(theta, shear, scale, translation)
    np.testing.assert_allclose(matrix, np.linalg.inv(expected.params)[:2], atol=2e-4)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"rotation": -1}, "`rotation`"),
        ({"shear": float("nan")}, "`shear`"),
        ({"shear": 1.0}, "collapse"),
        ({"scale": (1.2, 0.8)}, "`scale`"),
        ({"scale": (0.0, 1.0)}, "`scale`"),
        ({"probability": 1.5}, "`probability`"),
    ],
)
def test_absurd_ranges_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        AffineRanges(**kwargs)


def test_one_transform_per_image_is_needed():
    with pytest.raises(ValueError, match="2 rows for 1 images"):
        distort(dot(3, 3), np.tile(IDENTITY, (2, 1)))


def warped(image, rows):
    """Every transform of one image `(height, width)`, by scikit-image."""
    images = np.repeat(image[None, :, :, None], len(rows), axis=0)
    return distort(images, rows)[..., 0]


def test_they_are_the_eight_turns_and_mirrorings_that_numpy_makes():
    image = np.random.default_rng(0).random((5, 5)).astype(np.float32)
    expected = {np.rot90(way, k).tobytes() for way in (image, image.T) for k in range(4)}
    assert len(expected) == 8
    assert {turned.tobytes() for turned in warped(image, square_symmetries((5, 5)))} == expected


def test_images_that_are_not_square_keep_their_shape():
    image = np.random.default_rng(0).random((4, 7)).astype(np.float32)
    rows = square_symmetries((4, 7))
    expected = [image, image[:, ::-1], image[::-1], image[::-1, ::-1]]
    np.testing.assert_array_equal(warped(image, rows), expected)


def test_the_identity_comes_first():
    np.testing.assert_array_equal(square_symmetries((6, 6))[0], [1, 0, 0, 0, 1, 0])


@pytest.mark.parametrize("symmetry", range(8))
def test_a_chain_is_one_warp_after_the_other(symmetry):
    size = 21
    image = np.zeros((size, size), np.float32)
    image[6:15, 6:15] = np.random.default_rng(1).random((9, 9))  # away from the border
    first = square_symmetries((size, size))[symmetry]
    then = draw_transforms(1, (size, size), np.random.default_rng(2))
    turned = warped(image, first[None])[0]
    np.testing.assert_allclose(
        warped(image, compose_transforms(first, then)), warped(turned, then), atol=1e-5
    )


def test_shapes_broadcast():
    rows = compose_transforms(square_symmetries((9, 9))[:, None], np.zeros((5, 6), np.float32))
    assert rows.shape == (8, 5, 6)
    assert rows.dtype == np.float32

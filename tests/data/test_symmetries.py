"""Turning and mirroring, and one transform after another."""

import numpy as np
import pytest

from keras_siamese.data.distortions import chain, distort, draw_transforms, square_symmetries


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
    np.testing.assert_allclose(warped(image, chain(first, then)), warped(turned, then), atol=1e-5)


def test_shapes_broadcast():
    rows = chain(square_symmetries((9, 9))[:, None], np.zeros((5, 6), np.float32))
    assert rows.shape == (8, 5, 6)
    assert rows.dtype == np.float32

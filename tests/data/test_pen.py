import numpy as np

from keras_siamese.data.datasets.glyphs import bezier, draw_strokes

HORIZONTAL = np.array([[-0.25, 0.0], [-0.1, 0.0], [0.1, 0.0], [0.25, 0.0]])


def test_bezier_passes_through_its_ends_and_de_casteljaus_middle():
    control = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    points = bezier(control, np.array([0.0, 0.5, 1.0]))
    # Middle of a cubic: (p0 + 3 p1 + 3 p2 + p3) / 8.
    np.testing.assert_allclose(points, [[0, 0], [0.5, 0.75], [1, 0]])


def test_ink_is_as_wide_as_the_pen_and_as_long_as_the_line():
    image = draw_strokes(HORIZONTAL[None], np.array([0]), np.array([0.05]), size=100)[0, ..., 0]
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    # A radius of 5 pixels about the middle (between rows 49 and 50), half a pixel of soft edge.
    assert (rows[0], rows[-1]) == (45, 54) or (rows[0], rows[-1]) == (44, 55)
    assert abs(columns[0] - 20) <= 1 and abs(columns[-1] - 79) <= 1
    assert image[48:52, 30:70].min() == 255
    area = image.sum() / 255
    assert abs(area - (10 * 50 + np.pi * 25)) < 15


def test_a_line_has_no_gaps_at_any_size():
    diagonal = np.array([[-0.5, -0.5], [-0.5, -0.5], [0.5, 0.5], [0.5, 0.5]])
    for size in (8, 35, 105):
        image = draw_strokes(diagonal[None], np.array([0]), np.array([0.5 / size]), size=size)
        assert np.diagonal(image[0, ..., 0]).min() > 0


def test_what_lies_outside_is_cut_off():
    strokes = np.stack([HORIZONTAL + [0.5, 0.5], HORIZONTAL + [3.0, 0.0]])
    images = draw_strokes(strokes, np.array([0, 1]), np.array([0.05, 0.05]), size=20)
    assert images[0, -1, -1, 0] > 200 and images[0, 0].max() == 0
    assert images[1].max() == 0


def test_each_stroke_goes_to_its_image():
    strokes = np.stack([HORIZONTAL, HORIZONTAL[:, ::-1]])
    apart = draw_strokes(strokes, np.array([1, 2]), np.full(3, 0.04), size=24)
    assert apart[0].max() == 0
    np.testing.assert_array_equal(apart[1], apart[2].swapaxes(0, 1))
    together = draw_strokes(strokes, np.array([0, 0]), np.array([0.04]), size=24)
    np.testing.assert_array_equal(together[0], np.maximum(apart[1], apart[2]))

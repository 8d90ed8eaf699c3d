import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data.images.redraw import redraw_like_omniglot


def draw(length=200, width=16, bottom=310, left=110):
    """An L of two strokes, black on white, its corner at (bottom, left)."""
    pad = np.full((420, 420), 255, np.uint8)
    pad[bottom - length : bottom, left : left + width] = 0
    pad[bottom - width : bottom, left : left + length] = 0
    return pad


def extent(drawing):
    """First and last row and column with ink."""
    ink = drawing[..., 0] == 255
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def test_the_result_is_binary_of_omniglots_size():
    drawing = redraw_like_omniglot(draw())
    assert drawing.shape == (105, 105, 1) and drawing.dtype == np.uint8
    assert set(np.unique(drawing)) == {0, 255}


@settings(max_examples=15, deadline=None)
@given(
    length=st.integers(140, 200),
    width=st.integers(4, 20),
    bottom=st.integers(210, 400),
    left=st.integers(5, 210),
)
def test_place_size_and_pen_make_no_difference(length, width, bottom, left):
    # 69 pixels in the middle of 105: rows and columns 18 to 86, except for what thinning takes off.
    found = extent(redraw_like_omniglot(draw(length, width, bottom, left)))
    assert np.abs(found - [18, 86, 18, 86]).max() <= 3


@pytest.mark.parametrize("width", [4, 10, 24])
def test_the_pen_is_five_pixels_wide(width):
    ink = redraw_like_omniglot(draw(width=width))[..., 0] == 255
    # Across the upright stroke, and across the level one.
    assert abs(int(ink[40].sum()) - 5) <= 1
    assert abs(int(ink[:, 60].sum()) - 5) <= 1


def test_proportions_are_kept():
    pad = np.full((420, 420), 255, np.uint8)
    pad[100:116, 50:350] = pad[200:216, 50:350] = 0
    top, bottom, left, right = extent(redraw_like_omniglot(pad))
    # The middles of the lines: 285 pixels long, 100 apart; the pen adds 4 to both.
    assert (right - left - 4) / (bottom - top - 4) == pytest.approx(2.85, rel=0.08)


def test_a_dot_stays_small():
    pad = np.full((420, 420), 255, np.uint8)
    rows, columns = np.mgrid[:420, :420]
    pad[(rows - 60) ** 2 + (columns - 300) ** 2 <= 8**2] = 0
    top, bottom, left, right = extent(redraw_like_omniglot(pad))
    assert bottom - top <= 12 and right - left <= 12
    assert abs((top + bottom) / 2 - 52) <= 1.5


def test_grey_paper_and_white_on_black_are_drawings_too():
    pad = draw()
    expected = redraw_like_omniglot(pad)
    photograph = np.where(pad == 0, 70, 190).astype(np.uint8)
    np.testing.assert_array_equal(redraw_like_omniglot(photograph), expected)
    np.testing.assert_array_equal(redraw_like_omniglot(~pad), expected)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_blank_paper_is_refused(grey):
    with pytest.raises(ValueError, match="nothing on the paper"):
        redraw_like_omniglot(np.full((420, 420), grey, np.uint8))


@pytest.mark.data
def test_omniglots_own_drawings_keep_their_pen(data_dir):
    from keras_siamese import load_omniglot

    images = load_omniglot("small1", data_dir=data_dir).images
    for image in images[7::300]:
        drawing = redraw_like_omniglot(np.kron(255 - image[..., 0], np.ones((4, 4), np.uint8)))
        top, bottom, left, right = extent(image)
        scale = (69 - 5) / (max(bottom - top, right - left) + 1 - 5)
        # A line of a pen that does not change has ink in proportion to its length.
        assert drawing.sum() == pytest.approx(scale * image.sum(), rel=0.2)

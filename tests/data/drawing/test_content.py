"""A sign that is small on plain paper is cropped; all else stays whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data import Preprocessing
from keras_siamese.data.drawing import cropped

SIGN = np.array([220.0, 40, 30])


def page(height, width, box, *, paper=(245.0, 240, 225), slope=(0.0, 0.0), noise=0.0):
    """A picture `(height, width, 3)`, uint8: a red sign on paper in light that may fall off."""
    top, bottom, left, right = box
    picture = np.tile(np.array(paper), (height, width, 1))
    picture[top:bottom, left:right] = SIGN
    rows, columns = np.mgrid[:height, :width]
    picture *= (1 - slope[0] * rows / height - slope[1] * columns / width)[..., None]
    picture += np.random.default_rng(0).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_window_is_a_square_around_the_sign(data):
    height, width = (data.draw(st.integers(130, 900)) for _ in range(2))
    least, most = max(height, width) // 20, int(0.5 * min(height, width))
    tall, wide = (data.draw(st.integers(least, most)) for _ in range(2))
    top, left = (
        data.draw(st.integers(side // 8, side - side // 8 - sign))
        for side, sign in ((height, tall), (width, wide))
    )
    box = (top, top + tall, left, left + wide)
    slope = [data.draw(st.floats(0, 0.3)) for _ in range(2)]
    picture = page(height, width, box, slope=slope, noise=data.draw(st.floats(0, 3)))
    seen = cropped(picture)
    # The sign is red: it has little green.
    whole, part = (image[..., 1].astype(int) < 80 for image in (picture, seen))
    assert part.sum() == whole.sum()
    # Each end of the sign is known to a pixel of the canvas.
    side = max(tall, wide) / 0.65
    near = 2 / 0.65 * (max(height, width) / 128 + 1)
    middles = (top + tall / 2, left + wide / 2)
    for have, length, middle in zip(seen.shape, (height, width), middles, strict=False):
        expected = min(middle + side / 2, length) - max(middle - side / 2, 0)
        assert have == pytest.approx(expected, abs=near)


def test_place_and_size_on_the_page_do_not_change_what_is_read():
    reading = Preprocessing(40, "rgb", polarity="dark_on_light", paper="crop", aspect="fit")
    near, far = (
        reading.read(page(*args)).astype(int)
        for args in ((148, 148, (26, 122, 26, 122)), (1280, 1600, (200, 296, 1300, 1396)))
    )
    assert np.abs(near - far).mean() < 10
    whole = Preprocessing(40, "rgb", polarity="dark_on_light", aspect="fit")
    assert np.abs(near - whole.read(page(1280, 1600, (200, 296, 1300, 1396)))).mean() > 30


@pytest.mark.parametrize(
    "picture",
    [
        page(200, 200, (40, 170, 60, 120)),
        page(200, 200, (0, 60, 0, 60)),
        page(200, 200, (150, 190, 20, 60), noise=60),
        np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8),
        np.full((64, 64, 3), 200, np.uint8),
        np.full((64, 64, 1), 200, np.uint8),
    ],
    ids=["large", "at the border", "noisy paper", "no paper", "blank", "blank and grey"],
)
def test_other_pictures_stay_whole(picture):
    np.testing.assert_array_equal(cropped(picture), picture)


@settings(max_examples=100, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    channels=st.sampled_from([1, 3]),
    seed=st.integers(0, 1000),
)
def test_something_is_always_left(height, width, channels, seed):
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, channels), rng.integers(256), np.uint8)
    picture[rng.integers(height), rng.integers(width)] = rng.integers(256)
    seen = cropped(picture)
    assert seen.size and (seen != seen[0, 0]).any() == (picture != picture[0, 0]).any()

"""A whole sheet on a table: what is drawn on the sheet is read, and the table is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from keras_siamese.data import Preprocessing, make_glyphs
from keras_siamese.data.drawing import read_drawing

INK = (
    make_glyphs(num_alphabets=1, characters_per_alphabet=3, num_drawers=1, size=105, seed=3)
    .images[..., 0]
    .astype(np.float32)
    / 255
)
NOTHING = np.zeros((105, 105), np.float32)


def sheet(ink, *, table=90.0, angle=0.0, shadow=0.0, noise=2.0, grain=0.0):
    """A sheet `(230, 230)` on a table in a picture `(300, 320)`, uint8, turned by some degrees."""
    rng = np.random.default_rng(0)
    paper, drawn = np.zeros((2, 300, 320), np.float32)
    paper[35:265, 45:275] = 1
    drawn[90:195, 100:205] = ink
    paper, drawn = (ndimage.rotate(x, angle, reshape=False, order=1) for x in (paper, drawn))
    streaks = ndimage.gaussian_filter1d(rng.normal(0, 1, paper.shape), 9, axis=1)
    around = ndimage.gaussian_filter(np.roll(paper, (5, 5), (0, 1)), 4)
    desk = (table + grain * streaks) * (1 - shadow * around)
    picture = desk * (1 - paper) + 235 * paper
    picture *= 1 - 0.85 * np.clip(drawn, 0, 1)
    picture *= np.linspace(1, 0.85, 300)[:, None]
    picture = ndimage.gaussian_filter(picture, 0.7) + rng.normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def read(picture):
    """What is read, and what is noted."""
    image, notes = Preprocessing(53, paper="find").read_noted(picture)
    return image[..., 0] / 255.0, notes


def apart(first, second):
    """Share of the ink by which two images differ."""
    return np.abs(first - second).sum() / max(first.sum(), second.sum())


TABLES = {
    "dark": {"table": 25.0},
    "black lid of a scanner": {"table": 8.0, "noise": 0.0},
    "wood": {"table": 110.0, "grain": 60.0},
    "with a shadow of the sheet": {"table": 90.0, "shadow": 0.5},
}


@pytest.mark.parametrize("angle", [0, -4, 7])
@pytest.mark.parametrize("look", TABLES.values(), ids=TABLES)
def test_the_drawing_on_a_sheet_is_read_and_the_table_is_not(look, angle):
    drawn = np.clip(ndimage.rotate(INK[0], angle, reshape=False, order=1), 0, 1)
    alone = np.pad(235 - 200 * drawn, 60, constant_values=235).astype(np.uint8)
    found, notes = read(sheet(INK[0], angle=angle, **look))
    assert notes == ()
    assert apart(found, read(alone)[0]) < 0.25


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2), st.floats(10, 130), st.floats(-9, 9), st.floats(0, 0.6), st.floats(0.5, 4)
)
def test_it_is_read_whatever_the_table(number, table, angle, shadow, noise):
    drawn = np.clip(ndimage.rotate(INK[number], angle, reshape=False, order=1), 0, 1)
    alone = np.pad(235 - 200 * drawn, 60, constant_values=235).astype(np.uint8)
    picture = sheet(INK[number], table=table, angle=angle, shadow=shadow, noise=noise)
    assert apart(read(picture)[0], read(alone)[0]) < 0.35


@pytest.mark.parametrize("angle", [0, 5])
@pytest.mark.parametrize("table", [40.0, 110.0])
def test_an_empty_sheet_on_a_table_is_an_error(table, angle):
    with pytest.raises(ValueError, match="nothing is drawn on it"):
        read(sheet(NOTHING, table=table, angle=angle, grain=30.0, shadow=0.4))


def test_light_that_falls_off_is_no_sheet():
    rows, columns = np.mgrid[:256, :256] - 127.5
    lamp = np.exp(-(rows**2 + columns**2) / (2 * 75**2))
    page = np.full((256, 256), 235.0) * (0.25 + 0.75 * lamp)
    page[60:165, 110:215] *= 1 - 0.85 * INK[1]
    there = read_drawing(page.astype(np.uint8)[..., None], (53, 53), "auto").found.paper.there
    assert there.min() == 1


def test_a_filled_sign_on_a_screen_is_no_sheet():
    screen = np.zeros((256, 256), np.uint8)
    screen[40:216, 40:216] = 255
    image, _ = read(screen)
    assert image.sum() == pytest.approx((53 * 69 / 105) ** 2, rel=0.1)

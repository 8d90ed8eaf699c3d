"""The drawing that is found in a picture of paper, by properties."""

import numpy as np
import pytest
from scipy import ndimage

from keras_siamese.data import Preprocessing, make_glyphs
from keras_siamese.data.drawing import find_drawing
from keras_siamese.data.drawing.canvas import SIDE
from keras_siamese.data.drawing.find import FINE, LONGER_SIDE, THICKEST, THINNEST, _sampling
from keras_siamese.data.drawing.numpy_operations import ArrayOperations
from keras_siamese.data.resampling import _axis_weights

OPS = ArrayOperations()
GLYPHS = (
    make_glyphs(num_alphabets=2, characters_per_alphabet=4, num_drawers=1, size=210, seed=3)
    .images[..., 0]
    .astype(np.float32)
    / 255
)
READ = Preprocessing(105, paper="find").read


def page(ink, *, height=256, width=256, top=23, left=23, paper=255.0, darkness=255.0, light=1.0):
    """A picture `(height, width)`, uint8: ink in [0, 1] at a place on paper under a light."""
    cover = np.zeros((height, width), np.float32)
    cover[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return np.clip((paper - darkness * cover) * light, 0, 255).astype(np.uint8)


def read(picture):
    """What is read, `(105, 105)`, [0, 1]."""
    return READ(picture)[..., 0] / 255


def apart(first, second):
    """Share of the ink by which two images differ."""
    return np.abs(first - second).sum() / max(first.sum(), second.sum())


@pytest.mark.parametrize("ink", GLYPHS)
def test_the_longer_side_and_the_middle_are_omniglots(ink):
    image = read(page(ink)) > 0.5
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(105 * LONGER_SIDE, abs=3)
    for places in (rows, columns):
        assert (places[0] + places[-1]) / 2 == pytest.approx(52, abs=1.5)


GRADIENT = np.linspace(0.5, 1, 256, dtype=np.float32)[None]
SHADOW = np.where(np.arange(256) < 140, 0.55, 1.0).astype(np.float32)[:, None]


@pytest.mark.parametrize("ink", GLYPHS[:4])
@pytest.mark.parametrize(
    "look",
    [
        {"paper": 200.0, "darkness": 180.0},
        {"paper": 235.0, "darkness": 120.0},
        {"light": GRADIENT},
        {"light": SHADOW},
        {"light": SHADOW * GRADIENT, "paper": 230.0, "darkness": 190.0},
        {"height": 300, "top": 80, "left": 10},
        {"height": 600, "width": 500, "top": 350, "left": 250},
    ],
)
def test_paper_light_shadow_and_place_make_no_difference(ink, look):
    assert apart(read(page(ink)), read(page(ink, **look))) < 0.2


@pytest.mark.parametrize("ink", GLYPHS[:4])
def test_light_on_dark_is_the_same_drawing(ink):
    picture = page(ink, paper=240.0, darkness=220.0)
    assert apart(read(picture), read(255 - picture)) < 0.1


@pytest.mark.parametrize("ink", GLYPHS[:4])
def test_size_makes_little_difference(ink):
    small = ndimage.zoom(ink, 0.5, order=1)
    assert apart(read(page(ink)), read(page(small, top=130, left=20))) < 0.3


@pytest.mark.parametrize("side", [0, 1, 2, 3])
@pytest.mark.parametrize("level", [20, 110])
def test_the_edge_of_a_table_is_left_out(side, level):
    picture = np.rot90(page(GLYPHS[0], paper=230.0, darkness=200.0), -side).copy()
    picture[:14] = level
    turned = np.rot90(picture, side)
    assert apart(read(page(GLYPHS[0], paper=230.0, darkness=200.0)), read(turned)) < 0.1


def test_ruled_lines_and_specks_are_left_out():
    clean = page(GLYPHS[1], paper=250.0, darkness=220.0)
    ruled = clean.copy()
    ruled[10::24] = np.minimum(ruled[10::24], 190)
    ruled[::31, ::37] = 60
    assert apart(read(clean), read(ruled)) < 0.2


def test_faint_small_marks_are_left_out_and_dark_ones_kept():
    clean = page(GLYPHS[1], height=300, width=300, top=70, left=20, paper=230.0, darkness=70.0)
    mark = np.s_[20:32, 240:256]
    faint, dark = clean.copy(), clean.copy()
    faint[mark], dark[mark] = 186, 160
    assert apart(read(clean), read(faint)) < 0.05
    assert apart(read(clean), read(dark)) > 0.3


def test_marks_on_a_dark_table_are_left_out():
    clean = page(GLYPHS[1], height=300, width=300, top=20, left=20, paper=230.0, darkness=80.0)
    table = clean.copy()
    table[280:] = 40
    grain = table.copy()
    grain[284:290, 60:90] = 24
    assert apart(read(clean), read(table)) < 0.15
    assert apart(read(clean), read(grain)) < 0.15


@pytest.mark.parametrize("factor", [0.25, 2.5])
def test_pens_come_to_one_width(factor):
    ink = GLYPHS[0]
    outside = ndimage.distance_transform_edt(ink < 0.5) - ndimage.distance_transform_edt(ink >= 0.5)
    pen = np.clip(0.5 - (outside + 4 * (1 - factor)), 0, 1).astype(np.float32)
    image = find(page(pen)).image
    plain = pen_width(image)
    # The pens' own widths differ by a factor of ten.
    assert THINNEST - 3 < plain < THICKEST + 5


def find(picture):
    """What is found in a picture of the canvas's size."""
    canvas = picture.astype(np.float32) / 255
    return find_drawing(canvas, np.float32(SIDE), np.float32(SIDE), "auto", OPS)


def pen_width(ink):
    """The width of long strokes: four times the mean distance of ink from its outline."""
    inside = ndimage.distance_transform_edt(ink > 0.5)
    return 4 * inside[ink > 0.5].mean()


def test_a_blob_keeps_its_form():
    disc = (np.hypot(*np.mgrid[-64:64, -64:64]) < 60).astype(np.float32)
    image = read(page(disc, top=64, left=64))
    assert image.sum() == pytest.approx(np.pi * (105 * LONGER_SIDE / 2) ** 2, rel=0.1)


def test_proportions_are_kept_whatever_the_picture():
    bar = np.ones((20, 120), np.float32)
    for height, width in ((200, 200), (200, 400), (400, 200)):
        image = read(page(bar, height=height, width=width, top=60, left=40)) > 0.5
        rows, columns = image.any(axis=1).sum(), image.any(axis=0).sum()
        assert columns / rows == pytest.approx(6, rel=0.35)


def test_the_fine_square_is_resized_as_pictures_are():
    image = np.random.default_rng(1).random((SIDE, SIDE)).astype(np.float32)
    longer = np.float32(SIDE * LONGER_SIDE)
    rows = _sampling(np.float32(SIDE / 2), longer, OPS)
    assert rows.shape == (FINE, SIDE)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(rows, _axis_weights(SIDE, FINE), atol=1e-4)
    assert (rows @ image).shape == (FINE, SIDE)

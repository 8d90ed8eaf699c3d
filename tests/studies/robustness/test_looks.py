"""Pictures of drawings on paper: what is random, and what each factor does."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import make_glyphs
from studies.robustness.looks import CLEAN, LOOKS, render


@pytest.fixture(scope="module")
def drawings():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=4, num_drawers=2, size=105)
    return glyphs.images[..., 0] > 127


@pytest.fixture(scope="module")
def drawing(drawings):
    return drawings[0]


def grey(picture):
    """Mean of red, green and blue, as float."""
    return picture.mean(axis=-1)


def ink_box(picture):
    """Top, left, bottom and right of what is darker than half of white."""
    rows, columns = np.nonzero(grey(picture) < 128)
    return rows.min(), columns.min(), rows.max(), columns.max()


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_gives_a_picture_that_depends_on_the_seed_alone(look, drawing):
    picture = render(drawing, look, 3)
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
    sides = set(picture.shape[:2])
    assert sides == {64} if look == "64 pixels" else all(200 <= side <= 320 for side in sides)
    assert np.array_equal(picture, render(drawing, look, 3))


@pytest.mark.parametrize("look", [name for name in LOOKS if LOOKS[name].factor == "all together"])
def test_compositions_differ_from_seed_to_seed(look, drawing):
    first, second = render(drawing, look, 0), render(drawing, look, 1)
    assert first.shape != second.shape or np.abs(first.astype(int) - second).mean() > 5


def test_the_clean_look_is_the_drawing_enlarged_with_smooth_edges(drawing):
    picture = grey(render(drawing, CLEAN, 0))
    assert picture.min() == 0 and picture.max() == 255
    # Each pixel of the drawing is 240/105 of the picture's, so the shares of ink agree.
    assert (255 - picture).mean() / 255 == pytest.approx(drawing.mean(), rel=0.08)
    enlarged = np.array(Image.fromarray(drawing).convert("L").resize((240, 240), Image.BILINEAR))
    assert np.corrcoef(enlarged.ravel(), 255 - picture.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    ("look", "color"),
    [
        ("grey paper, 150", (150, 150, 150)),
        ("grey paper, 230", (230, 230, 230)),
        ("cream paper", (246, 234, 203)),
        ("light on dark grey", (30, 30, 32)),
        ("light on black", (0, 0, 2)),
    ],
)
def test_paper_and_screens_have_their_color(look, color, drawing):
    assert tuple(np.median(render(drawing, look, 0), axis=(0, 1))) == color


@pytest.mark.parametrize(
    ("look", "color"),
    [
        ("blue ink", (30, 60, 170)),
        ("red ink", (205, 35, 40)),
        ("green ink", (25, 130, 60)),
        ("light on dark grey", (225, 225, 225)),
    ],
)
def test_ink_has_its_color_inside_the_strokes(look, color, drawing):
    inside = grey(render(drawing, CLEAN, 0)) == 0
    assert tuple(np.median(render(drawing, look, 0)[inside], axis=0)) == color


@pytest.mark.parametrize(("look", "lowest"), [("light to 0.75", 0.75), ("light to 0.5", 0.5)])
def test_light_falls_evenly_across_the_sheet(look, lowest, drawing):
    paper = grey(render(drawing, look, 0))
    border = np.concatenate([paper[0], paper[-1], paper[:, 0], paper[:, -1]])
    assert border.max() == 255 and border.min() == pytest.approx(255 * lowest, abs=1)
    # Along one of the two ways it falls in a straight line, along the other it does not change.
    steps = sorted(np.abs(np.diff(line)).max() for line in (paper[0], paper[:, 0]))
    assert steps[0] == 0 and steps[1] <= 255 * (1 - lowest) / 239 + 1


def test_a_hard_shadow_leaves_two_levels_and_a_soft_one_all_between(drawing):
    white = grey(render(drawing, CLEAN, 0)) == 255
    shares = []
    for look in ("hard shadow", "soft shadow"):
        paper = grey(render(drawing, look, 0))[white]
        assert paper.max() == 255 and paper.min() == pytest.approx(0.6 * 255, abs=1)
        shares.append(((paper > 155) & (paper < 253)).mean())
    assert shares[0] < 0.05 < 0.1 < shares[1]


def test_blur_spreads_the_ink_and_keeps_its_amount(drawing):
    pictures = [grey(render(drawing, look, 0)) for look in (CLEAN, "blur 1", "blur 2.5")]
    amounts = [(255 - picture).sum() for picture in pictures]
    assert amounts == pytest.approx([amounts[0]] * 3, rel=0.01)
    steepest = [np.abs(np.diff(picture, axis=0)).max() for picture in pictures]
    # An edge blurred by a Gaussian rises by at most 255 / (deviation * sqrt(2 pi)) per pixel.
    assert steepest[0] > steepest[1] > steepest[2]
    assert steepest[2] <= 255 / (2.5 * np.sqrt(2 * np.pi)) + 1


@pytest.mark.parametrize(("look", "deviation"), [("noise 6", 6), ("noise 18", 18)])
def test_noise_has_its_deviation(look, deviation, drawing):
    white = grey(render(drawing, CLEAN, 0)) == 255
    lost = 255 - render(drawing, look, 0)[white].astype(float)
    # White clips the brighter half of a normal distribution.
    assert np.sqrt((lost**2).mean()) == pytest.approx(deviation / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(("look", "quality"), [("JPEG 50", 50), ("JPEG 10", 10)])
def test_compression_is_that_of_a_file(look, quality, drawing):
    file = io.BytesIO()
    Image.fromarray(render(drawing, CLEAN, 0)).save(file, "JPEG", quality=quality)
    assert np.array_equal(render(drawing, look, 0), np.array(Image.open(file)))


@pytest.mark.parametrize(
    ("look", "level"),
    [("light rules", 205), ("dark rules", 110), ("light squares", 205), ("dark squares", 110)],
)
def test_rules_have_their_level_and_run_one_way_or_both(look, level, drawing):
    paper = grey(render(drawing, look, 0))
    # The first columns and the first row hold no ink. The level is the mean of three channels.
    assert paper[:, :2].min() == pytest.approx(level + 10 / 3, abs=25)
    assert (paper[:, 0] < 250).any()
    assert ("squares" in look) == (len(np.unique(paper[0])) > 1)


def test_pencil_is_paler_than_ink_and_uneven(drawing):
    inside = grey(render(drawing, "thin pen", 0)) == 0
    ink, firm, faint = (
        grey(render(drawing, look, 0))[inside] for look in (CLEAN, "pencil, firm", "pencil, faint")
    )
    assert np.median(ink) < np.median(firm) < np.median(faint) < 245
    assert ink.std() < 4 and firm.std() > 15


@pytest.mark.parametrize("look", ["tilt 8", "tilt 16", "perspective 15", "perspective 30"])
def test_turned_and_tilted_drawings_stay_in_view(look, drawings):
    for seed, drawing in enumerate(drawings):
        picture = render(drawing, look, seed)
        top, left, bottom, right = ink_box(picture)
        assert min(top, left) >= 2 and max(bottom, right) <= 237
        assert np.abs(grey(picture) - grey(render(drawing, CLEAN, 0))).mean() > 1


@pytest.mark.parametrize(("look", "size"), [("a third of the size", 1 / 3), ("half the size", 0.5)])
def test_smaller_drawings_have_their_size_and_lie_anywhere(look, size, drawing):
    top, left, bottom, right = ink_box(render(drawing, CLEAN, 0))
    middles = []
    for seed in range(6):
        box = ink_box(render(drawing, look, seed))
        assert box[2] - box[0] == pytest.approx(size * (bottom - top), abs=3)
        assert box[3] - box[1] == pytest.approx(size * (right - left), abs=3)
        middles.append((box[0] + box[2], box[1] + box[3]))
    assert np.ptp(middles, axis=0).min() > 60


def test_the_double_size_is_cut_to_what_fits(drawings):
    for drawing in drawings:
        box, clean = (ink_box(render(drawing, look, 0)) for look in ("double size", CLEAN))
        sides, before = ((b[2] - b[0], b[3] - b[1]) for b in (box, clean))
        assert max(sides) == pytest.approx(min(2 * max(before), 0.96 * 240), rel=0.05)


@pytest.mark.parametrize("look", ["dark table", "wooden table"])
def test_a_table_is_seen_at_one_side_and_covers_no_ink(look, drawings):
    for seed, drawing in enumerate(drawings):
        picture = grey(render(drawing, look, seed))
        sides = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
        assert sum(np.median(side) < 200 for side in sides) == 1
        # The ink is the paper's only black: 0.85 of the size in both ways, so of its area.
        clean = (grey(render(drawing, CLEAN, 0)) < 20).sum()
        assert (picture < 20).sum() == pytest.approx(0.85**2 * clean, rel=0.12)


def test_strokes_have_the_pens_width():
    line = np.zeros((105, 105), bool)
    line[50:55, 20:85] = True
    for look, width in ((CLEAN, 5), ("thin pen", 2), ("thick pen", 9)):
        darkness = 1 - grey(render(line, look, 0)) / 255
        # A column in the middle crosses the line once.
        assert darkness[:, 120].sum() * 105 / 240 == pytest.approx(width, abs=0.6)


def test_a_filled_dot_stays_a_dot_with_a_thin_pen():
    dot = np.zeros((105, 105), bool)
    dot[40:55, 40:55] = True
    darkness = 1 - grey(render(dot, "thin pen", 0)) / 255
    # A middle row of 15 pixels, less the 2.5 on either side that a pen may take.
    assert darkness[107].sum() * 105 / 240 == pytest.approx(10, abs=1)


def test_wrong_looks_and_drawings_are_told(drawing):
    with pytest.raises(ValueError, match="`look` must be one of .* Received: 'phone'"):
        render(drawing, "phone", 0)
    for wrong in (drawing[:64], drawing.astype(np.uint8), np.zeros((105, 105), bool)):
        with pytest.raises(ValueError, match=r"`drawing` must be a bool array of shape \(105, 105"):
            render(wrong, CLEAN, 0)

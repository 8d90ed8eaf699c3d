"""The side that is the paper, and the levels of paper and ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from keras_siamese.data import Preprocessing, load_omniglot, make_glyphs
from keras_siamese.data.images.paper_levels import levelled, light_paper


def drawn(character, side=64, box=(12, 4), size=44):
    """A character of Pillow's own font, black on white, its edges smooth."""
    image = Image.new("L", (side, side), 255)
    ImageDraw.Draw(image).text(box, character, fill=0, font=ImageFont.load_default(size))
    return np.asarray(image)


DRAWINGS = {
    "dot": np.pad(np.zeros((3, 3), np.uint8), 30, constant_values=255),
    "line": np.pad(np.zeros((40, 1), np.uint8), [(10, 10), (29, 30)], constant_values=255),
    "over the border": np.where(np.eye(40) > 0, 0, 255).astype(np.uint8),
    "disc with a margin": np.where(np.hypot(*np.mgrid[-20:21, -20:21]) < 18, 0, 255),
    "frame and stroke": np.pad(np.full((40, 40), 255), 1),
    **{character: drawn(character) for character in "AmoWx8.-@#"},
}
DRAWINGS["frame and stroke"][20:24, 10:30] = 0
DRAWINGS = {name: pixels.astype(np.uint8) for name, pixels in DRAWINGS.items()}
names = st.sampled_from(sorted(DRAWINGS))


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_paper_is_found_upright_and_inverted(name):
    assert light_paper(DRAWINGS[name])
    assert not light_paper(~DRAWINGS[name])


@given(name=names, paper=st.integers(0, 255), ink=st.integers(0, 255))
def test_every_paper_and_ink_of_two_levels_gives_the_same(name, paper, ink):
    if abs(paper - ink) < 8:
        return
    bilevel = DRAWINGS[name] < 128
    reading = Preprocessing(21)
    expected = reading.read(~bilevel)
    found = reading.read(np.where(bilevel, ink, paper).astype(np.uint8))
    np.testing.assert_array_equal(found, expected)


@given(name=names, paper=st.integers(64, 255))
def test_smooth_edges_on_grey_paper_are_the_same_but_for_rounding(name, paper):
    upright = DRAWINGS[name]
    grey = np.rint(upright * (paper / 255)).astype(np.uint8)
    reading = Preprocessing(33)
    expected = reading.read(upright).astype(int)
    for other in (grey, ~grey):
        # A level of grey stands for 255 / paper levels of the upright one.
        assert np.abs(reading.read(other) - expected).max() <= 128 / paper + 1


@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 9), width=st.integers(1, 9))
def test_an_image_and_its_inverse_never_differ(seed, height, width):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    counts = np.array([(pixels > level).sum() for level in range(256)])
    if pixels.min() == pixels.max() or (2 * counts == pixels.size).any():
        # Blank, or both sides have as many pixels: then light is taken for paper either way.
        return
    assert light_paper(pixels) != light_paper(~pixels)


def test_black_on_white_stays_as_it_is():
    for pixels in DRAWINGS.values():
        np.testing.assert_array_equal(levelled(pixels), pixels)
    for image in 255 - make_glyphs(num_alphabets=1, num_drawers=3, size=70).images[..., 0]:
        np.testing.assert_array_equal(levelled(image), image)


@pytest.mark.data
def test_omniglot_is_read_as_it_is():
    for image in load_omniglot("small1").images[::40, ..., 0]:
        assert light_paper(~image) and not light_paper(image)
        np.testing.assert_array_equal(levelled(~image), ~image)


@pytest.mark.parametrize(
    "color", [(0, 0, 160), (200, 0, 0), (0, 120, 0), (250, 220, 0), (120, 120, 120)]
)
@pytest.mark.parametrize("paper", [(255, 255, 255), (255, 255, 200), (200, 225, 255)])
def test_ink_and_paper_may_have_colours(color, paper):
    bilevel = DRAWINGS["A"] < 128
    expected = Preprocessing(35).read(~bilevel)
    for ground, ink in ((paper, color), (255 - np.array(paper), 255 - np.array(color))):
        pixels = np.where(bilevel[..., None], ink, ground).astype(np.uint8)
        np.testing.assert_array_equal(Preprocessing(35).read(pixels), expected)


def test_noise_of_the_paper_and_dust_do_not_hide_faint_ink():
    rng = np.random.default_rng(0)
    bilevel = DRAWINGS["W"] < 128
    pixels = np.where(bilevel, 180, 230) + rng.normal(0, 2, bilevel.shape)
    pixels[3, 5] = 0
    found = Preprocessing(64).read(np.rint(pixels).clip(0, 255).astype(np.uint8))[..., 0]
    assert found[bilevel].mean() > 200 and found[~bilevel].mean() < 15


@pytest.mark.parametrize("level", [0, 3, 128, 250])
@pytest.mark.parametrize("noise", [0.4, 1, 2, 4, 8])
def test_noise_alone_is_no_drawing(level, noise):
    rng = np.random.default_rng(1)
    pixels = np.rint(level + rng.normal(0, noise, (105, 105))).clip(0, 255).astype(np.uint8)
    if pixels.min() < pixels.max():
        with pytest.raises(ValueError, match="all its pixels are nearly equal"):
            levelled(pixels)

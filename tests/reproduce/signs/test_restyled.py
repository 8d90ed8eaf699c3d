"""Icons in another style: outlines become solid, solid ones become outlines."""

import numpy as np

from reproduce.signs.restyled import restyled


def drawn(ink):
    """Return a picture of ink, black on white."""
    return np.repeat(np.where(ink, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def ink_of(picture):
    return picture[..., 0] < 128


def disc(side=128, radius=50, middle=(64, 64)):
    rows, columns = np.mgrid[:side, :side]
    return (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2 <= radius**2


def ring(width, radius=50):
    return disc(radius=radius) & ~disc(radius=radius - width)


def test_an_outline_is_filled():
    found = ink_of(restyled(drawn(ring(8)), np.random.default_rng(0)))
    assert np.mean(found == disc()) > 0.99


def test_a_line_inside_an_outline_is_cut_out():
    ink = ring(8)
    ink[60:68, 44:84] = True
    found = ink_of(restyled(drawn(ink), np.random.default_rng(0)))
    assert not found[62:66, 48:80].any() and found[64, 24] and found[40, 64]


def test_a_solid_becomes_its_edge():
    found = ink_of(restyled(drawn(disc()), np.random.default_rng(0)))
    assert not found[64, 64] and found[64, 16] and not (found & ~disc(radius=51)).any()


def test_a_solid_and_back_is_the_same():
    rng = np.random.default_rng(1)
    outline = restyled(drawn(disc()), rng)
    assert np.mean(ink_of(restyled(outline, rng)) == disc()) > 0.98


def test_neither_style_has_no_other():
    blank = np.zeros((64, 64), bool)
    stroke = blank.copy()
    stroke[30:34, 8:56] = True
    for ink in (blank, stroke):
        assert restyled(drawn(ink), np.random.default_rng(0)) is None

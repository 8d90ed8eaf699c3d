import numpy as np
import pytest
from skimage.measure import label

from keras_siamese.data import make_glyphs
from keras_siamese.data.datasets.glyphs import bezier, draw_strokes


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=4, characters_per_alphabet=20, num_drawers=6)


def test_every_character_is_drawn_once_by_every_drawer(glyphs):
    assert glyphs.images.shape == (480, 35, 35, 1)
    assert len(glyphs.alphabet_names) == 4 and len(glyphs.character_names) == 80
    cells = np.stack([glyphs.alphabet, glyphs.character, glyphs.drawer], axis=1)
    assert len(np.unique(cells, axis=0)) == 480
    assert (glyphs.alphabet == glyphs.character // 20).all()
    assert sorted(np.unique(glyphs.drawer)) == [1, 2, 3, 4, 5, 6]
    name = glyphs.character_names[glyphs.character[-1]]
    assert name == "glyphs04/character20"


def test_no_drawing_is_made_twice_and_none_is_blank_or_full(glyphs):
    assert len({image.tobytes() for image in glyphs.images}) == 480
    ink = glyphs.images.mean(axis=(1, 2, 3)) / 255
    assert ink.min() > 0.01 and ink.max() < 0.35


def test_the_border_is_nearly_free_of_ink(glyphs):
    border = np.ones((35, 35), bool)
    border[1:-1, 1:-1] = False
    assert (glyphs.images[:, border] > 0).mean() < 0.01


def test_the_seed_decides_everything(glyphs):
    again = make_glyphs(num_alphabets=4, characters_per_alphabet=20, num_drawers=6)
    np.testing.assert_array_equal(glyphs.images, again.images)
    other = make_glyphs(num_alphabets=4, characters_per_alphabet=20, num_drawers=6, seed=1)
    assert (glyphs.images != other.images).any(axis=(1, 2, 3)).all()


def test_a_drawing_has_as_many_pieces_as_strokes_at_most(glyphs):
    # One to four strokes, none with a gap; most cross each other.
    pieces = np.array([label(image[..., 0] > 0, connectivity=2).max() for image in glyphs.images])
    assert pieces.min() == 1 and 1 < pieces.max() <= 4
    assert (pieces == 1).mean() > 0.5


def test_a_larger_set_begins_with_the_smaller(glyphs):
    small = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
    chosen = (glyphs.alphabet < 2) & (glyphs.character % 20 < 5) & (glyphs.drawer <= 3)
    np.testing.assert_array_equal(small.images, glyphs.images[chosen])


def test_a_drawer_keeps_the_width_of_their_pen(glyphs):
    ink = glyphs.images.mean(axis=(1, 2, 3)).reshape(80, 6)
    relative = (ink / ink.mean(axis=1, keepdims=True)).mean(axis=0)
    assert relative.max() / relative.min() > 1.2


def test_the_size_changes_the_grid_and_not_the_drawing():
    options = {"num_alphabets": 1, "characters_per_alphabet": 4, "num_drawers": 3}
    large = make_glyphs(size=105, **options).resized(35).images.astype(int)
    small = make_glyphs(size=35, **options).images.astype(int)
    assert np.abs(large - small).mean() < 4


def test_nearest_neighbour_is_above_chance_and_far_from_perfect(glyphs):
    pixels = glyphs.images.reshape(4, 20, 6, -1).astype(np.float64)
    pixels /= np.linalg.norm(pixels, axis=-1, keepdims=True)
    correct = [
        (pixels[a, :, query] @ pixels[a, :, support].T).argmax(1) == np.arange(20)
        for a in range(4)
        for support in range(6)
        for query in range(6)
        if support != query
    ]
    assert 0.25 < np.mean(correct) < 0.55


@pytest.mark.parametrize(
    ("argument", "value", "least"),
    [
        ("num_alphabets", 0, 1),
        ("characters_per_alphabet", -1, 1),
        ("num_drawers", 2.0, 1),
        ("size", 7, 8),
        ("seed", -1, 0),
        ("seed", None, 0),
    ],
)
def test_a_number_out_of_range_is_refused(argument, value, least):
    with pytest.raises(ValueError, match=f"`{argument}` must be an integer of at least {least}"):
        make_glyphs(**{argument: value})


@pytest.mark.parametrize("name", ["num_alphabets", "characters_per_alphabet", "num_drawers"])
@pytest.mark.parametrize("count", [10**8, 10**400])
def test_more_images_than_a_machine_makes_are_refused_at_once(name, count):
    with pytest.raises(ValueError, match=f"`{name}`"):
        make_glyphs(**{name: count})


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

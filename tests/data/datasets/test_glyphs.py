import numpy as np
import pytest
from skimage.measure import label

from keras_siamese.data import make_glyphs


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

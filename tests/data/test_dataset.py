from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data import ImageDataset, make_glyphs
from keras_siamese.data.dataset import image_table


def make_dataset(**changes):
    """Two alphabets of two characters, three drawers each; image i is filled with the value i."""
    fields = {
        "images": np.arange(12, dtype=np.uint8).repeat(36).reshape(12, 6, 6, 1),
        "alphabet": np.repeat([0, 1], 6).astype(np.int32),
        "character": np.repeat([0, 1, 2, 3], 3).astype(np.int32),
        "drawer": np.tile([1, 2, 3], 4).astype(np.int32),
        "alphabet_names": ("A", "B"),
        "character_names": ("A/x", "A/y", "B/x", "B/y"),
        "name": "tiny",
    }
    return ImageDataset(**{**fields, **changes})


def values(dataset):
    return dataset.images[:, 0, 0, 0].tolist()


def test_length_and_size_are_those_of_the_images():
    assert len(make_dataset()) == 12
    assert make_dataset().image_size == (6, 6)


def test_labels_are_the_names_of_the_characters():
    chosen = make_dataset().select(indices=np.array([11, 0, 4]))
    assert chosen.labels.tolist() == ["B/y", "A/x", "A/y"]


def test_repr_counts_what_is_there():
    text = repr(make_dataset().select(alphabets="B"))
    assert text == "ImageDataset('tiny', 6 images of 6x6, 1 alphabets, 2 characters, 3 drawers)"


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, list(range(12))),
        ({"alphabets": ["B"]}, [6, 7, 8, 9, 10, 11]),
        ({"alphabets": "A"}, [0, 1, 2, 3, 4, 5]),
        ({"drawers": 2}, [1, 4, 7, 10]),
        ({"drawers": range(2, 4), "alphabets": ("A",)}, [1, 2, 4, 5]),
        ({"indices": np.array([3, 0, 3])}, [3, 0, 3]),
        ({"alphabets": "B", "indices": np.array([1, 0])}, [7, 6]),
        ({"alphabets": "B", "indices": np.array([0, 0, 0, 0, 0, 1], bool)}, [11]),
        ({"indices": np.array([], np.int64)}, []),
        ({"alphabets": []}, []),
    ],
)
def test_select_keeps_the_images_that_meet_every_condition(conditions, expected):
    assert values(make_dataset().select(**conditions)) == expected


def test_select_keeps_labels_and_names():
    selected = make_dataset().select(alphabets="B", drawers=3)
    assert selected.character.tolist() == [2, 3]
    assert selected.alphabet.tolist() == [1, 1]
    assert selected.drawer.tolist() == [3, 3]
    assert selected.character_names == ("A/x", "A/y", "B/x", "B/y")


@given(st.sets(st.integers(1, 3)))
def test_drawers_chosen_and_others_make_up_the_whole(chosen):
    dataset = make_dataset()
    others = {1, 2, 3} - chosen
    both = values(dataset.select(drawers=chosen)) + values(dataset.select(drawers=others))
    assert sorted(both) == list(range(12))


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"alphabets": ["A", "C"]}, r"`alphabets` must be among .*\['A', 'B'\]. Received: \['C'\]"),
        ({"drawers": [4]}, r"`drawers` must be among .*\[1, 2, 3\]. Received: \[4\]"),
        ({"indices": np.array([12])}, "`indices` must be integers from 0 to 11"),
        ({"indices": np.array([-1])}, "`indices` must be integers"),
        ({"indices": np.array([0.5])}, "`indices` must be integers"),
        ({"indices": np.ones(11, bool)}, "12 booleans. Received: bool of shape"),
        ({"indices": np.zeros((2, 2), int)}, "`indices` must be integers"),
    ],
)
def test_select_refuses_what_is_not_there(conditions, message):
    with pytest.raises(ValueError, match=message):
        make_dataset().select(**conditions)


def test_an_alphabet_selected_away_is_unknown():
    with pytest.raises(ValueError, match=r"\['A'\]. Received: \['B'\]"):
        make_dataset().select(alphabets="A").select(alphabets="B")


def test_resized_changes_only_the_images():
    dataset = make_dataset()
    small = dataset.resized(2)
    assert small.images.shape == (12, 2, 2, 1)
    assert values(small) == values(dataset)
    assert small.character is dataset.character


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((12, 6, 6), np.uint8)}, "`images` must be a uint8 array"),
        ({"images": np.zeros((12, 6, 6, 1), np.float32)}, "Received: float32"),
        ({"drawer": np.ones(11, np.int32)}, r"`drawer` must be an int32 array of shape \(12,\)"),
        ({"character": np.zeros(12, np.int64)}, "`character` must be an int32 array"),
        ({"character": np.full(12, 4, np.int32)}, "`character` must hold numbers from 0 to 3"),
        ({"alphabet": np.full(12, -1, np.int32)}, "`alphabet` must hold numbers from 0 to 1"),
        ({"drawer": np.zeros(12, np.int32)}, "`drawer` must hold numbers from 1"),
    ],
)
def test_labels_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_dataset(**changes)


def test_rows_are_characters_columns_drawers_and_gaps_are_minus_one():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=3, size=8)
    table = image_table(glyphs, np.array([5, 0, 1, 3]))
    np.testing.assert_array_equal(table, [[0, 1, -1], [3, -1, 5]])


def test_two_images_of_a_character_by_a_drawer_are_refused():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=3, size=8)
    one_drawer = replace(glyphs, drawer=np.ones_like(glyphs.drawer))
    name = glyphs.character_names[0]
    with pytest.raises(ValueError, match=f"one image of each character.*two of '{name}' by drawer"):
        image_table(one_drawer, np.arange(6))

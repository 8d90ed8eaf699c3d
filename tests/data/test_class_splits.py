import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data import ImageDataset, hold_out_classes, max_n_way, sample_episodes


def dataset(counts, alphabets=None):
    """One class for every count, of that many images; all in one alphabet by default."""
    character = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    of_class = np.asarray(alphabets if alphabets else [0] * len(counts), np.int32)
    drawer = np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts])
    return ImageDataset(
        images=np.arange(len(character), dtype=np.uint8)[:, None, None, None],
        alphabet=of_class[character],
        character=character,
        drawer=drawer,
        alphabet_names=tuple(f"alphabet{i}" for i in range(of_class.max() + 1)),
        character_names=tuple(f"class{i}" for i in range(len(counts))),
        name="folder-things",
    )


def usable(part):
    return int((np.unique(part.character, return_counts=True)[1] > 1).sum())


@settings(deadline=None)
@given(
    counts=st.lists(st.integers(1, 4), min_size=4, max_size=30),
    fraction=st.floats(0.01, 0.99),
    num_alphabets=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_classes_are_split_and_both_parts_can_be_used(counts, fraction, num_alphabets, seed):
    counts[:4] = [2, 2, 3, 4]
    whole = dataset(counts, [i % num_alphabets for i in range(len(counts))])
    known, held_out = hold_out_classes(whole, fraction=fraction, seed=seed)
    assert not set(known.character) & set(held_out.character)
    assert usable(known) >= 2 and usable(held_out) >= 2
    assert usable(known) + usable(held_out) == usable(whole)
    assert usable(held_out) == len(np.unique(held_out.character))
    again = hold_out_classes(whole, fraction=fraction, seed=seed)[1]
    np.testing.assert_array_equal(again.images, held_out.images)


def test_a_fifth_of_the_classes_is_held_out():
    known, held_out = hold_out_classes(dataset([2] * 20), seed=0)
    assert (usable(known), usable(held_out)) == (16, 4)


def test_of_five_alphabets_a_whole_one_is_held_out():
    whole = dataset([2] * 20, [i // 4 for i in range(20)])
    known, held_out = hold_out_classes(whole, seed=0)
    assert len(np.unique(held_out.alphabet)) == 1 and len(held_out) == 8
    assert not set(known.alphabet) & set(held_out.alphabet)


def test_a_class_of_one_image_is_not_held_out_with_its_alphabet():
    # Of each alphabet the last class has one image, which has no partner.
    whole = dataset([2, 2, 2, 1] * 5, [i // 4 for i in range(20)])
    known, held_out = hold_out_classes(whole, seed=0)
    assert len(np.unique(held_out.alphabet)) == 1
    assert usable(held_out) == len(np.unique(held_out.character)) == 3
    assert not set(known.alphabet) & set(held_out.alphabet)


def test_an_alphabet_of_one_class_forbids_whole_alphabets():
    whole = dataset([2] * 9, [0, 0, 1, 1, 2, 2, 3, 3, 4])
    assert usable(hold_out_classes(whole, seed=0)[1]) == 2


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([2, 2, 2], "at least 4 classes with two images.*Received: 3 among its 3"),
        # Images of one drawer: no two of a class.
        ([1] * 30, "Received: 0 among its 30 classes"),
        ([9], "Received: 1 among its 1 classes"),
    ],
)
def test_too_few_classes_are_told(counts, said):
    with pytest.raises(ValueError, match=f"'folder-things' must have .*{said}"):
        hold_out_classes(dataset(counts), seed=0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, float("nan")])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ValueError, match="`fraction` must lie in .* Give a share"):
        hold_out_classes(dataset([2] * 9), fraction=fraction, seed=0)


@pytest.mark.parametrize(
    ("counts", "n_shot", "expected"),
    [([2] * 30, 1, 20), ([2, 1, 2, 5], 1, 3), ([2, 3, 3, 5], 2, 3)],
)
def test_trials_can_have_as_many_classes_as_have_images(counts, n_shot, expected):
    images = dataset(counts)
    ways = max_n_way(images, n_shot=n_shot)
    assert ways == expected
    options = {"num_episodes": 1, "n_shot": n_shot, "protocol": "across-alphabets", "seed": 0}
    sample_episodes(images, n_way=ways, **options)
    if ways < 20:
        with pytest.raises(ValueError, match="must have"):
            sample_episodes(images, n_way=ways + 1, **options)


def test_within_alphabets_the_smallest_counts():
    images = dataset([2] * 7, [0, 0, 0, 0, 1, 1, 1])
    assert max_n_way(images, protocol="within-alphabet") == 3


def test_trials_that_cannot_be_drawn_are_refused():
    with pytest.raises(
        ValueError, match="2 classes with 3 images or more.*Received: 1 among its 2"
    ):
        max_n_way(dataset([2, 3]), n_shot=2)
    with pytest.raises(ValueError, match="`protocol` must be"):
        max_n_way(dataset([2, 3]), protocol="official")


@pytest.mark.parametrize(
    ("classes", "way_out"),
    [(2, "keras-siamese train --validation 0"), (1, "keras-siamese classify"), (0, "one image of")],
)
def test_too_few_classes_are_told_a_way_out(classes, way_out):
    with pytest.raises(ValueError, match=way_out):
        hold_out_classes(dataset([2] * classes + [1] * 3), seed=0)

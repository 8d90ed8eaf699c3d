"""Drawing pairs: labels, balance, distortions, memory."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.distortions import IDENTITY
from keras_siamese.data.pairs import distort_pairs, sample_pairs


def make_dataset(characters=(3, 5, 4), drawers=6, seed=0):
    """Return noise images of alphabets with the given numbers of characters, in mixed order."""
    rng = np.random.default_rng(seed)
    rows = [
        (alphabet, character, drawer)
        for alphabet, count in enumerate(characters)
        for character in range(sum(characters[:alphabet]), sum(characters[:alphabet]) + count)
        for drawer in range(1, drawers + 1)
    ]
    rows = np.array(rows, np.int32)[rng.permutation(len(rows))]
    return ImageDataset(
        images=rng.integers(0, 256, (len(rows), 5, 5, 1)).astype(np.uint8),
        alphabet=rows[:, 0],
        character=rows[:, 1],
        drawer=rows[:, 2],
        alphabet_names=tuple(f"alphabet{i}" for i in range(len(characters))),
        character_names=tuple(
            f"alphabet{a}/character{c:02d}" for a, n in enumerate(characters) for c in range(n)
        ),
        name="noise",
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(2, 6), min_size=1, max_size=4),
    st.integers(2, 4),
    st.integers(1, 400),
    st.sampled_from(["within-alphabet", "across-alphabets"]),
    st.integers(0, 5),
)
def test_labels_are_true(characters, drawers, num_pairs, different, seed):
    data = make_dataset(tuple(characters), drawers)
    pairs = sample_pairs(data, num_pairs, seed=seed, different=different)
    assert len(pairs) == num_pairs
    left, right = data.character[pairs.left], data.character[pairs.right]
    np.testing.assert_array_equal(left == right, pairs.same)
    assert (pairs.left != pairs.right).all()
    if different == "within-alphabet":
        np.testing.assert_array_equal(data.alphabet[pairs.left], data.alphabet[pairs.right])


def test_every_alphabet_gets_the_same_number_half_of_them_same():
    data = make_dataset()
    pairs = sample_pairs(data, 3000, seed=1)
    alphabet = data.alphabet[pairs.left]
    np.testing.assert_array_equal(np.bincount(alphabet), [1000, 1000, 1000])
    for number in range(3):
        assert pairs.same[alphabet == number].mean() == 0.5


def test_pairs_left_over_go_to_the_first_alphabets():
    data = make_dataset()
    pairs = sample_pairs(data, 11, seed=1)
    np.testing.assert_array_equal(np.bincount(data.alphabet[pairs.left]), [4, 4, 3])


def test_every_character_and_image_is_reached():
    data = make_dataset()
    pairs = sample_pairs(data, 6000, seed=2)
    for kind in (pairs.same, ~pairs.same):
        for side in (pairs.left, pairs.right):
            assert set(side[kind].tolist()) == set(range(len(data)))
    different = ~pairs.same
    combinations = set(
        zip(
            data.character[pairs.left[different]],
            data.character[pairs.right[different]],
            strict=True,
        )
    )
    assert len(combinations) == 3 * 2 + 5 * 4 + 4 * 3


def test_across_alphabets_leaves_the_alphabet():
    data = make_dataset()
    pairs = sample_pairs(data, 600, seed=3, different="across-alphabets")
    crossing = data.alphabet[pairs.left] != data.alphabet[pairs.right]
    assert crossing[~pairs.same].mean() > 0.5
    assert not crossing[pairs.same].any()


def test_seed_decides():
    data = make_dataset()
    first, again, other = (sample_pairs(data, 50, seed=seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.left, again.left)
    np.testing.assert_array_equal(first.right, again.right)
    assert (first.left != other.left).any()


def test_eight_distortions_are_added_to_the_pairs_as_they_are():
    clean = sample_pairs(make_dataset(), 40, seed=6)
    table = distort_pairs(clean, 8, (5, 5), seed=7)
    assert len(table) == 360
    np.testing.assert_array_equal(table.left.reshape(9, 40), np.tile(clean.left, (9, 1)))
    np.testing.assert_array_equal(table.same.reshape(9, 40), np.tile(clean.same, (9, 1)))
    np.testing.assert_array_equal(table.left_transform[:40], np.tile(IDENTITY, (40, 1)))
    np.testing.assert_array_equal(table.right_transform[:40], np.tile(IDENTITY, (40, 1)))


def test_both_images_are_distorted_independently():
    table = distort_pairs(sample_pairs(make_dataset(), 500, seed=6), 1, (105, 105), seed=7)
    left, right = table.left_transform[500:], table.right_transform[500:]
    for side in (left, right):
        assert (np.abs(side - IDENTITY).max(1) > 1e-6).mean() > 0.97
    assert abs(np.corrcoef(left[:, 0], right[:, 0])[0, 1]) < 0.15


def test_no_distortions_give_the_table_back():
    clean = sample_pairs(make_dataset(), 40, seed=6)
    assert distort_pairs(clean, 0, (5, 5), seed=7) is clean


@pytest.mark.slow
def test_the_largest_table_is_small_and_quick():
    data = make_dataset(characters=(20,) * 30, drawers=12)
    # Processor time, so that a busy machine fails nothing.
    start = time.process_time()
    table = distort_pairs(sample_pairs(data, 150_000, seed=0), 8, (105, 105), seed=1)
    assert time.process_time() - start < 5
    assert len(table) == 1_350_000
    assert table.nbytes < 100e6


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"num_pairs": 0}, "`num_pairs`"),
        ({"same_fraction": 1.2}, "`same_fraction`"),
        ({"different": "anywhere"}, "`different`"),
    ],
)
def test_bad_arguments_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        sample_pairs(make_dataset(), **{"num_pairs": 10, "seed": 0, **kwargs})


def test_too_few_characters_or_drawers_are_named():
    with pytest.raises(ValueError, match="of 2 characters.*'alphabet0', which has 1"):
        sample_pairs(make_dataset(characters=(1,)), 10, seed=0)
    with pytest.raises(ValueError, match="at least 2 images.*'alphabet0'"):
        sample_pairs(make_dataset(characters=(3,), drawers=1), 10, seed=0)
    with pytest.raises(ValueError, match="empty"):
        sample_pairs(make_dataset().select(indices=np.arange(0)), 10, seed=0)


def test_distorting_twice_is_refused():
    table = distort_pairs(sample_pairs(make_dataset(), 4, seed=0), 1, (5, 5), seed=0)
    with pytest.raises(ValueError, match="undistorted"):
        distort_pairs(table, 1, (5, 5), seed=0)
    with pytest.raises(ValueError, match="num_distortions"):
        distort_pairs(sample_pairs(make_dataset(), 4, seed=0), -1, (5, 5), seed=0)

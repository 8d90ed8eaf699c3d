"""Classes held out: all of their images, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data import load_arrays, split_classes


def dataset(labels):
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None].repeat(2, axis=1)
    return load_arrays(images, labels)


@given(
    st.lists(st.integers(0, 9), min_size=4, max_size=60).filter(lambda x: len(set(x)) >= 4),
    st.integers(0, 2**32 - 1),
    st.data(),
)
def test_every_image_is_in_one_part_with_its_class(labels, seed, data):
    whole = dataset(labels)
    num_heldout = data.draw(st.integers(2, len(set(labels)) - 2))
    kept, heldout = split_classes(whole, num_heldout=num_heldout, seed=seed)
    assert len(np.unique(heldout.character)) == num_heldout
    assert not set(kept.character) & set(heldout.character)
    rows = [part.images[:, 0, 0, 0].tolist() for part in (kept, heldout)]
    assert sorted(rows[0] + rows[1]) == list(range(len(labels)))
    assert all(part == sorted(part) for part in rows)
    assert kept.character_names == heldout.character_names == whole.character_names


def test_the_seed_decides_which_classes():
    whole = dataset(list(range(40)))
    draws = [split_classes(whole, num_heldout=20, seed=s)[1].character.tolist() for s in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("num_heldout", [-1, 0, 1, 4, 5, 6])
def test_both_parts_keep_two_classes(num_heldout):
    with pytest.raises(ValueError, match="at least 2 classes on each side of the 5 classes"):
        split_classes(dataset([0, 1, 2, 3, 4]), num_heldout=num_heldout, seed=0)

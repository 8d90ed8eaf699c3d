"""The order of pairs, and the batches given to `model.fit`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data.distortions import distort
from keras_siamese.training import pair_batches
from keras_siamese.training.batches import epoch_order


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 3))
def test_short_epochs_walk_through_whole_passes(num_pairs, epoch_pairs, seed):
    epochs = -(-3 * num_pairs // epoch_pairs)
    rows = np.concatenate(
        [epoch_order(num_pairs, e, epoch_pairs=epoch_pairs, seed=seed) for e in range(epochs)]
    )
    assert len(rows) == epochs * epoch_pairs
    for number in range(3):
        one_pass = rows[number * num_pairs : (number + 1) * num_pairs]
        np.testing.assert_array_equal(np.sort(one_pass), np.arange(num_pairs))


def test_a_whole_epoch_is_a_new_permutation_every_time():
    first, second = (epoch_order(500, e, epoch_pairs=None, seed=0) for e in (0, 1))
    assert (first != second).any()
    np.testing.assert_array_equal(first, epoch_order(500, 0, epoch_pairs=None, seed=0))
    assert (first != epoch_order(500, 0, epoch_pairs=None, seed=1)).any()


def test_epoch_pairs_must_be_positive():
    with pytest.raises(ValueError, match="`epoch_pairs`"):
        epoch_order(5, 0, epoch_pairs=0, seed=0)


def test_batches_hold_the_pairs_distorted_as_the_reference_does(problem):
    batches = pair_batches(problem.train, problem.pairs, batch_size=50, seed=4, first_epoch=1)
    order = epoch_order(120, 1, epoch_pairs=None, seed=4)
    for start, (inputs, same) in zip((0, 50, 100), batches, strict=False):
        rows = order[start : start + 50]
        np.testing.assert_array_equal(same[:, 0], problem.pairs.same[rows])
        for side in ("left", "right"):
            images = problem.train.images[getattr(problem.pairs, side)[rows]] / np.float32(255)
            transforms = getattr(problem.pairs, f"{side}_transform")[rows]
            # scikit-image and TensorFlow both blend the border with paper.
            np.testing.assert_allclose(inputs[side], distort(images, transforms), atol=1e-3)


def test_clean_pairs_are_the_images_as_they_are(problem):
    inputs, _ = next(iter(pair_batches(problem.train, problem.clean, batch_size=60, seed=4)))
    order = epoch_order(60, 0, epoch_pairs=None, seed=4)
    np.testing.assert_allclose(
        inputs["left"], problem.train.images[problem.clean.left[order]] / 255, atol=1e-6
    )


@pytest.mark.parametrize("epoch_pairs", [None, 25])
def test_each_pass_is_the_next_epoch(problem, epoch_pairs):
    batches = pair_batches(
        problem.train, problem.clean, batch_size=20, epoch_pairs=epoch_pairs, seed=4, first_epoch=2
    )
    for epoch in (2, 3, 4):
        order = epoch_order(60, epoch, epoch_pairs=epoch_pairs, seed=4)
        seen = [same.numpy()[:, 0] for _, same in batches]
        np.testing.assert_array_equal(np.concatenate(seen), problem.clean.same[order])
        assert len(seen) == batches.cardinality() == -(-len(order) // 20)


@pytest.mark.parametrize("kwargs", [{"batch_size": 0}, {"epoch_pairs": 0}])
def test_counts_must_be_positive(problem, kwargs):
    with pytest.raises(ValueError, match=f"`{next(iter(kwargs))}`"):
        pair_batches(problem.train, problem.clean, **kwargs)

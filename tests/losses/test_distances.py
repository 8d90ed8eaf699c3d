"""All pairs of distances against SciPy, their gradients at zero, and what they need of memory."""

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese import losses
from keras_siamese.compat import to_numpy
from keras_siamese.losses.distances import DISTANCES, all_distances
from keras_siamese.losses.ranks import counts_below, next_above

pytestmark = pytest.mark.keras3

IN_SCIPY = {"squared_euclidean": "sqeuclidean", "l1": "cityblock"}


@pytest.mark.parametrize("name", DISTANCES)
@pytest.mark.parametrize("features", [1, 7, 300])
def test_distances_are_those_of_scipy(name, features):
    rng = np.random.default_rng(0)
    rows, others = (rng.normal(3, 1, (n, features)).astype("float32") for n in (13, 40))
    found = to_numpy(all_distances(name, keras.ops.array(rows), keras.ops.array(others)))
    expected = cdist(rows.astype("f8"), others.astype("f8"), IN_SCIPY.get(name, name))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_blocks_of_features_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    rows, others = (keras.ops.array(rng.normal(size=(n, 10)).astype("f4")) for n in (5, 6))
    whole = to_numpy(all_distances("l1", rows, others))
    monkeypatch.setattr("keras_siamese.losses.distances._BLOCK", 5 * 6 * 3)
    np.testing.assert_allclose(to_numpy(all_distances("l1", rows, others)), whole, rtol=1e-6)


@pytest.mark.parametrize("inclusive", [False, True])
def test_counts_are_those_of_numpy_with_ties(inclusive):
    rng = np.random.default_rng(2)
    values, thresholds = (rng.integers(0, 6, (9, n)).astype("f4") for n in (14, 5))
    mask = rng.random((9, 14)) < 0.6
    mask[0] = False
    found = counts_below(*map(keras.ops.array, (values, mask, thresholds)), inclusive=inclusive)
    compare = np.less_equal if inclusive else np.less
    expected = (compare(values[:, None], thresholds[:, :, None]) & mask[:, None]).sum(axis=2)
    np.testing.assert_array_equal(to_numpy(found), expected)


def test_the_next_value_is_strictly_larger():
    values = np.array([[1.0, 2.0, 3.0, 2.0]], "f4")
    mask = np.array([[True, True, True, False]])
    thresholds = np.array([[0.0, 1.0, 1.5, 2.0, 3.0]], "f4")
    columns, there = next_above(*map(keras.ops.array, (values, mask, thresholds)))
    np.testing.assert_array_equal(to_numpy(there), [[True, True, True, True, False]])
    np.testing.assert_array_equal(to_numpy(columns)[0, :4], [0, 1, 1, 2])


def test_triplets_take_no_cube_of_the_batch():
    """An array of all triplets of 1,000 images holds 4 GB."""
    rng = np.random.default_rng(3)
    labels = np.arange(1000) // 2
    x = rng.normal(size=(1000, 2)).astype("f4")
    value = float(losses.TripletLoss("all", 0.2)(labels, x))
    assert 0 < value < 100

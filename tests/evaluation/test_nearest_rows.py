"""The rows that are most like queries, against SciPy's distances sorted."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese.evaluation.nearest_rows import most_similar, nearest
from keras_siamese.models.numpy_heads import plain_l1

# Of few values, so that many distances tie; sums of them are exact in float32.
ROWS = np.random.default_rng(0).integers(0, 3, (40, 4)).astype(np.float32)
QUERIES = np.random.default_rng(1).integers(0, 3, (9, 4)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 7, 40])
def test_the_nearest_come_first_and_of_one_distance_the_first_row(count):
    expected = cdist(QUERIES, ROWS, "cityblock")
    distances, rows = nearest(plain_l1(4), QUERIES, ROWS, count)
    np.testing.assert_array_equal(rows, np.argsort(expected, axis=1, kind="stable")[:, :count])
    np.testing.assert_array_equal(distances, np.sort(expected, axis=1)[:, :count], strict=True)


@pytest.mark.parametrize("count", [1, 39])
def test_no_row_is_its_own_neighbour(count):
    expected = cdist(ROWS, ROWS, "cityblock")
    np.fill_diagonal(expected, np.inf)
    distances, rows = nearest(plain_l1(4), ROWS, ROWS, count, leave_out_itself=True)
    np.testing.assert_array_equal(rows, np.argsort(expected, axis=1, kind="stable")[:, :count])
    assert np.isfinite(distances).all()


def test_more_than_there_are_cannot_be_found():
    with pytest.raises(ValueError, match="`n_neighbors` must be at most 39, the number of support"):
        nearest(plain_l1(4), ROWS, ROWS, 40, leave_out_itself=True)
    with pytest.raises(ValueError, match="`n_neighbors` must be a whole number"):
        nearest(plain_l1(4), ROWS, ROWS, True)


def test_of_equal_scores_the_first_columns_are_taken():
    assert most_similar(np.array([[1, 3, 2, 3, 1, 1]]), 4).tolist() == [[1, 3, 2, 0]]

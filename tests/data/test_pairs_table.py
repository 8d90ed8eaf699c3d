"""The table of pairs: what it takes, and what it refuses by name."""

import numpy as np
import pytest

from keras_siamese import data
from keras_siamese.data import pairs
from keras_siamese.data.distortions import IDENTITY
from keras_siamese.data.pairs import PairTable

TRANSFORMS = np.tile(IDENTITY, (3, 1))


def with_one(value):
    """Three transforms, one number of them replaced."""
    rows = TRANSFORMS.copy()
    rows[1, 2] = value
    return rows


def columns(**changes):
    """The arguments of a table of three distorted pairs, with some replaced."""
    index = np.arange(3, dtype=np.int32)
    return {
        "left": index,
        "right": index[::-1],
        "same": np.array([False, True, False]),
        "left_transform": TRANSFORMS,
        "right_transform": TRANSFORMS,
        **changes,
    }


def test_a_table_knows_its_length_and_its_bytes():
    plain = PairTable(**columns(left_transform=None, right_transform=None))
    assert len(plain) == 3
    assert plain.nbytes == 3 * (4 + 4 + 1)
    assert PairTable(**columns()).nbytes == 3 * (4 + 4 + 1 + 2 * 24)


def test_the_table_is_found_under_every_name():
    assert data.PairTable is pairs.PairTable is PairTable


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_any_integers_are_indices(dtype):
    index = np.arange(3).astype(dtype)
    assert len(PairTable(**columns(left=index, right=index))) == 3


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("column", "received"),
    [
        (np.arange(3.0), r"float64 of shape \(3,\)"),
        (np.ones(3, bool), r"bool of shape \(3,\)"),
        (np.zeros((3, 1), np.int32), r"int32 of shape \(3, 1\)"),
        (np.zeros(0, np.int32), r"int32 of shape \(0,\)"),
        (np.int32(3), "int32, no NumPy array"),
        ([0, 1, 2], "list, no NumPy array"),
    ],
)
def test_indices_must_be_a_list_of_integers(side, column, received):
    message = f"`{side}` must be an integer array .* at least one pair. Received: {received}"
    with pytest.raises(ValueError, match=message):
        PairTable(**columns(**{side: column}))


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_index_below_zero_is_refused(side):
    with pytest.raises(ValueError, match=f"`{side}` must hold indices of at least 0.* -1"):
        PairTable(**columns(**{side: np.array([0, -1, 2], np.int32)}))


@pytest.mark.parametrize(
    ("same", "received"),
    [
        (np.array([0, 7, 0]), r"int64 of shape \(3,\)"),
        (np.array([0, 1, 0], np.uint8), r"uint8 of shape \(3,\)"),
        (np.array([0.0, 1.0, 0.5]), r"float64 of shape \(3,\)"),
        (np.ones((3, 1), bool), r"bool of shape \(3, 1\)"),
        (np.bool_(True), "bool(_)?, no NumPy array"),
        ([True, False, True], "list, no NumPy array"),
    ],
)
def test_labels_must_be_booleans(same, received):
    with pytest.raises(ValueError, match=f"`same` must be a bool array.*Received: {received}"):
        PairTable(**columns(same=same))


@pytest.mark.parametrize("side", ["left_transform", "right_transform"])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (TRANSFORMS.astype(np.float64), r"a float32 array.*float64 of shape \(3, 6\)"),
        (TRANSFORMS[:, :5], r"a float32 array of shape \(n, 6\).*float32 of shape \(3, 5\)"),
        (
            TRANSFORMS.reshape(3, 2, 3),
            r"a float32 array of shape \(n, 6\).*float32 of shape \(3, 2, 3\)",
        ),
        (TRANSFORMS.tolist(), "a float32 array.*list, no NumPy array"),
        (with_one(np.nan), "finite. Received: 1 rows of 3"),
        (with_one(-np.inf), "finite. Received: 1 rows of 3"),
    ],
)
def test_transforms_must_be_finite_rows_of_six(side, rows, message):
    with pytest.raises(ValueError, match=f"`{side}` must be {message}"):
        PairTable(**columns(**{side: rows}))


@pytest.mark.parametrize("name", ["right", "same", "left_transform", "right_transform"])
def test_every_column_has_one_row_per_pair(name):
    short = columns()[name][:2]
    with pytest.raises(ValueError, match=rf"`{name}` must have as many rows .*\(3\).* 2"):
        PairTable(**columns(**{name: short}))


@pytest.mark.parametrize("side", ["left_transform", "right_transform"])
def test_one_side_alone_is_not_distorted(side):
    with pytest.raises(ValueError, match="must be given together"):
        PairTable(**columns(**{side: None}))

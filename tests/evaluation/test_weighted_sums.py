"""Both ways to sum, NumPy's and faiss's, against float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.evaluation import weighted_sums as module
from keras_siamese.evaluation.weighted_sums import weighted_sums


@pytest.fixture(params=["numpy", "faiss"])
def way(request, monkeypatch):
    """Lets one of the two ways be taken, whatever the number of queries."""
    if request.param == "numpy":
        monkeypatch.setattr(module, "_faiss", lambda: None)
    else:
        pytest.importorskip("faiss")
        monkeypatch.setattr(module, "FAISS_QUERIES", 1)
    return request.param


def in_tiles(queries, references, kernel, height=None):
    most, compare = weighted_sums(queries, kernel)
    height = height or most
    assert height <= most
    found = np.full((len(queries), len(references)), np.nan, np.float32)
    for start in range(0, len(references), height):
        tile = slice(start, start + height)
        compare(references[tile], found[:, tile])
    return found


def in_float64(queries, references, kernel):
    gaps = np.abs(queries[:, None].astype(float) - references.astype(float))
    return (gaps * kernel.astype(float)).sum(axis=-1)


def drawn(seed, num_queries, num_references, features):
    rng = np.random.default_rng(seed)
    queries = rng.random((num_queries, features), dtype=np.float32)
    references = rng.random((num_references, features), dtype=np.float32)
    return queries, references, rng.normal(0, 0.2, features).astype(np.float32)


@pytest.mark.parametrize("signs", [(-1, 1), (1,), (-1,), (0,), (0, 1)])
def test_sums_are_those_in_float64(way, signs):
    queries, references, kernel = drawn(0, 9, 300, 700)
    kernel = np.abs(kernel) * np.resize(signs, 700).astype(np.float32)
    expected = in_float64(queries, references, kernel)
    np.testing.assert_allclose(in_tiles(queries, references, kernel), expected, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    num_queries=st.integers(1, 12),
    num_references=st.integers(1, 40),
    features=st.integers(1, 40),
    height=st.integers(1, 50),
)
@pytest.mark.parametrize("way", ["numpy", "faiss"])
def test_equal_references_tie_to_the_last_bit(
    way, seed, num_queries, num_references, features, height
):
    if way == "faiss":
        pytest.importorskip("faiss")
    queries, references, kernel = drawn(seed, num_queries, num_references, features)
    references[num_references // 2 :] = references[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FAISS_QUERIES", 1 if way == "faiss" else 99)
        found = in_tiles(queries, references, kernel, height)
    np.testing.assert_allclose(found, in_float64(queries, references, kernel), atol=1e-5)
    same = found[:, num_references // 2 :]
    np.testing.assert_array_equal(same, np.repeat(found[:, :1], same.shape[1], axis=1))


def test_what_is_no_number_gives_none(way):
    queries, references, kernel = drawn(0, 3, 4, 5)
    kernel[2] = np.nan
    assert np.isnan(in_tiles(queries, references, kernel)).all()
    kernel[2] = 0.5
    references[1, 4] = np.nan
    found = in_tiles(queries, references, kernel)
    assert np.isnan(found[:, 1]).all() and np.isfinite(found[:, [0, 2, 3]]).all()


def test_faiss_is_taken_for_many_queries_and_left_out_where_it_is_missing(monkeypatch):
    pytest.importorskip("faiss")
    taken = []
    monkeypatch.setattr(module, "_faiss_sums", lambda *arguments: taken.append(1) or (1, None))
    queries, references, kernel = drawn(0, 20, 3, 4)
    weighted_sums(queries, kernel)
    weighted_sums(queries[:2], kernel)
    assert taken == [1]
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    np.testing.assert_allclose(
        in_tiles(queries, references, kernel), in_float64(queries, references, kernel), atol=1e-5
    )
    assert taken == [1]

"""Every engine against sorted lists."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese import EmbeddingIndex
from keras_siamese.index import exact_search
from tests.index.vectors import (
    NAMES,
    QUERIES,
    RNG,
    SCIPY,
    VECTORS,
    WITHOUT_NETWORK,
    expected_neighbours,
)


@pytest.mark.parametrize(("engine", "distance"), WITHOUT_NETWORK)
def test_engines_find_the_nearest(engine, distance, monkeypatch):
    monkeypatch.setattr(exact_search, "_TILE_NUMBERS", 12 * 130)
    monkeypatch.setattr(exact_search, "_HELD_SCORES", 1000)
    index = EmbeddingIndex(engine=engine, distance=distance)
    for start in range(0, 400, 150):
        part = slice(start, start + 150)
        index.add(VECTORS[part], NAMES[part])
    names, scores = index.search(QUERIES, k=7)
    rows, distances = expected_neighbours(cdist(QUERIES, VECTORS, SCIPY[distance]), 7)
    # With so wide a search, a graph of 400 misses none.
    assert names == [[NAMES[row] for row in found] for found in rows]
    expected = 1 - distances if distance == "cosine" else -distances
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    one, of_one = index.search(QUERIES[3], k=7)
    assert one == names[3]
    np.testing.assert_allclose(of_one, scores[3], atol=1e-6)
    everything, _ = index.search(QUERIES[:1], k=400)
    assert sorted(everything[0]) == sorted(NAMES)


def test_usearch_builds_one_graph_that_reaches_every_vector():
    vectors = np.random.default_rng(1).normal(size=(4_000, 16)).astype(np.float32)
    graphs = []
    for _ in range(2):
        index = EmbeddingIndex(engine="usearch", distance="cosine")
        index.add(vectors, [str(row) for row in range(len(vectors))])
        graphs.append(index._finder.to_bytes())
        found, _ = index.search_rows(vectors, k=1)
        np.testing.assert_array_equal(found[:, 0], np.arange(len(vectors)))
    assert graphs[0] == graphs[1]


# What all embeddings of a network may share, far larger than what they differ by.
OFFSETS = {
    "one": np.full(64, 1.0),
    "ten": np.full(64, 10.0),
    "far": np.full(64, 1e4),
    "two-places": np.where(np.arange(300)[:, None] % 2, 1e4, -1e4),
    "one-far-vector": np.where(np.arange(300)[:, None] == 7, 1e9, 0.0),
}


@pytest.mark.parametrize("offset", OFFSETS.values(), ids=OFFSETS)
@pytest.mark.parametrize("distance", ["euclidean", "l1"])
def test_a_shared_offset_hides_no_neighbour(distance, offset, monkeypatch):
    monkeypatch.setattr(exact_search, "_TILE_NUMBERS", 64 * 130)
    vectors = (0.01 * RNG.normal(size=(300, 64)) + offset).astype(np.float32)
    index = EmbeddingIndex.build(vectors, [str(row) for row in range(300)], distance=distance)
    expected, distances = expected_neighbours(
        cdist(vectors[:40].astype(float), vectors.astype(float), SCIPY[distance]), 6
    )
    found, scores = index.search_rows(vectors[:40], k=6)
    np.testing.assert_allclose(-scores, distances, rtol=1e-9)
    if distance == "euclidean":
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("engine", ["faiss", "faiss-hnsw", "usearch"])
def test_a_shared_offset_hides_none_from_the_other_engines(engine):
    vectors = (10 + 0.01 * RNG.normal(size=(300, 64))).astype(np.float32)
    index = EmbeddingIndex.build(vectors, NAMES[:300], distance="euclidean", engine=engine)
    expected, _ = expected_neighbours(cdist(vectors[:50], vectors), 5)
    np.testing.assert_array_equal(index.search_rows(vectors[:50], k=5)[0], expected)


def test_cosines_that_differ_little_are_told_apart():
    vectors = (10 + 0.01 * RNG.normal(size=(300, 64))).astype(np.float32)
    index = EmbeddingIndex.build(vectors, NAMES[:300], distance="cosine")
    # The squared distance of unit vectors is twice one minus the cosine, and rounds less.
    units = vectors / np.linalg.norm(vectors.astype(float), axis=1, keepdims=True)
    expected, _ = expected_neighbours(cdist(units[:50], units), 3)
    assert (index.search_rows(vectors[:50], k=3)[0] == expected).mean() > 0.99


@pytest.mark.parametrize("scale", [1e-35, 1e-30, 1e-22, 1e18, 1e30, 1e35])
@pytest.mark.parametrize("distance", SCIPY)
def test_any_scale_of_float32_gives_the_same_neighbours(distance, scale):
    index = EmbeddingIndex.build(VECTORS * scale, NAMES, distance=distance)
    rows, distances = expected_neighbours(cdist(QUERIES, VECTORS, SCIPY[distance]), 5)
    found, scores = index.search_rows(QUERIES.astype(float) * scale, k=5)
    np.testing.assert_array_equal(found, rows)
    expected = 1 - distances if distance == "cosine" else -distances * scale
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("engine", "distance", "scale"),
    [
        *[("numpy", distance, scale) for distance in SCIPY for scale in (1e-40, 1e39, 1e308)],
        *[(name, "euclidean", scale) for name in ("faiss", "usearch") for scale in (1e-21, 1e20)],
    ],
)  # fmt: skip
def test_numbers_outside_of_float32_are_told(engine, distance, scale):
    index = EmbeddingIndex(engine=engine, distance=distance)
    with pytest.raises(ValueError, match="`embeddings` must be zero or of a length from 1e-"):
        index.add(np.sign(VECTORS[:3]).astype(float) * scale, NAMES[:3])
    index.add(VECTORS, NAMES)
    with pytest.raises(ValueError, match="`embeddings` must be zero or of a length from 1e-"):
        index.search(np.ones(12) * scale)


def test_of_equal_scores_what_was_added_first_comes_first():
    index = EmbeddingIndex.build(np.ones((300, 3)), [str(n) for n in range(300)], distance="l1")
    names, scores = index.search([1, 1, 1], k=4)
    assert names == ["0", "1", "2", "3"] and scores.tolist() == [0, 0, 0, 0]


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "usearch.index", None)
    index = EmbeddingIndex(engine="usearch")
    with pytest.raises(ImportError, match=r"pip install 'keras_siamese\[usearch\]'"):
        index.add(VECTORS, NAMES)


def test_what_a_graph_does_not_reach_is_looked_for_exactly(monkeypatch):
    pytest.importorskip("faiss")
    index = EmbeddingIndex.build(VECTORS, NAMES, engine="faiss-hnsw", distance="euclidean")
    search = index._finder.nearest

    def lossy(queries, count, vectors):
        rows = search(queries, count, vectors)
        rows[::3, 2:] = -1
        return rows

    expected = index.search(QUERIES)
    monkeypatch.setattr(index._finder, "nearest", lossy)
    assert index.search(QUERIES).names == expected.names

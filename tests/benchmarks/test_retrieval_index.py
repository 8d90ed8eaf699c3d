"""The benchmark of the index measures each engine, and its file keeps what was measured before."""

import json

import numpy as np

from benchmarks import retrieval_index

SIZE = {"embeddings": 200, "features": 8, "queries": 5}


def test_the_nearest_are_those_of_all_cosines():
    embeddings, queries = retrieval_index.draw_vectors(SIZE)
    found = retrieval_index.nearest_by_product(embeddings, queries)
    cosines = queries.astype(float) @ embeddings.T.astype(float)
    np.testing.assert_array_equal(found, np.argsort(-cosines, axis=1)[:, : retrieval_index.K])


def test_the_file_keeps_other_engines(tmp_path):
    path = tmp_path / "retrieval_index.json"
    for results in ({"numpy": {"threads": 1}}, {"usearch": {}}, {"numpy": {"threads": 2}}):
        retrieval_index.add_numbers(results, path)
    assert json.loads(path.read_text()) == {"numpy": {"threads": 2}, "usearch": {}}

"""Queries against references in tiles, compared with the head itself."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese.evaluation import class_scores as module
from keras_siamese.evaluation import weighted_sums
from keras_siamese.evaluation.class_scores import class_logits
from keras_siamese.models import twin_head

COUNTS = np.array([1, 4, 2])


@pytest.mark.parametrize("tile", [1, 20, 2**18])
@pytest.mark.parametrize("held", [1, 30, 2**24])
@pytest.mark.parametrize("shots", ["mean", "best"])
def test_logits_are_those_of_the_layer(model, monkeypatch, tile, held, shots):
    monkeypatch.setattr(weighted_sums, "TILE_NUMBERS", tile)
    monkeypatch.setattr(module, "_HELD_LOGITS", held)
    rng = np.random.default_rng(0)
    queries, vectors = rng.random((9, 6), np.float32), rng.random((7, 6), np.float32)
    head = twin_head(model)
    found = class_logits(head, queries, vectors, COUNTS, shots=shots)
    pairs = [np.repeat(queries, 7, axis=0), np.tile(vectors, (9, 1))]
    each = np.split(np.asarray(head(pairs)).reshape(9, 7), COUNTS.cumsum()[:-1], axis=1)
    reduce = np.mean if shots == "mean" else np.max
    expected = np.stack([reduce(logits, axis=1) for logits in each], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32


def test_equal_references_tie_exactly_wherever_they_stand(model):
    vector = np.random.default_rng(0).random((2, 6), dtype=np.float32)
    references = np.repeat(vector[1:], 999, axis=0)
    logits = class_logits(twin_head(model), vector[:1], references, np.ones(999, int), shots="best")
    assert len(set(logits[0].tolist())) == 1


def test_memory_does_not_grow_with_queries_times_references_times_features(model):
    import tracemalloc

    class Head:
        def get_weights(self):
            return [np.ones((64, 1), np.float32)]

    rng = np.random.default_rng(0)
    queries, vectors = rng.random((50, 64), np.float32), rng.random((5000, 64), np.float32)
    # What a first call imports is no part of it.
    class_logits(Head(), queries[:1], vectors[:1], np.ones(1, int), shots="mean")
    tracemalloc.start()
    try:
        class_logits(Head(), queries, vectors, np.ones(5000, int), shots="mean")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All differences at once would take 64 MB; one tile takes 1 MB, each table of logits 1 to 2.
    assert peak < 8e6


def test_memory_of_a_layers_head_does_not_grow_with_queries_times_references(monkeypatch):
    import tracemalloc

    def head(sides, training):
        return np.abs(sides[0] - sides[1]).sum(axis=1, keepdims=True)

    monkeypatch.setattr(module, "_HELD_PAIRS", 2**15)
    monkeypatch.setattr(module, "_HELD_LOGITS", 2**15)
    vectors = np.random.default_rng(0).random((2000, 4), np.float32)
    queries = vectors[np.arange(2000) // 2]
    # What a first call imports is no part of it.
    class_logits(head, queries[:1], vectors[:1], np.ones(1, int), shots="best")
    tracemalloc.start()
    try:
        found = class_logits(head, queries, vectors, np.array([1500, 500]), shots="best")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    distances = cdist(queries, vectors, "cityblock")
    expected = np.stack([part.max(axis=1) for part in np.split(distances, [1500], axis=1)], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_array_equal(found[::2], found[1::2])
    # The logits of all pairs, of every query once, would take 8 MB.
    assert peak < 5e6


def test_arguments_must_fit(model):
    head, vectors = twin_head(model), np.zeros((3, 6), np.float32)
    with pytest.raises(ValueError, match=r"`shots` must be one of \('mean', 'best'\)"):
        class_logits(head, vectors, vectors, np.ones(3, int), shots="median")
    with pytest.raises(ValueError, match="head's 6 features. Received: 5 and 6"):
        class_logits(head, vectors[:, :5], vectors, np.ones(3, int), shots="mean")
    for counts in ([], [3, 0], [1, 1]):
        with pytest.raises(ValueError, match="sum to the 3 support images"):
            class_logits(head, vectors, vectors, np.array(counts, int), shots="mean")

"""Measures of retrieval against loops over sorted lists, SciPy and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from keras_siamese import evaluate_retrieval, evaluation
from keras_siamese.evaluation import retrieval_ranks as module
from tests.evaluation.retrieval_by_hand import MEASURES, SCIPY, means_by_hand


@pytest.mark.parametrize("distance", SCIPY)
@pytest.mark.parametrize("separate", [False, True], ids=["one-set", "gallery"])
def test_measures_are_those_of_sorted_lists(random, distance, separate, monkeypatch):
    monkeypatch.setattr(module, "_HELD_DISTANCES", 150)
    monkeypatch.setattr(module, "_TILE_NUMBERS", 35)
    vectors, labels = random
    if separate:
        arguments = {"gallery": vectors[20:], "gallery_labels": labels[20:], "distance": distance}
        queries, own = vectors[:20], labels[:20]
        expected = means_by_hand(
            cdist(queries, vectors[20:], SCIPY[distance]), own, labels[20:], False
        )
    else:
        arguments, queries, own = {"distance": distance}, vectors, labels
        expected = means_by_hand(cdist(vectors, vectors, SCIPY[distance]), labels, labels, True)
    for name, more in MEASURES.items():
        found = getattr(evaluation, name)(queries, own, **more, **arguments)
        assert found == pytest.approx(expected[name], abs=1e-12), name


def test_average_precision_is_scikit_learns(random):
    average_precision_score = pytest.importorskip("sklearn.metrics").average_precision_score
    vectors, labels = random
    near = -cdist(vectors, vectors)
    expected = [
        average_precision_score(np.delete(labels == label, row), np.delete(near[row], row))
        for row, label in enumerate(labels)
    ]
    found = evaluation.mean_average_precision(vectors, labels, distance="euclidean")
    assert found == pytest.approx(np.mean(expected))


# Few different values, so that many distances tie; exact in float64.
SMALL = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=4, max_size=12
)


@settings(deadline=None, max_examples=60)
@given(SMALL, st.sampled_from(["euclidean", "l1"]))
def test_a_tie_counts_against(rows, distance):
    labels = [0, 0, 1, 1, *(label for *_, label in rows[4:])]
    vectors = np.array([(x, y) for x, y, _ in rows], float)
    distances = cdist(vectors, vectors, "sqeuclidean" if distance == "euclidean" else "cityblock")
    expected = means_by_hand(distances, labels, labels, True)
    for name, more in MEASURES.items():
        found = getattr(evaluation, name)(vectors, labels, distance=distance, **more)
        assert found == pytest.approx(expected[name]), name


@pytest.mark.parametrize("distance", SCIPY)
@pytest.mark.parametrize("value", [0.0, 0.3, 1e6])
def test_a_collapsed_network_finds_nothing(distance, value):
    labels = np.arange(60) % 20
    vectors = np.full((60, 7), value, np.float32)
    assert evaluation.recall_at_k(vectors, labels, k=10, distance=distance) == 0
    assert evaluation.r_precision(vectors, labels, distance=distance) == 0
    assert evaluation.map_at_r(vectors, labels, distance=distance) == 0
    # Two others of the class behind 57 of others, where the best would be 1.
    expected = (1 / 58 + 2 / 59) / 2
    found = evaluation.mean_average_precision(vectors, labels, distance=distance)
    assert found == pytest.approx(expected)


def test_vectors_of_one_direction_tie_by_their_cosine():
    direction = np.random.default_rng(0).normal(size=9)
    vectors = np.outer([1.0, 3.0, 7.0, 0.1], direction).astype(np.float64)
    assert evaluation.recall_at_k(vectors, ["a", "a", "b", "b"], k=2) == 0
    assert evaluation.recall_at_k(vectors, ["a", "a", "b", "b"], k=3) == 1


def test_a_large_offset_does_not_make_different_distances_tie():
    vectors = np.array([[0.0], [1e-3], [1.0], [1.0 + 1.1e-3]]) + 1e5
    labels = ["a", "a", "b", "b"]
    assert evaluation.recall_at_k(vectors, labels, distance="euclidean") == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_labels_may_be_a_column(random, measure):
    vectors, labels = random
    one = getattr(evaluation, measure)
    assert one(vectors, labels[:, None]) == one(vectors, labels)
    given = {"gallery": vectors + 0.1, "gallery_labels": labels[:, None].tolist()}
    assert one(vectors, labels, **given) == one(vectors, labels[:, None], **given)


@pytest.mark.parametrize("distance", SCIPY)
def test_numbers_too_large_or_small_to_compare_are_told(random, distance):
    vectors, labels = random
    large, fits = (1e34, 1e30) if distance == "l1" else (1e160, 1e130)
    expected = evaluate_retrieval(vectors, labels, distance=distance)
    for scale in (fits, 1 / fits):
        found = evaluate_retrieval(vectors.astype(float) * scale, labels, distance=distance)
        assert found == expected
    for scale in (large * 100, 1e200, 1e-200):
        scaled = np.sign(vectors).astype(float) * scale
        with pytest.raises(ValueError, match="`embeddings` must be zero or have a largest number"):
            evaluation.recall_at_k(scaled, labels, distance=distance)
        with pytest.raises(ValueError, match="`gallery` must be zero or have a largest number"):
            evaluation.recall_at_k(
                vectors, labels, gallery=scaled, gallery_labels=labels, distance=distance
            )


VECTORS = np.random.default_rng(0).normal(size=(6, 3))

LABELS = [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        ((VECTORS, LABELS[:5]), {}, "`labels`.*length 6"),
        ((VECTORS, None), {}, "`labels`.* requires labels to be passed, but the target labels is"),
        ((VECTORS, [1] * 6), {}, "`labels` must be of two classes"),
        ((VECTORS, range(6)), {}, "another image of its class"),
        ((VECTORS, LABELS), {"k": 6}, "`k` must be at most 5"),
        ((VECTORS, LABELS), {"k": 0}, "`k` must be at least 1"),
        ((VECTORS, LABELS), {"k": 1.5}, "`k` must be a whole number"),
        ((VECTORS[0], LABELS), {}, "`embeddings` must be numbers of shape"),
        ((VECTORS[:0], []), {}, "`embeddings` must be numbers of shape"),
        ((np.where(VECTORS == VECTORS[2], np.nan, VECTORS), LABELS), {}, "NaN or inf in 1 of 6"),
        ((VECTORS, LABELS), {"distance": "manhattan"}, "`distance` must be one of"),
        ((VECTORS, LABELS), {"distance": 3}, "`distance` must be one of"),
        ((VECTORS, LABELS), {"gallery": VECTORS}, "must come together"),
        (
            (VECTORS, LABELS),
            {"gallery": VECTORS[:, :2], "gallery_labels": LABELS},
            "`gallery` must have 3 features",
        ),
        (
            (VECTORS, LABELS),
            {"gallery": VECTORS, "gallery_labels": list("aabbcc")},
            "must be of one kind",
        ),
        (
            (VECTORS, LABELS),
            {"gallery": VECTORS[:2], "gallery_labels": [0, 0]},
            "`gallery_labels` must be of two classes",
        ),
        (
            (VECTORS, LABELS),
            {"gallery": VECTORS, "gallery_labels": LABELS, "k": 7},
            "`k` must be at most 6",
        ),
    ],
)
def test_bad_input_is_told(arguments, more, message):
    with pytest.raises(ValueError, match=message):
        evaluation.recall_at_k(*arguments, **more)


def test_memory_does_not_grow_with_queries_times_gallery(monkeypatch):
    """Of 3,000 by 3,000 distances, 72 MB in float64, far fewer are ever held."""
    import tracemalloc

    monkeypatch.setattr(module, "_HELD_DISTANCES", 2**17)
    vectors = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    tracemalloc.start()
    evaluation.recall_at_k(vectors, np.arange(3000) % 300, k=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6

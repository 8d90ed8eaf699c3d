"""Measures of retrieval against loops over sorted lists, SciPy and scikit-learn."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from keras_siamese import Recognizer, evaluate_retrieval, evaluation, make_glyphs
from keras_siamese.evaluation import retrieval_ranks as module
from keras_siamese.evaluation.embeddings import embed
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import siamese_network, twin_head

MEASURES = {
    "recall_at_k": {"k": 3},
    "precision_at_k": {"k": 3},
    "mean_average_precision": {},
    "map_at_r": {},
    "mean_reciprocal_rank": {},
    "r_precision": {},
}
SCIPY = {"cosine": "cosine", "euclidean": "euclidean", "l1": "cityblock"}


def by_hand(distances, same, k=3):
    """Measures of one query by the definitions; of one distance, other classes come first."""
    order = sorted(range(len(same)), key=lambda i: (distances[i], same[i]))
    hits = [bool(same[i]) for i in order]
    r = sum(hits)
    precisions = [sum(hits[: i + 1]) / (i + 1) for i in range(len(hits))]
    return {
        "recall_at_k": float(any(hits[:k])),
        "precision_at_k": sum(hits[:k]) / k,
        "mean_average_precision": sum(p for p, hit in zip(precisions, hits, strict=True) if hit)
        / r,
        "map_at_r": sum(p for p, hit in zip(precisions[:r], hits, strict=False) if hit) / r,
        "mean_reciprocal_rank": 1 / (hits.index(True) + 1),
        "r_precision": sum(hits[:r]) / r,
    }


def means_by_hand(distances, query_labels, gallery_labels, itself):
    rows = []
    for place, label in enumerate(query_labels):
        keep = [i for i in range(len(gallery_labels)) if not (itself and i == place)]
        same = [gallery_labels[i] == label for i in keep]
        if any(same):
            rows.append(by_hand([distances[place][i] for i in keep], same))
    return {name: np.mean([row[name] for row in rows]) for name in MEASURES}


@pytest.fixture
def random():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 6, 60)
    vectors = rng.normal(size=(60, 5)) + np.eye(6)[labels][:, :5]
    return vectors.astype(np.float32), labels


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


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=2, characters_per_alphabet=4, num_drawers=4, seed=0)


@pytest.fixture(scope="module")
def network():
    # Apart enough for the order not to depend on the rounding of sums.
    spread = keras.initializers.RandomNormal(stddev=0.3, seed=1)
    layers = [keras.Input((35, 35, 1)), keras.layers.Flatten()]
    dense = keras.layers.Dense(8, "sigmoid", kernel_initializer=spread)
    return siamese_network(keras.Sequential([*layers, dense]), seed=1)


def test_a_siamese_network_is_scored_by_its_head(glyphs, network):
    vectors = embed(network, glyphs)
    rows, columns = np.indices((len(vectors), len(vectors)))
    logits = head_logits(twin_head(network), vectors, rows, columns)
    expected = means_by_hand(-logits.astype(float), glyphs.labels, glyphs.labels, True)
    result = evaluate_retrieval(network, glyphs, k=3)
    assert result.distance == "learned"
    assert result.recall_at[3].value == pytest.approx(expected["recall_at_k"])
    assert result.precision_at[3].value == pytest.approx(expected["precision_at_k"])
    for name in ("mean_average_precision", "map_at_r", "mean_reciprocal_rank", "r_precision"):
        assert getattr(result, name).value == pytest.approx(expected[name]), name
    for distance in (network, twin_head(network)):
        found = evaluation.map_at_r(vectors, glyphs.labels, distance=distance)
        assert found == result.map_at_r.value


@pytest.mark.parametrize("kind", ["euclidean", "cosine"])
def test_other_heads_score_by_their_distance(glyphs, kind):
    inputs = keras.Input((35, 35, 1))
    encoder = keras.Model(inputs, keras.layers.Flatten()(keras.layers.AveragePooling2D(5)(inputs)))
    model = siamese_network(encoder, head=kind)
    by_head = evaluate_retrieval(model, glyphs, k=2)
    expected = evaluate_retrieval(embed(encoder, glyphs), glyphs, k=2, distance=kind)
    assert by_head.distance == "learned"
    assert by_head.map_at_r.value == pytest.approx(expected.map_at_r.value, abs=1e-6)
    assert by_head.recall_at[2] == expected.recall_at[2]


def test_every_way_to_give_the_images_has_the_same_scores(glyphs, network):
    from keras_siamese import twin_encoder

    encoder, vectors = twin_encoder(network), embed(network, glyphs)
    expected = evaluate_retrieval(vectors, glyphs.labels, seed=4)
    assert expected.distance == "cosine" and expected.gallery_size == len(glyphs) - 1
    for arguments in (
        (vectors, glyphs),
        (vectors.tolist(), glyphs.character),
        (encoder, glyphs),
        (encoder, glyphs.images, glyphs.labels),
    ):
        found = evaluate_retrieval(*arguments, seed=4)
        assert found.recall_at.keys() == expected.recall_at.keys()
        np.testing.assert_allclose(found.map_at_r.value, expected.map_at_r.value)
    queries, known = (glyphs.select(drawers=drawers) for drawers in ([1], [2, 3, 4]))
    both = evaluate_retrieval(encoder, queries, gallery=known)
    apart = evaluate_retrieval(
        embed(encoder, queries),
        queries.labels,
        gallery=embed(encoder, known),
        gallery_labels=known.labels,
    )
    assert both == apart and (both.n, both.gallery_size) == (8, 24)


def test_intervals_are_wilsons_for_recall_and_a_bootstrap_over_queries_for_the_others(random):
    vectors, labels = random
    result = evaluate_retrieval(vectors, labels, k=1, seed=0)
    found = round(result.recall_at[1].value * result.n)
    assert result.recall_at[1].interval == evaluation.wilson_interval(found, result.n)
    rng = np.random.default_rng(9)
    near = cdist(vectors, vectors, "cosine")
    rows = [
        by_hand(np.delete(near[i], i), np.delete(labels == labels[i], i))["map_at_r"]
        for i in range(len(labels))
    ]
    means = np.mean(rng.choice(rows, (4000, len(rows))), axis=1)
    np.testing.assert_allclose(
        result.map_at_r.interval, np.quantile(means, [0.025, 0.975]), atol=0.015
    )
    assert result == evaluate_retrieval(vectors, labels, k=1, seed=0)
    assert result.map_at_r.interval != evaluate_retrieval(vectors, labels, seed=1).map_at_r.interval


def test_a_recognizer_is_scored_by_its_network(glyphs, network):
    expected = evaluate_retrieval(network, glyphs, k=2)
    recognizer = Recognizer(network)
    assert evaluate_retrieval(recognizer, glyphs, k=2) == expected
    vectors = embed(recognizer, glyphs)
    np.testing.assert_array_equal(vectors, embed(network, glyphs))
    found = evaluation.map_at_r(vectors, glyphs.labels, distance=recognizer)
    assert found == expected.map_at_r.value


def test_the_learned_distance_is_that_of_a_siamese_network(glyphs, network):
    result = evaluate_retrieval(network, glyphs, k=2, distance="learned")
    assert result == evaluate_retrieval(network, glyphs, k=2)
    for other in (network.get_layer("encoder"), embed(network, glyphs)):
        with pytest.raises(ValueError, match="`distance` must be .* without a siamese network"):
            evaluate_retrieval(other, glyphs, k=2, distance="learned")


def test_a_network_without_an_input_is_told(glyphs):
    unbuilt = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(8)])
    for use in (evaluate_retrieval, embed):
        with pytest.raises(ValueError, match="`network` must know the shape .* keras.Input"):
            use(unbuilt, glyphs)


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


def test_a_class_of_one_image_is_left_out_as_a_query_and_counted(random):
    vectors, labels = random
    more = np.concatenate([vectors, vectors[:1] + 9, vectors[1:2] - 9])
    result = evaluate_retrieval(more, [*labels.tolist(), 77, 78])
    assert (result.n, result.left_out, result.gallery_size) == (60, 2, 61)
    assert "60 queries, 61 images to find, cosine distance; 2 queries" in str(result)
    assert f"recall at 1 {result.recall_at[1].value:.4f}" in str(result)


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


def test_bad_input_of_the_evaluation_is_told(glyphs, network):
    vectors = embed(network, glyphs)
    for arguments, more, message in (
        ((network, glyphs, glyphs.labels), {}, "`labels` must be left out"),
        ((network, glyphs.images), {}, "`labels` must come with images"),
        ((vectors, glyphs.labels, glyphs.labels), {}, "`labels` must be left out with embeddings"),
        ((vectors, glyphs.labels), {"gallery": glyphs}, "`gallery` must be embeddings"),
        ((vectors, glyphs.labels), {"gallery": vectors}, "`gallery_labels` must come with"),
        ((network, glyphs), {"k": (1, 99)}, "`k` must be at most 31"),
        ((network, glyphs), {"resamples": 0}, "`resamples` must be at least 1"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluate_retrieval(*arguments, **more)


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

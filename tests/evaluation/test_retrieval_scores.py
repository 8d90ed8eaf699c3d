"""`evaluate_retrieval`: what it takes, its intervals, and what it refuses."""

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese import Recognizer, evaluate_retrieval, evaluation, make_glyphs
from keras_siamese.evaluation.embeddings import embed
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.models import siamese_network, twin_head
from tests.evaluation.retrieval_by_hand import by_hand, means_by_hand


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


def test_a_class_of_one_image_is_left_out_as_a_query_and_counted(random):
    vectors, labels = random
    more = np.concatenate([vectors, vectors[:1] + 9, vectors[1:2] - 9])
    result = evaluate_retrieval(more, [*labels.tolist(), 77, 78])
    assert (result.n, result.left_out, result.gallery_size) == (60, 2, 61)
    assert "60 queries, 61 images to find, cosine distance; 2 queries" in str(result)
    assert f"recall at 1 {result.recall_at[1].value:.4f}" in str(result)


@pytest.mark.parametrize(("images", "counts"), [(60, [1, 5, 10]), (11, [1, 5, 10]), (6, [1, 5])])
def test_without_a_k_those_are_taken_that_the_gallery_has(random, images, counts):
    vectors, labels = random[0][:images], np.arange(images) % 3
    result = evaluate_retrieval(vectors, labels)
    assert [*result.recall_at] == [*result.precision_at] == counts
    assert result == evaluate_retrieval(vectors, labels, k=counts)
    few = evaluate_retrieval(vectors, labels, gallery=vectors[:3], gallery_labels=labels[:3])
    assert [*few.recall_at] == [1]


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

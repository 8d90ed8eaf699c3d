"""Recognizers, verifiers and classifiers of networks with each head."""

import copy
import pickle

import keras
import numpy as np
import pytest

from keras_siamese import (
    OneShotClassifier,
    Recognizer,
    Verifier,
    make_glyphs,
    reduced_encoder,
    sample_pairs,
    siamese_network,
    twin_encoder,
)


def _one_sided():
    """A comparison in which the first embedding counts twice as much."""
    first, second = keras.Input((8,)), keras.Input((8,))
    apart = keras.ops.abs(2 * first - second)
    return keras.Model([first, second], keras.layers.Dense(1)(apart))


HEADS = {"euclidean": lambda: "euclidean", "cosine": lambda: "cosine", "one-sided": _one_sided}


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=4, size=35)


@pytest.fixture(scope="module", params=HEADS)
def network(request):
    encoder = reduced_encoder(filters=(4, 4, 4, 4), units=8, initializer="he", seed=1)
    return siamese_network(encoder, head=HEADS[request.param]())


def test_verifier_answers_as_the_network_and_keeps_it_in_its_file(network, glyphs, tmp_path):
    verifier, pairs = Verifier(network), sample_pairs(glyphs, 60, seed=0)
    left, right = glyphs.images[pairs.left], glyphs.images[pairs.right]
    expected = network.predict([left, right], verbose=0)[:, 0]
    np.testing.assert_allclose(verifier.probabilities(left, right), expected, atol=1e-5)
    found = verifier.pair_probabilities(glyphs.images, pairs)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    verifier.choose_threshold(glyphs.images, pairs)
    verifier.save(tmp_path / "verifier.zip")
    for again in (Verifier.load(tmp_path / "verifier.zip"), pickle.loads(pickle.dumps(verifier))):
        assert again.threshold == verifier.threshold
        np.testing.assert_allclose(again.probabilities(left, right), expected, atol=1e-5)


def test_classifier_compares_each_query_with_each_support_image(network, glyphs):
    support, queries = glyphs.images[::4], glyphs.images[1::4]
    classifier = OneShotClassifier(network).fit(support, np.arange(6))
    left, right = np.repeat(queries, 6, axis=0), np.tile(support, (6, 1, 1, 1))
    pairs = network.predict([left, right], verbose=0).reshape(6, 6)
    found = classifier.predict(queries)
    # A tie of rounding may go either way.
    best = np.take_along_axis(pairs, found[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(best, pairs.max(axis=1), atol=1e-5)
    distances, places = classifier.kneighbors(queries, 6)
    of_pairs = np.take_along_axis(pairs, places, axis=1)
    np.testing.assert_allclose(1 / (1 + np.exp(distances)), of_pairs, atol=1e-5)


def test_recognizer_keeps_its_head_in_files_and_copies(network, glyphs, tmp_path):
    recognizer = Recognizer(network).fit(glyphs.images[::4], list("abcdef"))
    recognizer.choose_threshold(glyphs, sample_pairs(glyphs, 60, seed=0))
    queries = glyphs.images[1::4]
    expected = recognizer.rank(queries)
    recognizer.save(tmp_path / "recognizer.zip")
    loaded = Recognizer.load(tmp_path / "recognizer.zip")
    for again in (loaded, copy.deepcopy(recognizer), pickle.loads(pickle.dumps(recognizer))):
        assert again.threshold == recognizer.threshold
        for ours, theirs in zip(again.rank(queries), expected, strict=True):
            found = {match.name: match.similarity for match in ours}
            for match in theirs:
                assert found[match.name] == pytest.approx(match.similarity, abs=1e-5)
    left, right = loaded.verify(queries[:1], queries[1:2]), network([queries[:1], queries[1:2]])
    assert left[0].probability == pytest.approx(float(right[0, 0]), abs=1e-5)
    assert twin_encoder(loaded.model).output_shape == (None, 8)

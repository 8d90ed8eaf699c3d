"""Verification: probabilities are the network's, the threshold is that of validation pairs."""

import json
import zipfile
from unittest import mock

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import (
    OneShotClassifier,
    Preprocessing,
    Verifier,
    make_glyphs,
    siamese_network,
)
from keras_siamese.data import distort_pairs, sample_pairs
from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.operating_point import ABOVE_ALL
from keras_siamese.evaluation.probabilities import expit


@pytest.fixture(scope="module")
def network():
    dense = keras.layers.Dense(
        6, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=1)
    )
    encoder = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), dense])
    return siamese_network(encoder, seed=3)


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(size=8, num_alphabets=2, characters_per_alphabet=5, num_drawers=4, seed=0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 5))
def test_probabilities_are_the_network_s_both_ways_round(network, seed, count):
    left, right = np.random.default_rng(seed).random((2, count, 8, 8, 1), dtype=np.float32)
    verifier = Verifier(network)
    found = verifier.probabilities(left, right)
    np.testing.assert_array_equal(found, verifier.probabilities(right, left))
    expected = network.predict_on_batch([left, right])[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(verifier.verify(left, right), found >= 0.5)
    support = OneShotClassifier(network).fit(right, np.arange(count))
    np.testing.assert_allclose(np.diag(support.similarities(left)), found, atol=1e-6)


@settings(max_examples=300, deadline=None)
@given(
    logit=st.floats(-120, 120, width=32),
    threshold=st.none() | st.sampled_from([0.0, 0.5, 1.0, ABOVE_ALL]) | st.floats(0, 1),
    steps=st.integers(-3, 3),
)
def test_the_decision_function_and_verify_decide_alike(network, logit, threshold, steps):
    verifier = Verifier(network)
    # None: a threshold as near the pair's probability as floats can be.
    near = float(expit(np.float64(logit))) if threshold is None else threshold
    for _ in range(abs(steps) if threshold is None else 0):
        near = float(np.nextafter(near, np.sign(steps)))
    verifier.threshold = min(max(near, 0.0), ABOVE_ALL)
    with mock.patch.object(verifier, "_logits", lambda *_: np.array([logit], np.float64)):
        (same,), (margin,) = verifier.verify(0, 0), verifier.decision_function(0, 0)
        (probability,) = verifier.probabilities(0, 0)
    assert same == (margin >= 0) == (probability >= verifier.threshold)


def test_a_pair_at_the_threshold_is_the_same(network, glyphs):
    left, right = glyphs.images[:6], glyphs.images[6:12]
    for probability in Verifier(network).probabilities(left, right):
        verifier = Verifier(network, threshold=float(probability))
        found = verifier.probabilities(left, right)
        np.testing.assert_array_equal(verifier.verify(left, right), found >= probability)
        assert verifier.verify(left, right).any()


def test_bytes_floats_and_flat_images_mean_the_same(network, glyphs):
    left, right = glyphs.images[:4], glyphs.images[4:8]
    expected = Verifier(network).probabilities(left, right)
    scaled = right / np.float32(255)
    for form in (scaled, scaled.reshape(4, 64)):
        found = Verifier(network).probabilities(left, form)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.1, None])
def test_threshold_is_chosen_on_validation_pairs(network, glyphs, rate):
    pairs = sample_pairs(glyphs, 200, seed=0)
    verifier = Verifier(network)
    point = verifier.choose_threshold(glyphs.images, pairs, false_accept_rate=rate)
    assert verifier.operating_point is point and verifier.threshold == point.threshold
    called = verifier.verify(glyphs.images[pairs.left], glyphs.images[pairs.right])
    assert point.false_accept_rate == np.mean(called[~pairs.same])
    assert point.false_reject_rate == pytest.approx(np.mean(~called[pairs.same]))
    if rate is not None:
        assert point.false_accept_rate <= rate


@pytest.mark.parametrize("chosen", [False, True])
def test_save_and_load_change_nothing(network, glyphs, tmp_path, chosen):
    verifier = Verifier(network, threshold=0.1234567890123, batch_size=7)
    if chosen:
        verifier.choose_threshold(glyphs.images, sample_pairs(glyphs, 50, seed=1))
    verifier.save(tmp_path / "verifier.zip")
    loaded = Verifier.load(tmp_path / "verifier.zip")
    assert loaded.threshold == verifier.threshold
    assert loaded.operating_point == verifier.operating_point
    assert loaded.batch_size == 7
    left, right = glyphs.images[:20], glyphs.images[20:]
    np.testing.assert_array_equal(
        loaded.probabilities(left, right), verifier.probabilities(left, right)
    )
    with pytest.raises(ValueError, match="written by OneShotClassifier.save.*holds a 'Verifier'"):
        OneShotClassifier.load(tmp_path / "verifier.zip")


def test_what_does_not_fit_is_refused(network, glyphs):
    verifier, images = Verifier(network), glyphs.images
    with pytest.raises(ValueError, match="must hold as many images.*Repeat an image"):
        verifier.verify(images[:1], images)
    with pytest.raises(ValueError, match="`right` must be finite"):
        verifier.verify(images[:1], np.full((1, 8, 8, 1), np.nan))
    pairs = sample_pairs(glyphs, 50, seed=1)
    with pytest.raises(ValueError, match="`pairs` must be undistorted"):
        verifier.choose_threshold(images, distort_pairs(pairs, 1, glyphs.image_size, seed=0))
    alike = PairTable(pairs.left[pairs.same], pairs.right[pairs.same], pairs.same[pairs.same])
    with pytest.raises(ValueError, match="both same and different"):
        verifier.choose_threshold(images, alike)
    assert verifier.operating_point is None and verifier.threshold == 0.5
    with pytest.raises(ValueError, match="`threshold` must be a fraction"):
        Verifier(network, threshold=50)
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        Verifier(keras.Sequential([keras.Input((2,))]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": "0.5"}, "`threshold` must be a fraction"),
        ({"threshold": 1.5}, "`threshold` must be a fraction"),
        ({"threshold": None}, "`threshold` must be a fraction"),
        ({"operating_point": [0.5]}, "operating point is"),
        ({"operating_point": {"threshold": 0.5}}, "operating point is"),
    ],
)
def test_a_file_that_was_changed_is_refused(network, tmp_path, change, message):
    path, changed = tmp_path / "verifier.zip", tmp_path / "changed.zip"
    Verifier(network).save(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as other:
        settings_ = json.loads(archive.read("settings.json")) | change
        other.writestr("settings.json", json.dumps(settings_))
        other.writestr("model.keras", archive.read("model.keras"))
    with pytest.raises(ValueError, match=message):
        Verifier.load(changed)


def test_the_threshold_that_refuses_all_is_saved(network, tmp_path):
    verifier = Verifier(network)
    verifier.threshold = float(np.nextafter(1.0, 2.0))
    verifier.save(tmp_path / "verifier.zip")
    assert Verifier.load(tmp_path / "verifier.zip").threshold == verifier.threshold


def test_how_images_are_read_is_saved(network, tmp_path):
    preprocessing = Preprocessing(8, paper="redraw")
    Verifier(network, preprocessing=preprocessing).save(tmp_path / "v.zip")
    assert Verifier.load(tmp_path / "v.zip").preprocessing == preprocessing
    for wrong in (Preprocessing(9), Preprocessing(8, "rgb"), {"size": 8}):
        with pytest.raises(ValueError, match="`preprocessing` must"):
            Verifier(network, preprocessing=wrong)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, -1], ids=["encoder", "head"])
def test_weights_that_are_not_finite_are_refused(network, glyphs, tmp_path, value, place):
    damaged = keras.models.clone_model(network)
    weights = network.get_weights()
    weights[place].flat[0] = value
    Verifier(network).save(tmp_path / "v.zip")
    verifier = Verifier(damaged)
    damaged.set_weights(weights)
    with pytest.raises(ValueError, match="weights of a network must be finite"):
        Verifier(damaged)
    with pytest.raises(ValueError, match="weights of a network must be finite"):
        OneShotClassifier(damaged).fit(glyphs.images[:2], ["a", "b"])
    # Damaged after it was made: seen in what is computed.
    with pytest.raises(ValueError, match="network's (embeddings|logits) must be finite"):
        verifier.verify(glyphs.images[:2], glyphs.images[2:4])
    verifier.save(tmp_path / "v.zip")
    with pytest.raises(ValueError, match="v.zip', but The weights of a network must be finite"):
        Verifier.load(tmp_path / "v.zip")


def test_two_sizes_in_one_call_are_named():
    inputs = keras.Input((None, None, 1))
    encoder = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs))
    with pytest.raises(
        ValueError, match=r"one size. Received: images of \(4, 6, 1\) and of \(6, 4"
    ):
        Verifier(siamese_network(encoder)).verify(np.ones((2, 4, 6, 1)), np.ones((2, 6, 4, 1)))


def test_embeddings_and_decisions_are_those_of_the_pairs(network, glyphs):
    left, right = glyphs.images[:4], glyphs.images[4:8]
    verifier = Verifier(network, threshold=0.4)
    same = verifier.probabilities(left, right)
    expected = np.log(same / (1 - same)) - np.log(0.4 / 0.6)
    np.testing.assert_allclose(verifier.decision_function(left, right), expected, atol=1e-5)
    classifier = OneShotClassifier(network).fit(right, np.arange(4))
    np.testing.assert_array_equal(verifier.transform(left), classifier.transform(left))
    for found, wanted in zip(
        verifier.kneighbors(left, right, 2), classifier.kneighbors(left, 2), strict=True
    ):
        np.testing.assert_array_equal(found, wanted)
    for threshold, sign in ((0.0, 1), (1.0, -1)):
        decided = Verifier(network, threshold=threshold).decision_function(left, right)
        assert np.isinf(decided).all() and (np.sign(decided) == sign).all()

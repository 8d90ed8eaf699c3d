"""Prediction: agrees with verification, whatever the order and number of references."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese import OneShotClassifier, siamese_network
from keras_siamese.evaluation import pair_probabilities
from keras_siamese.models import twin_encoder, twin_head

WORDS = ["nut", "bolt", "washer"]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), num_classes=st.integers(1, 6))
def test_similarities_are_what_verification_says_of_the_pairs(network, seed, num_classes):
    rng = np.random.default_rng(seed)
    pool = rng.random((num_classes + 3, 6, 6, 1), dtype=np.float32)
    classifier = OneShotClassifier(network).fit(pool[:num_classes], np.arange(num_classes))
    found = classifier.similarities(pool[num_classes:])
    left, right = np.divmod(np.arange(3 * num_classes), num_classes)
    expected = pair_probabilities(network, pool, left + num_classes, right).reshape(3, -1)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(
        classifier.predict(pool[num_classes:]), found.argmax(axis=1), err_msg="no ties are expected"
    )


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_pairs_are_alike_in_both_directions(network, seed):
    pair = np.random.default_rng(seed).random((2, 6, 6, 1), dtype=np.float32)
    one, other = (
        OneShotClassifier(network).fit(pair[[row]], ["a"]).similarities(pair[[1 - row]])
        for row in (0, 1)
    )
    np.testing.assert_array_equal(one, other)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shots=st.sampled_from(["mean", "best"]))
def test_order_of_supports_does_not_matter(network, images, seed, shots):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 12)
    order = rng.permutation(12)
    plain, shuffled = (
        OneShotClassifier(network, shots=shots).fit(images[:12][rows], labels[rows])
        for rows in (np.arange(12), order)
    )
    np.testing.assert_array_equal(plain.classes_, shuffled.classes_)
    queries = images[12:]
    np.testing.assert_allclose(
        plain.similarities(queries), shuffled.similarities(queries), atol=1e-6
    )


def test_several_shots_are_averaged_as_logits_or_the_best_counts(network, images):
    labels = ["nut", "bolt", "nut", "bolt", "nut"]
    each = OneShotClassifier(network).fit(images[:5], range(5)).similarities(images[5:9])
    logits = np.log(each / (1 - each))
    # In the order of the classes: bolt, nut.
    expected = {
        "mean": [logits[:, [1, 3]].mean(axis=1), logits[:, [0, 2, 4]].mean(axis=1)],
        "best": [logits[:, [1, 3]].max(axis=1), logits[:, [0, 2, 4]].max(axis=1)],
    }
    for shots, columns in expected.items():
        classifier = OneShotClassifier(network, shots=shots).fit(images[:5], labels)
        found = classifier.similarities(images[5:9])
        wanted = np.stack(columns, axis=1)
        np.testing.assert_allclose(found, 1 / (1 + np.exp(-wanted)), atol=1e-5)
        odds = np.exp(wanted)
        np.testing.assert_allclose(
            classifier.predict_proba(images[5:9]), odds / odds.sum(axis=1, keepdims=True), atol=1e-5
        )


def test_one_image_of_each_class_is_named_by_the_network(network, images):
    classifier = OneShotClassifier(network).fit(images[:3], WORDS)
    assert classifier.classes_.tolist() == sorted(WORDS)
    assert classifier.n_features_in_ == 36
    predicted = classifier.predict(images[3:])
    best = classifier.similarities(images[3:]).argmax(axis=1)
    assert predicted.tolist() == classifier.classes_[best].tolist()
    assert classifier.score(images[3:], predicted) == 1.0
    assert classifier.score(images[3:], ["screw"] * 27) == 0.0


def test_of_equal_classes_the_first_is_named(network, images, monkeypatch):
    classifier = OneShotClassifier(network).fit(images[:3], WORDS)
    # Two copies of an image may differ in the last bits of their embeddings.
    logits = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    monkeypatch.setattr(OneShotClassifier, "_logits", lambda *_: logits)
    assert classifier.predict(images[3:5]).tolist() == ["nut", "bolt"]


def test_flat_examples_and_floats_mean_the_same(network, images):
    expected = OneShotClassifier(network).fit(images[:3], WORDS).similarities(images[3:])
    floats = images / np.float32(255)
    for form in (floats, floats.reshape(30, 36), images.reshape(30, 36)):
        classifier = OneShotClassifier(network).fit(form[:3], WORDS)
        np.testing.assert_allclose(classifier.similarities(form[3:]), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("labels", "given_label", "label"),
    [(WORDS, None, "unknown"), ([3, 5, 7], None, -1), (WORDS, "?", "?")],
)
def test_below_the_threshold_no_class_is_named(network, images, labels, given_label, label):
    plain = OneShotClassifier(network).fit(images[:3], labels)
    best = plain.similarities(images[3:]).max(axis=1)
    threshold = float(np.median(best))
    rejecting = OneShotClassifier(network, threshold=threshold, unknown_label=given_label)
    predicted = rejecting.fit(images[:3], labels).predict(images[3:])
    np.testing.assert_array_equal(predicted == label, best < threshold)
    kept = predicted != label
    np.testing.assert_array_equal(predicted[kept], plain.predict(images[3:])[kept])
    assert 0 < kept.sum() < 27


@pytest.mark.parametrize(
    ("parameters", "labels", "message"),
    [
        ({"shots": "median"}, WORDS, r"`shots` must be one of \('mean', 'best'\).*'median'"),
        ({"threshold": 1.5}, WORDS, "`threshold` must be None or a probability.*1.5"),
        ({"threshold": 0.5, "unknown_label": "nut"}, WORDS, "none of the classes.*'nut'"),
        ({"threshold": 0.5, "unknown_label": 0}, WORDS, "of the labels' type"),
        ({"threshold": 0.5}, [-1, 0, 1], "none of the classes.*-1"),
        ({"batch_size": 0}, WORDS, "`batch_size` must be at least 1"),
    ],
)
def test_bad_parameters_are_refused_when_fitted_and_when_used(
    network, images, parameters, labels, message
):
    with pytest.raises(ValueError, match=message):
        OneShotClassifier(network, **parameters).fit(images[:3], labels)
    classifier = OneShotClassifier(network).fit(images[:3], labels).set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        classifier.predict(images)


def test_a_classifier_that_is_not_fitted_says_so(network, images):
    with pytest.raises(ValueError, match="must be fitted first.*Call fit"):
        OneShotClassifier(network).predict(images)
    with pytest.raises(ValueError, match="must be a model made by siamese_network"):
        OneShotClassifier(None).fit(images[:3], WORDS)


def test_transform_gives_the_encoders_vectors(network, images):
    classifier = OneShotClassifier(network).fit(images[:6], WORDS * 2)
    expected = twin_encoder(network).predict_on_batch(images[6:9] / np.float32(255))
    np.testing.assert_allclose(classifier.transform(images[6:9]), expected, atol=1e-6)
    again = OneShotClassifier(network).fit_transform(images[:6], WORDS * 2)
    np.testing.assert_allclose(again, classifier.transform(images[:6]), atol=1e-6)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_the_decision_function_is_what_predict_decides_on(network, images, num_classes):
    classifier = OneShotClassifier(network).fit(images[:num_classes], np.arange(num_classes))
    same = classifier.similarities(images[10:])
    logits = np.log(same / (1 - same))
    expected = logits[:, 1] - logits[:, 0] if num_classes == 2 else logits
    np.testing.assert_allclose(classifier.decision_function(images[10:]), expected, atol=1e-5)


def test_neighbours_are_the_references_most_alike(network, images):
    labels = np.array(["nut", "bolt"] * 5)
    classifier = OneShotClassifier(network).fit(images[:10], labels)
    distances, places = classifier.kneighbors(images[10:14], n_neighbors=3)
    assert distances.shape == places.shape == (4, 3)
    # Each image is a separate class here, so that similarities are those of the pairs.
    each = OneShotClassifier(network).fit(images[:10], np.arange(10)).similarities(images[10:14])
    # The places are those that fit was given.
    np.testing.assert_array_equal(places, np.argsort(-each, axis=1)[:, :3])
    found = 1 / (1 + np.exp(distances))
    np.testing.assert_allclose(found, -np.sort(-each, axis=1)[:, :3], atol=1e-6)
    only = classifier.kneighbors(images[10:14], 3, return_distance=False)
    np.testing.assert_array_equal(only, places)
    for wrong, message in ((0, "at least 1"), (11, "at most 10"), (1.5, "a whole number")):
        with pytest.raises(ValueError, match=f"`n_neighbors` must be {message}"):
            classifier.kneighbors(images[10:14], wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"a": 1}, None, 5, (row for row in "ab")],
    ids=["mapping", "none", "number", "generator"],
)
def test_what_is_no_array_is_refused_by_name(network, images, wrong):
    with pytest.raises(ValueError, match="`X` must"):
        OneShotClassifier(network).fit(images[:2], ["a", "b"]).predict(wrong)


@pytest.fixture(scope="module")
def wide():
    """A network whose embeddings depend, in their last bits, on the place in a batch."""
    layers = [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(33, "sigmoid")]
    network = siamese_network(keras.Sequential(layers), seed=3)
    head = twin_head(network)
    head.set_weights([-np.ones_like(head.get_weights()[0]), *head.get_weights()[1:]])
    return network


@pytest.mark.parametrize("first", [0, 7])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_equal_images_of_two_classes_tie_and_the_first_is_named(wide, first, kind):
    images = np.random.default_rng(0).integers(0, 256, (601, 6, 6, 1)).astype(kind)
    images = images if kind == np.uint8 else images / 255
    for copy in (8, 255, 256, 509, 600):
        images[copy] = images[first]
    labels = np.arange(601) % 600
    labels[600] = 999
    classifier = OneShotClassifier(wide).fit(images, labels)
    logits = classifier.decision_function(images[[first]])[0]
    copies = [first, 8, 255, 256, 509, 600]
    assert len(set(logits[copies].tolist())) == 1
    assert classifier.predict(images[[first]]).tolist() == [first]
    # Added at a later time they tie among each other.
    later = OneShotClassifier(wide).fit(images[1:3], [1000, 1001])
    later.partial_fit(images, labels)
    np.testing.assert_array_equal(
        later.decision_function(images[[first]])[0][copies], logits[first]
    )


def test_images_that_are_all_different_are_encoded_as_they_come(wide, images):
    classifier = OneShotClassifier(wide).fit(images, np.arange(30))
    np.testing.assert_array_equal(classifier.support_, classifier.transform(images))

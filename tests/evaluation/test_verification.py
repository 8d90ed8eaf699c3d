"""Verification of pairs by a siamese network."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data.pairs import PairTable, distort_pairs
from keras_siamese.evaluation import (
    best_threshold,
    evaluate_verification,
    pair_probabilities,
    verification,
    verification_accuracy,
)
from keras_siamese.models import twin_head


@pytest.fixture
def pairs():
    rng = np.random.default_rng(5)
    left, right = rng.integers(0, 20, (2, 50)).astype(np.int32)
    return PairTable(left, right, rng.random(50) < 0.5)


def test_probabilities_are_the_models(model, images, pairs):
    probabilities = pair_probabilities(model, images, pairs.left, pairs.right, batch_size=9)
    inputs = [images[i].astype(np.float32) / 255 for i in (pairs.left, pairs.right)]
    expected = model.predict(inputs, verbose=0)[:, 0]
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_every_image_used_is_encoded_exactly_once(model, counting, images, pairs):
    pair_probabilities(model, images, pairs.left, pairs.right, batch_size=9)
    used = np.unique([pairs.left, pairs.right])
    assert len(used) <= 20
    np.testing.assert_array_equal(
        np.concatenate(counting.batches), images[used].astype(np.float32) / np.float32(255)
    )


@pytest.mark.parametrize(("bias", "limit"), [(1e4, 1.0), (-1e4, 0.0), (-50.0, np.exp(-50.0))])
def test_large_logits_do_not_overflow(model, images, bias, limit):
    twin_head(model).set_weights([np.zeros((6, 1)), np.array([bias])])
    probabilities = pair_probabilities(model, images, np.arange(3), np.arange(3))
    np.testing.assert_allclose(probabilities, limit, rtol=1e-5)


def test_the_threshold_comes_from_validation_alone(model, images, pairs):
    test_pairs = replace(pairs, left=pairs.right[::-1], right=pairs.left, same=pairs.same[::-1])
    result = evaluate_verification(model, images, pairs, images, test_pairs)
    validation = pair_probabilities(model, images, pairs.left, pairs.right)
    test = pair_probabilities(model, images, test_pairs.left, test_pairs.right)
    # The same step between two scores as on probabilities, its place halved on logits.
    np.testing.assert_array_equal(
        validation >= result.threshold, validation >= best_threshold(validation, pairs.same)
    )
    assert result.accuracy == verification_accuracy(test, test_pairs.same, result.threshold)
    assert result.n == 50 and result.interval[0] < result.accuracy < result.interval[1]
    gaps = test[test_pairs.same][:, None] - test[~test_pairs.same]
    np.testing.assert_allclose(result.auc, np.mean((gaps > 0) + 0.5 * (gaps == 0)))
    other_labels = replace(test_pairs, same=~test_pairs.same)
    again = evaluate_verification(model, images, pairs, images, other_labels)
    assert again.threshold == result.threshold
    assert again.accuracy == pytest.approx(1 - result.accuracy)


def test_large_logits_do_not_tie(model, images, pairs, monkeypatch):
    # In float32 the sigmoid of every one of these is 1.
    logits = np.linspace(18, 30, 50, dtype=np.float32)
    monkeypatch.setattr(verification, "head_logits", lambda *_: logits)
    sorted_pairs = replace(pairs, same=np.arange(50) >= 20)
    result = evaluate_verification(model, images, sorted_pairs, images, sorted_pairs)
    assert result.accuracy == result.auc == 1
    assert type(result.threshold) is float
    middle = (float(logits[19]) + float(logits[20])) / 2
    assert -np.log(1 / result.threshold - 1) == pytest.approx(middle, rel=1e-4)
    probabilities = pair_probabilities(model, images, pairs.left, pairs.right)
    np.testing.assert_array_equal(probabilities >= result.threshold, sorted_pairs.same)


@pytest.mark.parametrize("level", [-30.0, 0.0, 30.0, 100.0])
@pytest.mark.parametrize("label", [False, True])
def test_the_threshold_may_reject_or_accept_every_pair(
    model, images, pairs, monkeypatch, level, label
):
    logits = np.full(50, level, np.float32)
    monkeypatch.setattr(verification, "head_logits", lambda *_: logits)
    validation = replace(pairs, same=np.full(50, label))
    result = evaluate_verification(model, images, validation, images, pairs)
    probabilities = pair_probabilities(model, images, pairs.left, pairs.right)
    assert set(probabilities >= result.threshold) == {label}
    assert result.accuracy == np.mean(pairs.same == label)


def test_distorted_pairs_are_refused(model, images, pairs):
    distorted = distort_pairs(pairs, 1, (4, 4), seed=0)
    with pytest.raises(ValueError, match="`test_pairs` must be undistorted"):
        evaluate_verification(model, images, pairs, images, distorted)
    with pytest.raises(ValueError, match="`validation_pairs` must be undistorted"):
        evaluate_verification(model, images, distorted, images, pairs)


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ([0, 1], [0], r"shapes \(2,\) and \(1,\)"),
        ([], [], "at least one index"),
        ([[0]], [[1]], "lists of equal length"),
        ([0], [30], "indices into the 30 images. Received: indices from 0 to 30"),
        ([-1], [3], "from -1 to 3"),
    ],
)
def test_indices_that_do_not_fit_are_refused(model, images, left, right, message):
    with pytest.raises(ValueError, match=message):
        pair_probabilities(model, images, np.array(left, int), np.array(right, int))


def test_weights_that_are_not_finite_are_refused(model, images, pairs):
    twin_head(model).set_weights([np.full((6, 1), np.nan), np.zeros(1)])
    with pytest.raises(ValueError, match="50 NaN of 50"):
        evaluate_verification(model, images, pairs, images, pairs)

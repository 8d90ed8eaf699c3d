"""Scores and embeddings of any network on a protocol."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_siamese.data import load_protocol
from keras_siamese.evaluation import (
    best_threshold,
    evaluate_one_shot,
    evaluate_verification,
    hausdorff_scores,
    score_episodes,
    score_protocol,
)
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.models import reduced_encoder, siamese_network, twin_encoder, twin_head
from tests.data.stand_ins import glyphs, one_shot_protocol, verification_protocol


def right_scores(protocol):
    """Scores that are 1 for the true candidate and 0 for the others."""
    episodes = protocol.episodes
    return np.eye(episodes.support.shape[1])[episodes.answers.reshape(-1)]


def test_the_highest_score_decides_and_a_tie_is_an_error():
    protocol = one_shot_protocol()
    scores = right_scores(protocol)
    result = score_protocol(protocol, scores=scores)
    assert (result.accuracy, result.correct, result.n, result.ties) == (1.0, 18, 18, 0)
    assert result.protocol == "mine" and 0.8 < result.interval[0] < 1
    answers = protocol.episodes.answers.reshape(-1)
    # Trial 0 ties with the true one, trial 1 among others only, trial 2 is wrong.
    scores[0] = 0
    scores[1] = np.where(np.arange(5) == answers[1], 0, 1)
    scores[2] = np.roll(scores[2], 1)
    result = score_protocol(protocol, scores=scores)
    assert (result.correct, result.ties) == (15, 1)
    alphabet = protocol.episodes.groups[0]
    assert result.per_run[0] == (alphabet, 0, 3)
    assert result.per_run[1:] == tuple((name, 3, 3) for name in protocol.episodes.groups[1:])
    assert result.per_group[alphabet] == (6, 9)
    assert score_protocol(protocol, scores=np.zeros((18, 5))).ties == 18


def test_scores_may_be_laid_out_by_run():
    protocol = one_shot_protocol()
    scores = np.random.default_rng(0).random((18, 5))
    flat = score_protocol(protocol, scores=scores)
    assert score_protocol(protocol, scores=scores.reshape(6, 3, 5).tolist()) == flat
    counted = score_episodes(scores.reshape(6, 3, 5), protocol.episodes)
    assert (flat.correct, flat.per_group) == (counted.correct, counted.per_group)


@pytest.mark.parametrize("n_shot", [1, 2])
@pytest.mark.parametrize(
    ("metric", "name"), [("l1", "cityblock"), ("l2", "euclidean"), ("cosine", "cosine")]
)
def test_embeddings_are_compared_by_the_metric(metric, name, n_shot):
    protocol = one_shot_protocol(n_shot=n_shot)
    embeddings = np.random.default_rng(1).normal(size=(48, 7))
    distances = cdist(embeddings, embeddings, name)
    episodes = protocol.episodes
    expected = -distances[episodes.queries[:, :, None, None], episodes.support[:, None]]
    found = score_protocol(protocol, embeddings=embeddings, metric=metric)
    assert found == score_protocol(protocol, scores=expected.mean(axis=-1).reshape(18, 5))


@pytest.mark.parametrize("weights", [None, [-1] * 13, np.full(13, -1, np.float32)])
def test_l1_of_float64_is_not_rounded_to_float32(weights):
    protocol = one_shot_protocol(num_episodes=1, n_query=5)
    # The true candidate is 1000 from its query, each other one 1000.00001.
    embeddings = np.zeros((48, 13))
    embeddings[:, :12] = 5e-6 * np.eye(12)[glyphs().character]
    embeddings[protocol.episodes.queries, 12] = 1000
    found = score_protocol(protocol, embeddings=embeddings, metric="l1", weights=weights)
    assert (found.correct, found.ties) == (5, 0)


def test_equal_embeddings_tie_and_a_zero_vector_is_like_nothing():
    protocol = one_shot_protocol()
    for metric in ("l1", "l2", "cosine"):
        result = score_protocol(protocol, embeddings=np.ones((48, 9)), metric=metric)
        assert (result.correct, result.ties) == (0, 18)
    nothing = score_protocol(protocol, embeddings=np.zeros((48, 9)), metric="cosine")
    assert (nothing.correct, nothing.ties) == (0, 18)


def test_pairs_are_decided_at_the_threshold_of_the_validation_pairs():
    protocol = verification_protocol()
    rng = np.random.default_rng(2)
    same = np.concatenate([protocol.validation.same, protocol.test.same])
    scores = same + rng.normal(size=110)
    result = score_protocol(protocol, scores=scores)
    threshold = best_threshold(scores[:60], protocol.validation.same)
    decided = (scores[60:] >= threshold) == protocol.test.same
    assert (result.threshold, result.correct, result.n) == (threshold, decided.sum(), 50)
    assert result.accuracy == pytest.approx(decided.mean())
    assert sum(right for right, _ in result.per_group.values()) == result.correct
    assert sum(n for _, n in result.per_group.values()) == 50
    first = np.array(protocol.alphabets) == protocol.alphabets[0]
    assert result.per_group[protocol.alphabets[0]] == (decided[first].sum(), first.sum())
    # Test labels decide nothing but the score.
    other = replace(protocol, test=replace(protocol.test, same=~protocol.test.same))
    assert score_protocol(other, scores=scores).threshold == threshold
    by_distance = score_protocol(protocol, embeddings=glyphs().images.reshape(48, -1), metric="l2")
    assert by_distance.n == 50 and by_distance.auc > 0.5


@pytest.mark.parametrize("n_shot", [1, 2])
def test_weighted_l1_gives_what_the_network_gives(n_shot):
    encoder = reduced_encoder(filters=(4, 4, 4, 4), units=8, initializer="he")
    model = siamese_network(encoder, initializer="he")
    images = glyphs().resized(35).images
    protocol = one_shot_protocol(n_shot=n_shot)
    episodes = replace(protocol.episodes, images=images)
    held = {
        "embeddings": encode_images(twin_encoder(model), images),
        "weights": twin_head(model).get_weights()[0][:, 0],
        "metric": "l1",
    }
    expected = evaluate_one_shot(model, episodes)
    found = score_protocol(protocol, **held)
    assert (found.correct, found.per_group) == (expected.correct, expected.per_group)
    pairs = verification_protocol()
    expected = evaluate_verification(model, images, pairs.validation, images, pairs.test)
    found = score_protocol(pairs, **held)
    assert (found.accuracy, found.interval) == (expected.accuracy, expected.interval)
    assert found.auc == pytest.approx(expected.auc, abs=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Exactly one of `scores` and `embeddings` must be given. Received: neither"),
        ({"scores": np.ones((18, 5)), "embeddings": np.ones((48, 2))}, "Received: both"),
        ({"scores": np.ones((18, 5)), "metric": "l1"}, "`metric` must be for embeddings"),
        ({"scores": np.ones((18, 5)), "weights": [1]}, "`weights` must be for embeddings"),
        ({"scores": np.ones((17, 5))}, r"`scores` must have shape \(18, 5\).* \(17, 5\)"),
        ({"scores": np.ones((5, 18))}, r"Received: \(5, 18\)"),
        ({"scores": [[1, 2], [3]]}, "`scores` must be one array of numbers"),
        ({"scores": [["a"] * 5] * 18}, "`scores` must be numbers"),
        ({"scores": np.full((18, 5), np.nan)}, "infinity in 90 of 90 numbers"),
        ({"embeddings": np.ones((48, 2))}, "`metric` must be one of .* Received: none"),
        ({"embeddings": np.ones((48, 2)), "metric": "L2"}, "`metric` must be one of"),
        ({"embeddings": np.ones((47, 2)), "metric": "l2"}, r"shape \(48, features\)"),
        ({"embeddings": np.ones((48, 0)), "metric": "l2"}, r"Received: \(48, 0\)"),
        ({"embeddings": np.ones((48, 2, 2)), "metric": "l2"}, "flatten what is no vector"),
        ({"embeddings": np.ones((48, 2)) * np.inf, "metric": "l1"}, r"first at \(0, 0\)"),
        ({"embeddings": np.ones((48, 2)), "metric": "l2", "weights": [1, 1]}, "metric 'l1'"),
        ({"embeddings": np.ones((48, 2)), "metric": "l1", "weights": [1]}, r"shape \(2,\)"),
        ({"embeddings": np.ones((48, 2), bool), "metric": "l1"}, "`embeddings` must be numbers"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        score_protocol(one_shot_protocol(), **given)


def test_pairs_need_a_score_each():
    with pytest.raises(ValueError, match=r"shape \(110,\), one score per pair of 'pairs'"):
        score_protocol(verification_protocol(), scores=np.ones(50))


@pytest.mark.data
def test_the_hausdorff_distance_makes_lakes_errors(data_dir):
    # Lake's demo_classification.py: 38.8 % errors.
    protocol = load_protocol("official", data_dir=data_dir)
    result = score_protocol(protocol, scores=hausdorff_scores(protocol.episodes))
    assert (result.n, result.n - result.correct) == (400, 155)
    assert len(result.per_run) == 20 and sum(right for _, right, _ in result.per_run) == 245

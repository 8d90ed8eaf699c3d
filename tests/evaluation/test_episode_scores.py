"""One-shot scores and their count."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.evaluation import evaluate_one_shot, one_shot_scores, score_episodes
from keras_siamese.models import siamese_network, twin_encoder, twin_head


def make_episodes(images, n_way=4, n_shot=1, n_query=3, num_episodes=3, seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(len(images)) for _ in range(num_episodes)]
    taken = n_way * n_shot
    return OneShotEpisodes(
        images=images,
        support=np.stack([d[:taken].reshape(n_way, n_shot) for d in drawn]).astype(np.int32),
        queries=np.stack([d[taken : taken + n_query] for d in drawn]).astype(np.int32),
        answers=rng.integers(0, n_way, (num_episodes, n_query)).astype(np.int32),
        groups=("a", "b", "a", "c")[:num_episodes],
        protocol="within-alphabet",
    )


def reference_logits(model, images, left, right):
    """The paper's formula pair by pair, in float64."""
    dense = twin_encoder(model).layers[-1]
    kernel, bias = (np.asarray(w, np.float64) for w in dense.get_weights())
    alpha, offset = (np.asarray(w, np.float64) for w in twin_head(model).get_weights())

    def embed(index):
        return 1 / (1 + np.exp(-(images[index].reshape(-1) / 255 @ kernel + bias)))

    return float(np.abs(embed(left) - embed(right)) @ alpha[:, 0] + offset[0])


@pytest.mark.parametrize("n_shot", [1, 2])
def test_scores_are_the_papers_formula(model, images, n_shot):
    episodes = make_episodes(images, n_shot=n_shot)
    scores = one_shot_scores(model, episodes, batch_size=5)
    assert scores.shape == (3, 3, 4) and scores.dtype == np.float32
    for episode, query, way in np.ndindex(scores.shape):
        logits = [
            reference_logits(model, images, episodes.queries[episode, query], shot)
            for shot in episodes.support[episode, way]
        ]
        np.testing.assert_allclose(scores[episode, query, way], np.mean(logits), atol=1e-5)


def test_scores_order_classes_as_the_models_probabilities(model, images):
    episodes = make_episodes(images)
    left, right = np.broadcast_arrays(episodes.queries[:, :, None], episodes.support[:, None, :, 0])
    pairs = [images[i.ravel()].astype(np.float32) / 255 for i in (left, right)]
    expected = model.predict(pairs, verbose=0).reshape(left.shape)
    scores = one_shot_scores(model, episodes)
    np.testing.assert_allclose(1 / (1 + np.exp(-scores)), expected, atol=1e-6)


def test_every_image_used_is_encoded_exactly_once(model, counting, images):
    episodes = make_episodes(images, num_episodes=4)
    one_shot_scores(model, episodes, batch_size=6)
    used = np.unique(np.concatenate([episodes.support.ravel(), episodes.queries.ravel()]))
    encoded = np.concatenate(counting.batches)
    assert len(used) < episodes.support.size + episodes.queries.size
    np.testing.assert_array_equal(encoded, images[used].astype(np.float32) / np.float32(255))
    assert len(counting.batches) == -(-len(used) // 6)


def test_permuting_the_support_permutes_the_scores(model, images):
    episodes = make_episodes(images)
    order = np.array([2, 0, 3, 1])
    permuted = replace(
        episodes,
        support=episodes.support[:, order],
        answers=np.argsort(order).astype(np.int32)[episodes.answers],
    )
    scores = one_shot_scores(model, episodes)
    np.testing.assert_array_equal(one_shot_scores(model, permuted), scores[..., order])
    assert evaluate_one_shot(model, permuted) == evaluate_one_shot(model, episodes)


def test_a_network_that_tells_copies_apart_gets_every_trial_right(model, images):
    # Queries are copies of their class's support image, and every alpha is negative.
    head = twin_head(model)
    head.set_weights([-np.ones((6, 1)), np.zeros(1)])
    episodes = make_episodes(images, n_query=4)
    answers = np.tile(np.array([3, 1, 0, 2], np.int32), (3, 1))
    queries = np.take_along_axis(episodes.support[..., 0], answers, axis=1)
    result = evaluate_one_shot(model, replace(episodes, queries=queries, answers=answers))
    assert result.accuracy == 1.0 and result.correct == result.n == 12


def test_a_collapsed_network_gets_no_trial_right(model, images):
    encoder = twin_encoder(model)
    encoder.set_weights([np.zeros_like(weight) for weight in encoder.get_weights()])
    # Even where every answer stands at place 0, which argmax would find.
    episodes = make_episodes(images)
    episodes = replace(episodes, answers=np.zeros_like(episodes.answers))
    result = evaluate_one_shot(model, episodes)
    assert result.correct == 0 and result.accuracy == 0.0


def test_weights_that_are_not_finite_are_refused(model, images):
    twin_head(model).set_weights([np.full((6, 1), np.nan), np.zeros(1)])
    with pytest.raises(ValueError, match="NaN for 9 of 9 trials"):
        evaluate_one_shot(model, make_episodes(images))


def test_images_of_another_size_are_refused(model, images):
    with pytest.raises(ValueError, match="resize"):
        evaluate_one_shot(model, make_episodes(images).resized(8))


def test_an_encoder_is_no_siamese_network(model, images):
    with pytest.raises(ValueError, match="siamese_network"):
        evaluate_one_shot(twin_encoder(model), make_episodes(images))


def test_a_network_without_bias_is_scored(model, images):
    free = siamese_network(twin_encoder(model), use_bias=False, seed=3)
    twin_head(free).set_weights(twin_head(model).get_weights()[:1])
    offset = twin_head(model).get_weights()[1]
    episodes = make_episodes(images)
    np.testing.assert_allclose(
        one_shot_scores(free, episodes) + offset, one_shot_scores(model, episodes), atol=1e-6
    )


def test_trials_are_counted_per_alphabet(images):
    episodes = make_episodes(images)
    scores = np.zeros((3, 3, 4))
    hits = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1]], bool)
    for episode, query in np.ndindex(3, 3):
        answer = episodes.answers[episode, query]
        scores[episode, query, answer if hits[episode, query] else (answer + 1) % 4] = 1
    result = score_episodes(scores, episodes)
    assert result.per_group == {"a": (3, 6), "b": (3, 3)}
    assert (result.correct, result.n, result.accuracy) == (6, 9, 6 / 9)
    # Wilson's closed form for 6 of 9.
    np.testing.assert_allclose(result.interval, (0.35420, 0.87942), atol=1e-5)
    assert result.protocol == "within-alphabet"


IMAGES = np.zeros((30, 1, 1, 1), np.uint8)


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), n_way=st.integers(2, 6), levels=st.integers(1, 4))
def test_a_tie_at_the_top_is_an_error(seed, n_way, levels):
    episodes = make_episodes(IMAGES, n_way=n_way, seed=seed)
    scores = np.random.default_rng(seed).integers(0, levels, (3, 3, n_way)).astype(float)
    expected = 0
    for episode, query in np.ndindex(3, 3):
        row, answer = scores[episode, query].tolist(), episodes.answers[episode, query]
        expected += row[answer] == max(row) and row.count(max(row)) == 1
    assert score_episodes(scores, episodes).correct == expected


def test_infinite_scores_are_compared():
    episodes = make_episodes(IMAGES, n_way=2)
    scores = np.zeros((3, 3, 2))
    np.put_along_axis(scores, episodes.answers[..., None], np.inf, axis=-1)
    assert score_episodes(scores, episodes).accuracy == 1.0
    assert score_episodes(-scores, episodes).accuracy == 0.0


def test_scores_of_other_runs_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 3, 4\). Received: \(3, 4, 3\)"):
        score_episodes(np.zeros((3, 4, 3)), make_episodes(IMAGES))
    scores = np.zeros((3, 3, 4))
    scores[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match="NaN for 1 of 9 trials"):
        score_episodes(scores, make_episodes(IMAGES))

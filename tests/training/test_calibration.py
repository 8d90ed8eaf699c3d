"""Calibration: what maximum likelihood must fulfil, and what it must not change."""

import numpy as np
import pytest

from keras_siamese import make_glyphs, reduced_encoder, sample_episodes, siamese_network
from keras_siamese.data import distort_pairs, sample_pairs
from keras_siamese.evaluation import one_shot_scores, pair_probabilities
from keras_siamese.models import twin_head
from keras_siamese.training import calibrate
from keras_siamese.training.calibration import fit_logistic


@pytest.fixture(scope="module")
def glyphs():
    return make_glyphs(num_alphabets=3, characters_per_alphabet=8, num_drawers=4, seed=1)


@pytest.fixture
def model():
    """A network whose distances count against being the same, as in any trained one."""
    encoder = reduced_encoder(filters=(4, 4, 4, 4), units=16, initializer="he")
    network = siamese_network(encoder)
    _, bias = twin_head(network).get_weights()
    twin_head(network).set_weights([np.full((16, 1), -1.0, np.float32), bias])
    return network


@pytest.mark.parametrize("unit", [1.0, 300.0])
def test_logistic_fit_agrees_with_scikit_learn(unit):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    scores = rng.normal(3.0, 2.0, 4000)
    same = rng.random(4000) < 1 / (1 + np.exp(-(1.7 * scores - 4.0)))
    # Scikit-learn takes no targets between 0 and 1: each pair stands twice, with its shares.
    soft = np.where(same, (same.sum() + 1) / (same.sum() + 2), 1 / ((~same).sum() + 2))
    reference = linear_model.LogisticRegression(C=1e12, tol=1e-10).fit(
        np.concatenate([scores, scores])[:, None],
        np.repeat([True, False], len(scores)),
        sample_weight=np.concatenate([soft, 1 - soft]),
    )
    slope, offset = fit_logistic(unit * scores, same)
    np.testing.assert_allclose(slope * unit, reference.coef_[0, 0], rtol=1e-3)
    np.testing.assert_allclose(offset, reference.intercept_[0], rtol=1e-3)


def test_few_pairs_told_apart_fully_get_no_certainty():
    scores, same = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True])
    slope, offset = fit_logistic(scores, same)
    # Two of each kind: three quarters and one quarter, by Platt's rule.
    assert abs(offset) < 1e-3
    assert 0 < slope < 2


def test_mean_probability_is_the_share_of_same_pairs(model, glyphs):
    pairs = sample_pairs(glyphs, 2000, seed=0)
    before = pair_probabilities(model, glyphs.images, pairs.left, pairs.right)
    calibrate(model, glyphs.images, pairs)
    after = pair_probabilities(model, glyphs.images, pairs.left, pairs.right)
    assert abs(before.mean() - pairs.same.mean()) > 0.05
    # What the derivative by the offset says about a maximum.
    np.testing.assert_allclose(after.mean(), pairs.same.mean(), atol=1e-3)


def test_no_class_overtakes_another(model, glyphs):
    episodes = sample_episodes(glyphs, num_episodes=3, n_way=8, seed=0)
    before = one_shot_scores(model, episodes).argmax(axis=-1)
    calibrate(model, glyphs.images, sample_pairs(glyphs, 2000, seed=0))
    np.testing.assert_array_equal(one_shot_scores(model, episodes).argmax(axis=-1), before)


def test_network_that_scores_the_wrong_way_round_is_refused(model, glyphs):
    head = twin_head(model)
    alpha, bias = head.get_weights()
    head.set_weights([-alpha, bias])
    with pytest.raises(ValueError, match="score same pairs higher"):
        calibrate(model, glyphs.images, sample_pairs(glyphs, 2000, seed=0))
    np.testing.assert_array_equal(head.get_weights()[0], -alpha)


def test_network_that_scores_all_pairs_alike_is_refused(model, glyphs):
    head = twin_head(model)
    alpha, bias = head.get_weights()
    head.set_weights([0 * alpha, bias])
    with pytest.raises(ValueError, match="a slope of 0"):
        calibrate(model, glyphs.images, sample_pairs(glyphs, 2000, seed=0))
    # The likeliest probability is the mean of Platt's targets.
    share = (25 * 26 / 27 + 75 * 1 / 77) / 100
    slope, offset = fit_logistic(np.full(100, 0.5123), np.arange(100) < 25)
    assert slope == 0
    assert offset == pytest.approx(np.log(share / (1 - share)))


def test_unfit_arguments_are_refused(model, glyphs):
    pairs = sample_pairs(glyphs, 100, seed=0)
    with pytest.raises(ValueError, match="undistorted"):
        calibrate(model, glyphs.images, distort_pairs(pairs, 1, glyphs.image_size, seed=0))
    encoder = reduced_encoder(filters=(4, 4, 4, 4), units=16)
    with pytest.raises(ValueError, match="bias"):
        calibrate(siamese_network(encoder, use_bias=False), glyphs.images, pairs)

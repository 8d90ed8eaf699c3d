"""`Novelty`: distances against NumPy's covariance, and scores against shares that are counted."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.evaluation.novelty import ARRAYS, WARN_FROM, Novelty


def images_like(rng, count, features=40):
    """Embeddings around 0.5, of 5 wide directions and many narrow ones."""
    wide = np.random.default_rng(99).standard_normal((5, features))
    return (
        0.5
        + 0.2 * rng.standard_normal((count, 5)) @ wide
        + 0.05 * rng.standard_normal((count, features))
    )


@pytest.fixture(scope="module")
def novelty():
    rng = np.random.default_rng(0)
    return Novelty.fit(images_like(rng, 800), images_like(rng, 1500))


def test_the_distance_is_mahalanobis_where_every_direction_is_a_component():
    rng = np.random.default_rng(1)
    fitted, others = images_like(rng, 500, 8), images_like(rng, 300, 8)
    novelty = Novelty.fit(fitted, others)
    inverse = np.linalg.inv(np.cov(fitted.T, bias=True))

    def measures(embeddings):
        away = embeddings - fitted.mean(axis=0)
        squared = np.einsum("nf,fg,ng->n", away, inverse, away)
        return np.log([squared, 1 / embeddings.var(axis=1)])

    center, deviation = measures(others).mean(axis=1), measures(others).std(axis=1)
    asked = images_like(rng, 20, 8) + rng.uniform(0, 0.3, (20, 8))
    expected = ((measures(asked).T - center) / deviation).max(axis=1)
    np.testing.assert_allclose(novelty.unusualness(asked), expected, rtol=1e-3, atol=1e-3)


def test_the_score_is_the_share_of_others_that_are_less_unusual():
    rng = np.random.default_rng(2)
    others = images_like(rng, 2000)
    novelty = Novelty.fit(images_like(rng, 800), others)
    asked = images_like(rng, 200)
    reached = novelty.unusualness(others)
    expected = [(reached < value).mean() for value in novelty.unusualness(asked)]
    np.testing.assert_allclose(novelty.scores(asked), expected, atol=0.006)


def test_on_images_like_the_training_images_scores_are_spread_evenly(novelty):
    scores = novelty.scores(images_like(np.random.default_rng(3), 4000))
    # The largest gap between the distributions; 0.043 would be a chance of one in a thousand.
    sizes = 1500 * 4000 / 5500
    gap = np.abs(np.sort(scores) - np.linspace(0, 1, len(scores))).max()
    assert gap < 1.95 / np.sqrt(sizes)
    assert 0.003 < (scores >= WARN_FROM).mean() < 0.02


def test_what_lies_off_the_components_and_what_says_nothing_are_unusual(novelty):
    rng = np.random.default_rng(4)
    usual = images_like(rng, 50)
    assert (novelty.scores(usual + 0.5 * rng.standard_normal(usual.shape)) >= WARN_FROM).all()
    # The features of one image hardly differ.
    assert (novelty.scores(0.5 + 0.02 * (usual - 0.5)) >= WARN_FROM).all()
    assert (novelty.scores(usual) >= WARN_FROM).mean() < 0.1


def test_few_others_are_not_taken_for_all_there_is():
    rng = np.random.default_rng(5)
    novelty = Novelty.fit(images_like(rng, 400), images_like(rng, 20))
    scores = novelty.scores(images_like(rng, 2000))
    assert (scores >= WARN_FROM).mean() < 0.06
    assert scores.max() < 1 and novelty.scores(np.full((1, 40), 9.0)) >= WARN_FROM
    rising = 0.5 + np.linspace(0, 3, 60)[:, None] * (images_like(rng, 1) - 0.5)
    order = novelty.unusualness(rising).argsort()
    assert (np.diff(novelty.scores(rising)[order]) >= 0).all()


def test_without_others_half_of_the_images_make_the_score():
    embeddings = images_like(np.random.default_rng(6), 600)
    alone, parted = Novelty.fit(embeddings), Novelty.fit(embeddings[::2], embeddings[1::2])
    for name, array in alone.arrays().items():
        np.testing.assert_array_equal(array, parted.arrays()[name])


def test_large_embeddings_are_thinned():
    rng = np.random.default_rng(7)
    novelty = Novelty.fit(rng.random((50, 2500)), rng.random((50, 2500)))
    # Every third.
    assert novelty.mean.shape == (834,) and novelty.components.shape == (12, 834)
    asked = rng.random((3, 2500))
    others = asked.copy()
    others[:, 1::3] = 9
    np.testing.assert_array_equal(novelty.scores(asked), novelty.scores(others))


def test_embeddings_that_are_all_the_same_give_a_score():
    same = np.full((8, 6), 0.25, np.float32)
    novelty = Novelty.fit(same)
    assert np.isfinite(novelty.scores(same)).all() and (novelty.scores(same) < WARN_FROM).all()
    assert (novelty.scores(same + np.arange(6)) >= WARN_FROM).all()


def test_arrays_come_back(novelty):
    loaded = Novelty.of_arrays({**novelty.arrays(), "classes": np.zeros(3)}, 40)
    asked = images_like(np.random.default_rng(8), 10)
    np.testing.assert_array_equal(loaded.scores(asked), novelty.scores(asked))
    assert set(novelty.arrays()) == set(ARRAYS)
    assert Novelty.of_arrays({"classes": np.zeros(3)}, 40) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean", np.zeros((2, 2), np.float32)),
        ("components", np.zeros((3, 40), np.float32)),
        ("variances", np.zeros(10, np.float32)),
        ("rest", np.float32(0)),
        ("typical", np.zeros((2, 2), np.float32)),
        ("quantiles", np.array([1, 0], np.float32)),
        ("quantiles", np.array([0, np.nan], np.float32)),
        ("highest", np.float32(1)),
    ],
)
def test_parts_that_do_not_fit_are_told(novelty, name, value):
    with pytest.raises(ValueError, match=f"do not fit each other: .*{name}"):
        replace(novelty, **{name: value})


def test_what_does_not_fit_the_network_is_told(novelty):
    with pytest.raises(ValueError, match="has 40 features, and the network gives 41"):
        Novelty.of_arrays(novelty.arrays(), 41)
    some = {name: array for name, array in novelty.arrays().items() if name != "novelty_rest"}
    with pytest.raises(ValueError, match="there are only"):
        Novelty.of_arrays(some, 40)
    with pytest.raises(ValueError, match="of at least four images"):
        Novelty.fit(np.zeros((3, 5)))
    with pytest.raises(ValueError, match="`others` must have 5 features"):
        Novelty.fit(np.zeros((4, 5)), np.zeros((4, 6)))

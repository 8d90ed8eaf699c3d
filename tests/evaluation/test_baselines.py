"""Nearest neighbour and modified Hausdorff distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, cosine

from keras_siamese.data.datasets.lake_runs import official_runs
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.evaluation import hausdorff_scores, nearest_neighbour_scores, score_episodes


def make_episodes(images, n_shot=1):
    """One episode of three classes and two queries on the first images."""
    support = np.arange(3 * n_shot, dtype=np.int32).reshape(1, 3, n_shot)
    queries = np.array([[3 * n_shot, 3 * n_shot + 1]], np.int32)
    return OneShotEpisodes(images, support, queries, queries * 0, ("",), "across-alphabets")


def random_images(seed, num_images=8, channels=1):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (num_images, 7, 9, channels), dtype=np.uint8)
    images[:, 3, 4] = 255
    return images


def modified_hausdorff(one, other):
    """Lake's demo, demo_classification.py of his repository, line by line."""

    def points(image):
        found = np.stack(np.nonzero(image[..., 0] >= 128)).T.astype(float)
        return found - found.mean(axis=0)

    distances = cdist(points(one), points(other))
    return max(distances.min(axis=1).mean(), distances.min(axis=0).mean())


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), n_shot=st.integers(1, 2))
def test_scores_are_those_of_the_definition(seed, n_shot):
    images = random_images(seed)
    episodes = make_episodes(images, n_shot)
    nearest, hausdorff = nearest_neighbour_scores(episodes), hausdorff_scores(episodes)
    assert nearest.shape == hausdorff.shape == (1, 2, 3)
    for query, way in np.ndindex(2, 3):
        one = images[episodes.queries[0, query]]
        others = images[episodes.support[0, way]]
        vectors = [image.reshape(-1).astype(float) for image in (one, *others)]
        expected = max(1 - cosine(vectors[0], other) for other in vectors[1:])
        np.testing.assert_allclose(nearest[0, query, way], expected, rtol=1e-12)
        expected = min(modified_hausdorff(one, other) for other in others)
        np.testing.assert_allclose(hausdorff[0, query, way], -expected, rtol=1e-12)


def test_the_cosine_takes_colour_images():
    assert nearest_neighbour_scores(make_episodes(random_images(0, channels=3))).shape == (1, 2, 3)


def test_the_hausdorff_distance_ignores_where_the_ink_is():
    images = np.zeros((5, 12, 12, 1), np.uint8)
    images[0, 1:4, 1:4] = images[3, 6:9, 5:8] = 255
    images[1, 2, 1:8] = images[4, 9, 3:10] = 255
    images[2, 1:8, 2] = 255
    scores = hausdorff_scores(make_episodes(images))
    np.testing.assert_allclose(scores[0, [0, 1], [0, 1]], 0, atol=1e-12)
    assert scores.argmax(axis=-1).tolist() == [[0, 1]]


def test_a_blank_image_is_like_nothing():
    images = random_images(0)
    images[1] = images[3] = 0
    scores = nearest_neighbour_scores(make_episodes(images))
    assert (scores[0, 0] == 0).all() and (scores[0, :, 1] == 0).all()
    with pytest.raises(ValueError, match="image 1 without any. Check the polarity"):
        hausdorff_scores(make_episodes(images))


def test_colour_has_no_hausdorff_distance():
    with pytest.raises(ValueError, match=r"one channel .* shape \(7, 9, 3\)"):
        hausdorff_scores(make_episodes(random_images(0, channels=3)))


def test_two_equal_support_images_tie():
    images = random_images(0)
    images[1] = images[0]
    for scores in (nearest_neighbour_scores, hausdorff_scores):
        assert scores(make_episodes(images))[0, 0, 0] == scores(make_episodes(images))[0, 0, 1]


@pytest.mark.data
def test_nearest_neighbour_gets_87_official_trials_right(data_dir):
    # Koch et al. 2015, Table 2: 21.7 %.
    episodes = official_runs(data_dir=data_dir)
    result = score_episodes(nearest_neighbour_scores(episodes), episodes)
    assert (result.correct, result.n, result.protocol) == (87, 400, "official")
    assert len(result.per_group) == 10 and all(n == 40 for _, n in result.per_group.values())


@pytest.mark.data
def test_the_hausdorff_distance_makes_lakes_errors(data_dir):
    # README of Lake's Omniglot repository: 38.8 % errors.
    episodes = official_runs(data_dir=data_dir)
    result = score_episodes(hausdorff_scores(episodes), episodes)
    assert result.n - result.correct == 155

"""The type of one-shot episodes."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data.episodes import OneShotEpisodes

EPISODES = OneShotEpisodes(
    images=np.zeros((10, 4, 4, 1), np.uint8),
    support=np.arange(6, dtype=np.int32).reshape(2, 3, 1),
    queries=np.array([[6, 7], [8, 9]], np.int32),
    answers=np.array([[0, 2], [1, 1]], np.int32),
    groups=("a", "b"),
    protocol="within-alphabet",
)


def test_trials_are_counted():
    assert EPISODES.num_trials == 4


@pytest.mark.parametrize("chosen", [np.array([False, True]), np.array([1])])
def test_some_episodes_keep_their_images_and_answers(chosen):
    second = EPISODES.select(chosen)
    assert second.groups == ("b",) and second.num_trials == 2
    assert second.support.ravel().tolist() == [3, 4, 5]
    assert (second.queries.tolist(), second.answers.tolist()) == ([[8, 9]], [[1, 1]])
    assert second.images is EPISODES.images
    with pytest.raises(ValueError, match="at least one episode"):
        EPISODES.select(np.zeros(2, bool))


@pytest.mark.parametrize("chosen", [np.ones(3, bool), [2], [-1], [0.5], [[0]]])
def test_episodes_that_are_not_there_cannot_be_chosen(chosen):
    with pytest.raises(ValueError, match="`chosen` must be integers from 0 to 1 or 2 booleans"):
        EPISODES.select(chosen)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((10, 4, 4), np.uint8)}, "`images` must be a uint8 array"),
        ({"images": np.zeros((10, 4, 4, 1))}, "Received: float64"),
        ({"images": EPISODES.images[:9]}, "`queries` must be int32 from 0 to 8"),
        ({"support": EPISODES.support - 1}, "`support` must be int32 from 0 .* from -1 to 4"),
        ({"support": EPISODES.support[:, :1]}, "two classes"),
        ({"support": EPISODES.support[..., 0]}, r"Received: \(2, 3\)"),
        ({"support": EPISODES.support[:0]}, "at least one episode"),
        ({"queries": EPISODES.queries[:1]}, "must have one shape"),
        (
            {"queries": EPISODES.queries[:, :0], "answers": EPISODES.answers[:, :0]},
            "at least one query",
        ),
        ({"answers": EPISODES.answers[:, :1]}, "must have one shape"),
        ({"answers": EPISODES.answers + 1}, "`answers` .* 3 classes. .* from 1 to 3"),
        ({"answers": EPISODES.answers - 1}, "`answers` .* from -1 to 1"),
        ({"answers": EPISODES.answers.astype(float)}, "`answers` must be int32"),
        ({"groups": ("a",)}, "2 names.* and 1 names"),
        ({"protocol": "easy"}, "`protocol` must be one of"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(EPISODES, **changes)

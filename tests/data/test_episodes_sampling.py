"""Sampled one-shot episodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from keras_siamese.data.episodes import sample_episodes
from tests.data.characters import characters

SEEDS = st.integers(0, 2**32 - 1)
# Characters of each alphabet.
COUNTS = (5, 6, 7, 8)


DATASET = characters(COUNTS)


@settings(deadline=None, max_examples=50)
@given(seed=SEEDS, n_way=st.integers(2, 5), n_shot=st.integers(1, 3), data=st.data())
def test_a_run_is_laid_out_as_lakes(seed, n_way, n_shot, data):
    n_query = data.draw(st.integers(1, n_way))
    episodes = sample_episodes(
        DATASET, num_episodes=3, n_way=n_way, n_shot=n_shot, n_query=n_query, seed=seed
    )
    assert episodes.support.shape == (3, n_way, n_shot)
    assert episodes.queries.shape == episodes.answers.shape == (3, n_query)
    assert episodes.num_trials == 3 * n_query
    for support, queries, answers, group in zip(
        episodes.support, episodes.queries, episodes.answers, episodes.groups, strict=True
    ):
        of_class = DATASET.character[support]
        assert (of_class == of_class[:, :1]).all()
        # No distractor is of the target's class, for no two classes are the same character.
        assert len(set(of_class[:, 0])) == n_way
        assert (of_class[answers, 0] == DATASET.character[queries]).all()
        assert len(set(answers)) == n_query
        drawers = [set(DATASET.drawer[support[:, shot]]) for shot in range(n_shot)]
        drawers.append(set(DATASET.drawer[queries]))
        assert all(len(drawer) == 1 for drawer in drawers)
        assert len(set.union(*drawers)) == n_shot + 1
        used = np.concatenate([support.ravel(), queries])
        assert {DATASET.alphabet_names[a] for a in DATASET.alphabet[used]} == {group}


@pytest.mark.parametrize("protocol", ["within-alphabet", "across-alphabets"])
def test_unless_told_an_episode_asks_for_each_class_once(protocol):
    episodes = sample_episodes(DATASET, num_episodes=3, n_way=4, protocol=protocol, seed=0)
    np.testing.assert_array_equal(np.sort(episodes.answers), np.tile(np.arange(4), (3, 1)))


def test_every_alphabet_gives_equally_many_runs():
    episodes = sample_episodes(DATASET, num_episodes=8, n_way=5, seed=0)
    assert episodes.groups == ("a", "a", "b", "b", "c", "c", "d", "d")


def test_a_remainder_falls_on_every_alphabet_in_turn():
    drawn = [
        sample_episodes(DATASET, num_episodes=1, n_way=5, seed=seed).groups[0] for seed in range(40)
    ]
    assert set(drawn) == {"a", "b", "c", "d"}
    counts = [
        sample_episodes(DATASET, num_episodes=6, n_way=5, seed=s).groups.count("d")
        for s in range(9)
    ]
    assert set(counts) == {1, 2}


def test_every_character_and_drawer_is_sampled_including_the_last():
    episodes = sample_episodes(DATASET, num_episodes=200, n_way=5, seed=0)
    for used in (episodes.support, episodes.queries):
        assert set(DATASET.character[used.ravel()]) == set(range(26))
        assert set(DATASET.drawer[used.ravel()]) == {1, 2, 3, 4}


def test_episodes_per_alphabet_draws_some_of_the_alphabets():
    several = [
        sample_episodes(DATASET, num_episodes=6, n_way=5, episodes_per_alphabet=2, seed=s)
        for s in range(30)
    ]
    assert all(len(set(episodes.groups)) == 3 for episodes in several)
    assert all(episodes.groups.count(name) == 2 for episodes in several for name in episodes.groups)
    assert {name for episodes in several for name in episodes.groups} == {"a", "b", "c", "d"}


def test_the_answers_place_says_nothing():
    episodes = sample_episodes(DATASET, num_episodes=2000, n_way=5, seed=1)
    place_of_first_query = np.bincount(episodes.answers[:, 0], minlength=5)
    assert chisquare(place_of_first_query).pvalue > 0.001
    # Nor does a character's number say where it stands.
    first_character = DATASET.character[episodes.support[..., 0]].argmin(axis=1)
    assert chisquare(np.bincount(first_character, minlength=5)).pvalue > 0.001


@pytest.mark.parametrize("protocol", ["within-alphabet", "across-alphabets"])
def test_the_seed_decides_the_runs(protocol):
    def draw(seed):
        episodes = sample_episodes(DATASET, num_episodes=4, n_way=5, protocol=protocol, seed=seed)
        return np.concatenate(
            [episodes.support.ravel(), episodes.queries.ravel(), episodes.answers.ravel()]
        )

    np.testing.assert_array_equal(draw(7), draw(7))
    assert (draw(7) != draw(8)).any()


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, n_shot=st.integers(1, 3))
def test_across_alphabets_a_class_has_drawers_of_its_own(seed, n_shot):
    episodes = sample_episodes(
        DATASET, num_episodes=2, n_way=12, n_shot=n_shot, protocol="across-alphabets", seed=seed
    )
    assert episodes.groups == ("", "") and episodes.protocol == "across-alphabets"
    for support, queries, answers in zip(
        episodes.support, episodes.queries, episodes.answers, strict=True
    ):
        assert len(set(DATASET.character[support[:, 0]])) == 12
        together = np.column_stack([support[answers], queries])
        assert (DATASET.character[together] == DATASET.character[queries][:, None]).all()
        assert all(len(set(row)) == n_shot + 1 for row in DATASET.drawer[together])


def test_across_alphabets_mixes_alphabets_that_share_no_drawer():
    # As in the paper's test split, where every alphabet has separate drawers.
    missing = {(c, d) for c in range(5) for d in (3, 4)} | {
        (c, d) for c in (5, 6, 7) for d in (1, 2)
    }
    dataset = characters((5, 3), missing=missing)
    episodes = sample_episodes(
        dataset, num_episodes=5, n_way=8, protocol="across-alphabets", seed=0
    )
    assert (np.sort(dataset.character[episodes.support[..., 0]]) == np.arange(8)).all()


@pytest.mark.parametrize("seed", range(10))
def test_gaps_in_the_drawings_are_worked_around(seed):
    # Drawers 1 and 2 share all characters but one; 3 and 4 drew too few for any episode.
    missing = {(0, 1)} | {(c, d) for c in range(5) for d in (3, 4)}
    episodes = sample_episodes(
        characters((7,), missing=missing), num_episodes=3, n_way=6, seed=seed
    )
    dataset = characters((7,), missing=missing)
    assert set(dataset.drawer[episodes.support.ravel()]) <= {1, 2}
    assert 0 not in dataset.character[episodes.support]


def test_runs_share_the_images_and_can_be_resized():
    episodes = sample_episodes(DATASET, num_episodes=2, n_way=5, seed=0)
    assert episodes.images is DATASET.images
    small = episodes.resized(2)
    assert small.images.shape == (len(DATASET), 2, 2, 1)
    np.testing.assert_array_equal(small.images[:, 0, 0], DATASET.images[:, 0, 0])
    assert small.groups == episodes.groups and small.answers is episodes.answers


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_way": 6}, "`n_way` must be at most 5, .* alphabet 'a'.* n_way=6"),
        ({"n_way": 1}, "`n_way` must be at least 2.* n_way=1"),
        ({"n_shot": 0}, "`n_shot` must be at least 1"),
        ({"n_shot": 4}, "5 drawers .* Received: 4 drawers"),
        ({"num_episodes": 0}, "`num_episodes` must be at least 1"),
        ({"n_query": 0}, "`n_query` must be at least 1"),
        ({"n_query": 6}, "`n_query` must be at most `n_way`.* Draw more episodes"),
        ({"protocol": "official"}, "`protocol` must be one of"),
        ({"episodes_per_alphabet": 3}, "divide `num_episodes`"),
        ({"episodes_per_alphabet": 0}, "`episodes_per_alphabet` must be at least 1"),
        ({"episodes_per_alphabet": 1, "num_episodes": 5}, "`num_episodes` must be at most 4"),
        ({"protocol": "across-alphabets", "episodes_per_alphabet": 2}, "must be None"),
        ({"protocol": "across-alphabets", "n_way": 27}, "at most 26, .* all alphabets together"),
        ({"protocol": "across-alphabets", "n_shot": 4}, "5 characters by 5 drawers"),
    ],
)
def test_an_impossible_draw_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        sample_episodes(DATASET, **{"num_episodes": 4, "n_way": 5, "seed": 0, **arguments})


@pytest.mark.parametrize("protocol", ["within-alphabet", "across-alphabets"])
def test_one_drawer_is_too_few(protocol):
    with pytest.raises(ValueError, match="drawer"):
        sample_episodes(
            characters(COUNTS, num_drawers=1), num_episodes=4, n_way=5, protocol=protocol, seed=0
        )


def test_an_empty_dataset_is_refused():
    empty = DATASET.select(indices=np.zeros(0, int))
    with pytest.raises(ValueError, match="`dataset` must hold images.*empty 'characters'"):
        sample_episodes(empty, num_episodes=1, n_way=2, seed=0)

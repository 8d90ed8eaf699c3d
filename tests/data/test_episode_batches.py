"""Episodes of a training step: what is in one, how it is turned, and what it depends on."""

import numpy as np
import pytest

from keras_siamese.data import (
    AffineRanges,
    CameraRanges,
    EpisodeSampler,
    square_symmetries,
)
from keras_siamese.data.distortions import IDENTITY
from tests.data.characters import characters

# Characters of each alphabet.
COUNTS = (5, 6, 4)


def draw(dataset, num_episodes=60, step=0, **kwargs):
    """Indices of episodes without symmetries and distortions."""
    return EpisodeSampler(dataset, symmetries=False, **kwargs).draw(step, num_episodes).indices


def test_an_episode_is_characters_of_one_alphabet_by_shared_drawers():
    dataset = characters(COUNTS)
    indices = draw(dataset, n_way=4, n_shot=2)
    assert indices.shape == (60, 4, 3)
    assert indices.dtype == np.int32
    assert (dataset.alphabet[indices] == dataset.alphabet[indices[:, :1, :1]]).all()
    assert (dataset.drawer[indices] == dataset.drawer[indices[:, :1]]).all()
    for episode in indices:
        assert (dataset.character[episode] == dataset.character[episode[:, :1]]).all()
        assert len(set(dataset.character[episode[:, 0]])) == 4
        assert len(set(dataset.drawer[episode[0]])) == 3


def test_every_image_and_every_alphabet_takes_part():
    dataset = characters(COUNTS)
    indices = draw(dataset, num_episodes=300, n_way=4)
    assert set(indices.flat) == set(range(len(dataset)))
    # Three alphabets of equal chance: 100 episodes each, standard deviation 8.2.
    counts = np.bincount(dataset.alphabet[indices[:, 0, 0]])
    assert (abs(counts - 100) < 33).all()


def test_a_small_alphabet_is_filled_up_with_distinct_characters_of_others():
    dataset = characters((5, 3, 2))
    for episode in draw(dataset, n_way=7):
        alphabets, counts = np.unique(dataset.alphabet[episode[:, 0]], return_counts=True)
        assert len(set(dataset.character[episode[:, 0]])) == 7
        # The alphabet that came first is there as a whole, and so are all but the last.
        assert sum(counts < np.array([5, 3, 2])[alphabets]) <= 1
        for alphabet in alphabets:
            drawers = dataset.drawer[episode[dataset.alphabet[episode[:, 0]] == alphabet]]
            assert (drawers == drawers[:1]).all()


def test_across_alphabets_each_character_has_its_own_drawers():
    dataset = characters(COUNTS)
    indices = draw(dataset, n_way=6, protocol="across-alphabets")
    assert any(len(set(dataset.alphabet[episode[:, 0]])) > 1 for episode in indices)
    assert any(
        (dataset.drawer[episode] != dataset.drawer[episode[:1]]).any() for episode in indices
    )
    for episode in indices:
        assert len(set(dataset.character[episode[:, 0]])) == 6
        assert (dataset.drawer[episode[:, 0]] != dataset.drawer[episode[:, 1]]).all()


def test_one_alphabet_gives_episodes_across_all_its_classes():
    dataset = characters((9,))
    assert set(dataset.character[draw(dataset, n_way=4)].flat) == set(range(9))


def test_a_missing_drawing_is_replaced_and_a_character_drawn_once_is_left_out():
    once = [(1, drawer) for drawer in (2, 3, 4)]
    dataset = characters((6,), missing=[(0, 1), (0, 2), *once])
    indices = draw(dataset, n_way=5)
    drawn = dataset.character[indices]
    assert (drawn == drawn[..., :1]).all()
    assert set(drawn.flat) == {0, 2, 3, 4, 5}
    assert (dataset.drawer[indices[..., 0]] != dataset.drawer[indices[..., 1]]).all()


def test_a_whole_episode_shares_one_of_the_eight_symmetries():
    episodes = EpisodeSampler(characters(COUNTS), n_way=4).draw(0, 200)
    first = episodes.transforms[:, :1, :1]
    assert episodes.transforms.shape == (200, 4, 2, 6)
    np.testing.assert_array_equal(episodes.transforms, np.broadcast_to(first, (200, 4, 2, 6)))
    seen = {tuple(row) for row in first[:, 0, 0].tolist()}
    assert seen == {tuple(row) for row in square_symmetries((4, 4)).tolist()}


def test_every_image_has_its_own_distortion_within_the_ranges():
    ranges = AffineRanges(rotation=0, shear=0, scale=(1, 1), translation=6, probability=1)
    sampler = EpisodeSampler(characters(COUNTS), n_way=4, symmetries=False, distortions=ranges)
    rows = sampler.draw(0, 50).transforms.reshape(-1, 6)
    assert len(np.unique(rows, axis=0)) == len(rows)
    np.testing.assert_array_equal(rows[:, [0, 1, 3, 4]], np.tile([1, 0, 0, 1], (len(rows), 1)))
    furthest = abs(rows[:, [2, 5]]).max()
    assert 0.95 < furthest / (6 * 4 / 105) <= 1


def test_a_whole_episode_shares_one_distortion_before_the_images_own():
    shared = AffineRanges(rotation=0, shear=0, scale=(0.5, 2), translation=0, probability=1)
    own = AffineRanges(rotation=0, shear=0, scale=(1, 1), translation=6, probability=1)
    sampler = EpisodeSampler(
        characters(COUNTS), n_way=4, symmetries=False, distortions=own, episode_distortions=shared
    )
    rows = sampler.draw(0, 50).transforms
    # Scales are the episode's, places are each image's own.
    scales = rows[..., [0, 4]]
    np.testing.assert_allclose(scales, np.broadcast_to(scales[:, :1, :1], scales.shape))
    assert len(np.unique(scales[:, 0, 0], axis=0)) == 50
    assert 0.5 <= scales.min() < 0.6 and 1.7 < scales.max() <= 2
    assert len(np.unique(rows.reshape(-1, 6), axis=0)) == 50 * 4 * 2
    # An image moves after it was stretched: by as much as one that was not.
    centre = 1.5
    moved = (centre - rows[..., [2, 5]]) / scales - centre
    assert 0.9 < abs(moved).max() / (6 * 4 / 105) <= 1.001


def test_without_symmetries_and_distortions_images_stay_as_they_are():
    episodes = EpisodeSampler(characters(COUNTS), n_way=4, symmetries=False).draw(3)
    assert (episodes.transforms == IDENTITY).all()


def test_episodes_depend_on_seed_and_step_alone():
    def bytes_of(seed, step, before=()):
        sampler = EpisodeSampler(characters(COUNTS), n_way=4, distortions=AffineRanges(), seed=seed)
        for earlier in before:
            sampler.draw(earlier, 2)
        episodes = sampler.draw(step, 2)
        return episodes.indices.tobytes() + episodes.transforms.tobytes()

    assert bytes_of(1, 7) == bytes_of(1, 7, before=range(7))
    assert len({bytes_of(1, 7), bytes_of(1, 8), bytes_of(2, 7)}) == 3


def test_a_camera_changes_nothing_else_and_depends_on_seed_and_step_alone():
    def drawn(step, seed=1, camera=None):
        sampler = EpisodeSampler(
            characters(COUNTS), n_way=4, distortions=AffineRanges(), camera=camera, seed=seed
        )
        return sampler.draw(step, 2)

    without, ranges = drawn(7), CameraRanges(probability=1.0)
    episodes = drawn(7, camera=ranges)
    assert without.camera is None and len(without.arrays) == 2
    assert episodes.camera.shape == (2, 4, 2, 15)
    for ours, theirs in zip(episodes.arrays, without.arrays, strict=False):
        np.testing.assert_array_equal(ours, theirs)
    assert episodes.camera.tobytes() == drawn(7, camera=ranges).camera.tobytes()
    assert (episodes.camera != drawn(8, camera=ranges).camera).any()
    assert (episodes.camera != drawn(7, seed=2, camera=ranges).camera).any()


@pytest.mark.parametrize("name", ["n_way", "n_shot", "seed"])
def test_numbers_too_small_are_named(name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least .* Received: {name}=-1"):
        EpisodeSampler(characters(COUNTS), **{name: -1})


def test_impossible_episodes_are_errors_with_the_numbers():
    with pytest.raises(ValueError, match="must be at most 15, .*'characters'.*n_way=20"):
        EpisodeSampler(characters(COUNTS), n_way=20)
    with pytest.raises(ValueError, match="characters by 2 drawers.*at most 1. Add drawers"):
        EpisodeSampler(characters(COUNTS, num_drawers=1), n_way=4)
    with pytest.raises(ValueError, match="characters by 5 drawers.*at most 4.*`n_shot`"):
        EpisodeSampler(characters(COUNTS), n_way=4, n_shot=4)
    with pytest.raises(ValueError, match="`protocol` must be one of.*'official'"):
        EpisodeSampler(characters(COUNTS), n_way=4, protocol="official")
    with pytest.raises(ValueError, match="an empty 'characters'"):
        EpisodeSampler(characters(COUNTS).select(indices=np.array([], int)), n_way=4)
    with pytest.raises(ValueError, match="`num_episodes`"):
        EpisodeSampler(characters(COUNTS), n_way=4).draw(0, 0)

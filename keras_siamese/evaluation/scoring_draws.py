"""One-shot trials and pairs of images of any layout, to score a network on."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.class_splits import max_n_way
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes, sample_episodes
from keras_siamese.data.pairs import PairTable, sample_pairs

TRIALS = 400
PAIRS = 10_000


def draw_episodes(
    images: ImageDataset, *, n_way: int | None = None, n_shot: int = 1, protocol: str, seed: int
) -> OneShotEpisodes:
    """Draw at least 400 one-shot trials.

    Args:
        images: The images.
        n_way: Classes in a trial; None for 20, or as many as there are.
        n_shot: Images of each class.
        protocol: As for `sample_episodes`.
        seed: Seed of the draw.

    Returns:
        The episodes.

    Raises:
        ValueError: If there are too few classes or images.
    """
    ways = max_n_way(images, n_shot=n_shot, protocol=protocol) if n_way is None else n_way
    return sample_episodes(
        images,
        num_episodes=-(-TRIALS // max(ways, 1)),
        n_way=ways,
        n_shot=n_shot,
        protocol=protocol,
        seed=seed,
    )


def draw_pairs(images: ImageDataset, *, seed: int, limit: int = PAIRS) -> PairTable:
    """Draw same and different pairs, no more than there are.

    Different pairs lie inside one alphabet, where each has two classes or more.

    Args:
        images: The images.
        seed: Seed of the draw.
        limit: Pairs at most.

    Returns:
        The pairs.

    Raises:
        ValueError: If there are no same pairs or no different ones.
    """
    classes = [images.character[images.alphabet == index] for index in np.unique(images.alphabet)]
    within = all(len(np.unique(members)) > 1 for members in classes)
    return sample_pairs(
        images,
        min(limit, len(images) * (len(images) - 1) // 2),
        seed=seed,
        different="within-alphabet" if within else "across-alphabets",
    )

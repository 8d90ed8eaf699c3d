"""Claim 6 on Omniglot: small reduced nets on real characters, scored on the official runs."""

from __future__ import annotations

import functools
from pathlib import Path

import keras

from examples.tied.material import Material
from keras_siamese import load_omniglot, official_runs, reduced_encoder
from keras_siamese.data import paper_splits, sample_pairs

SIZE = 35


def omniglot_material(seed: int, *, data_dir: Path) -> Material:
    """Return the paper's split at 35x35; the seed draws the pairs, the trials are the official."""
    splits, episodes = _splits_and_episodes(data_dir)
    return Material(
        train=splits.train,
        pairs=sample_pairs(splits.train, 60_000, seed=seed),
        test=splits.test,
        test_pairs=sample_pairs(splits.test, 300, seed=seed + 1),
        episodes=episodes,
    )


@functools.cache
def _splits_and_episodes(data_dir: Path):  # type: ignore[no-untyped-def]
    background, evaluation = (
        load_omniglot(subset, data_dir=data_dir, size=SIZE)
        for subset in ("background", "evaluation")
    )
    return paper_splits(background, evaluation), official_runs(data_dir=data_dir, size=SIZE)


def narrow_encoder(seed: int = 0) -> keras.Model:
    """Return the reduced net with a quarter of its filters and an embedding of 512."""
    return reduced_encoder(filters=(16, 32, 32, 64), units=512, seed=seed, initializer="he")

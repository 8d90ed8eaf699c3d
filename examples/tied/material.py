"""What the claims are tried on: glyphs, a small encoder, pairs and one-shot trials."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import keras
import numpy as np

from keras_siamese import koch_encoder, make_glyphs, sample_episodes
from keras_siamese.data import (
    ImageDataset,
    OneShotEpisodes,
    PairTable,
    sample_pairs,
    split_alphabets,
)

SIZE = 20
BATCH = 64


@dataclass(frozen=True)
class Material:
    """Training pairs, and pairs and trials from alphabets and drawers never trained on."""

    train: ImageDataset
    pairs: PairTable
    test: ImageDataset
    test_pairs: PairTable
    episodes: OneShotEpisodes


@functools.cache
def glyph_material(seed: int = 0) -> Material:
    """Split the glyphs by alphabet and drawer, and draw pairs and 10-way trials, by the seed."""
    splits = split_alphabets(
        _glyphs(), num_validation=1, num_test=9, seed=seed, heldout_drawers=(1, 2, 3, 4)
    )
    return Material(
        train=splits.train,
        pairs=sample_pairs(splits.train, 20_000, seed=seed),
        test=splits.test,
        test_pairs=sample_pairs(splits.test, 300, seed=seed + 1),
        episodes=sample_episodes(splits.test, num_episodes=36, n_way=10, seed=seed + 2),
    )


@functools.cache
def _glyphs() -> ImageDataset:
    return make_glyphs(num_alphabets=30, size=SIZE, seed=0)


def small_encoder(seed: int = 0) -> keras.Model:
    """Return the twin of the claims: two convolutions and an embedding of 128 sigmoid units."""
    return koch_encoder(
        (SIZE, SIZE, 1),
        filters=(16, 32),
        kernel_sizes=(5, 4),
        units=128,
        seed=seed,
        initializer="he",
    )


def pair_batch(
    dataset: ImageDataset, pairs: PairTable, rows: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left images, right images, both float32 in [0, 1], and labels of some pairs."""
    left, right = (
        dataset.images[side[rows]].astype(np.float32) / 255 for side in (pairs.left, pairs.right)
    )
    return left, right, pairs.same[rows].astype(np.float32)


def mixed_batch(material: Material, size: int = BATCH) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a batch from all over the table of training pairs."""
    step = len(material.pairs) // size
    return pair_batch(material.train, material.pairs, slice(0, step * size, step))

"""The data of a run: images, splits, pairs and one-shot runs, all from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keras_siamese.data import (
    ImageDataset,
    OneShotRuns,
    PairTable,
    Splits,
    distort_pairs,
    load_omniglot,
    make_glyphs,
    official_runs,
    paper_splits,
    sample_pairs,
    sample_runs,
    split_alphabets,
)
from reproduce.configs.base import RunConfig


@dataclass(frozen=True)
class Material:
    """All that training and scoring need; the test parts are read once, at the end."""

    splits: Splits
    training_pairs: PairTable
    validation_pairs: PairTable
    test_pairs: PairTable
    # Sec. 3.2: 320 trials scored every epoch.
    validation_runs: OneShotRuns
    # Scored once, by protocol; the first is the main result.
    test_runs: tuple[OneShotRuns, ...]


def prepare(config: RunConfig, data_dir: Path | None = None) -> Material:
    """Load or make the data of a run and draw its pairs and trials.

    Args:
        config: The run.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.

    Returns:
        The material.

    Raises:
        ValueError: If the data is unknown or unfit.
    """
    if config.data == "omniglot":
        background = load_omniglot("background", data_dir=data_dir, size=config.size)
        evaluation = load_omniglot("evaluation", data_dir=data_dir, size=config.size)
        splits = paper_splits(background, evaluation)
        within = official_runs(data_dir=data_dir, size=config.size)
    elif config.data == "glyphs":
        glyphs = make_glyphs(size=config.size, seed=config.seed)
        splits = split_alphabets(
            glyphs, num_validation=8, num_test=8, seed=config.seed, heldout_drawers=(1, 2, 3, 4)
        )
        within = sample_runs(splits.test, num_runs=20, seed=config.seed + 1)
    else:
        raise ValueError(f"`data` must be 'omniglot' or 'glyphs'. Received: {config.data!r}")
    across = sample_runs(splits.test, num_runs=20, protocol="across-alphabet", seed=config.seed + 2)
    seed = 1000 * config.seed
    clean = sample_pairs(splits.train, config.num_pairs, different=config.different, seed=seed + 1)
    return Material(
        splits=splits,
        training_pairs=distort_pairs(
            clean, config.num_distortions, splits.train.image_size, seed=seed + 2
        ),
        validation_pairs=sample_pairs(
            splits.validation, config.num_validation_pairs, seed=seed + 3
        ),
        test_pairs=sample_pairs(splits.test, config.num_test_pairs, seed=seed + 4),
        validation_runs=validation_runs(splits.validation),
        test_runs=(within, across),
    )


def validation_runs(validation: ImageDataset) -> OneShotRuns:
    """Draw the 320 validation trials of sec. 3.2, the same for every run.

    Open in the paper: their layout. Decided: 16 runs of 20 trials, two for each of 8 alphabets.
    """
    return sample_runs(validation, num_runs=16, runs_per_alphabet=2, seed=0)

"""The data of a run: images, splits, pairs and one-shot episodes, all from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keras_siamese.data import (
    ImageDataset,
    OneShotEpisodes,
    PairTable,
    Splits,
    distort_pairs,
    load_mnist,
    load_omniglot,
    make_glyphs,
    official_runs,
    paper_splits,
    sample_episodes,
    sample_pairs,
    split_alphabets,
)
from keras_siamese.data.omniglot_protocols import draw_test_pairs, draw_validation_pairs
from reproduce.paper.config import PAPER_TRIALS, RunConfig

# Sec. 4.4: Omniglot is reduced to this side, and MNIST enlarged to it.
MNIST_SIZE = 35


@dataclass(frozen=True)
class RunData:
    """All that training and the choice by validation need."""

    splits: Splits
    training_pairs: PairTable
    validation_pairs: PairTable
    # Sec. 3.2: 320 trials scored every epoch, or more of them.
    validation_episodes: OneShotEpisodes
    # Many more trials, scored once at the end: a finer measure to compare settings by.
    wide_validation_episodes: OneShotEpisodes


@dataclass(frozen=True)
class TestData:
    """What is scored once, at the end, by runs that are not for choosing."""

    # By protocol; the first is the main result.
    episodes: tuple[OneShotEpisodes, ...]
    pairs: PairTable
    # The same with different pairs drawn across alphabets, which are easier.
    across_pairs: PairTable
    # Table 3, for a net of its size.
    mnist_episodes: OneShotEpisodes | None


def prepare(config: RunConfig, data_dir: Path | None = None) -> RunData:
    """Load or make the data of a run and draw its pairs and trials.

    Args:
        config: The run.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.

    Returns:
        The data.

    Raises:
        ValueError: If the data is unknown or unfit.
    """
    splits = load_splits(config, data_dir)
    seed = 1000 * config.seed
    clean = sample_pairs(splits.train, config.num_pairs, different=config.different, seed=seed + 1)
    return RunData(
        splits=splits,
        training_pairs=distort_pairs(
            clean, config.num_distortions, splits.train.image_size, seed=seed + 2
        ),
        validation_pairs=draw_validation_pairs(
            splits.validation, config.num_validation_pairs, seed=config.seed
        ),
        validation_episodes=validation_episodes(splits.validation, config.validation_trials),
        wide_validation_episodes=sample_episodes(splits.validation, num_episodes=200, seed=0),
    )


def prepare_test(config: RunConfig, splits: Splits, data_dir: Path | None = None) -> TestData:
    """Draw what a run is scored on at the end; the arguments are those of `prepare`."""
    table_3 = config.data == "omniglot" and config.size == MNIST_SIZE
    return TestData(
        episodes=test_episodes(config, splits, data_dir),
        pairs=draw_test_pairs(splits.test, config.num_test_pairs, seed=config.seed),
        across_pairs=draw_test_pairs(
            splits.test, config.num_test_pairs, different="across-alphabets", seed=config.seed
        ),
        mnist_episodes=mnist_episodes(config.size, data_dir) if table_3 else None,
    )


def load_splits(config: RunConfig, data_dir: Path | None = None) -> Splits:
    """Load or make the images of a run, in training, validation and test.

    Raises:
        ValueError: If the data is unknown.
    """
    if config.data == "omniglot":
        background = load_omniglot("background", data_dir=data_dir, size=config.size)
        evaluation = load_omniglot("evaluation", data_dir=data_dir, size=config.size)
        return paper_splits(background, evaluation)
    if config.data == "glyphs":
        glyphs = make_glyphs(size=config.size, seed=config.seed)
        return split_alphabets(
            glyphs, num_validation=8, num_test=8, seed=config.seed, heldout_drawers=(1, 2, 3, 4)
        )
    raise ValueError(f"`data` must be 'omniglot' or 'glyphs'. Received: {config.data!r}. Give one.")


def test_episodes(
    config: RunConfig, splits: Splits, data_dir: Path | None = None
) -> tuple[OneShotEpisodes, OneShotEpisodes]:
    """Draw the 400 trials within alphabets (Omniglot: the official ones) and 400 across them."""
    if config.data == "omniglot":
        within = official_runs(data_dir=data_dir, size=config.size)
    else:
        within = sample_episodes(splits.test, num_episodes=20, seed=config.seed + 1)
    across = sample_episodes(
        splits.test, num_episodes=20, protocol="across-alphabets", seed=config.seed + 2
    )
    return within, across


def mnist_episodes(size: int, data_dir: Path | None = None) -> OneShotEpisodes:
    """Draw the 400 10-way trials of table 3 (sec. 4.4), the same for every run."""
    return sample_episodes(
        load_mnist("test", data_dir=data_dir, size=size), num_episodes=40, n_way=10, seed=0
    )


def validation_episodes(validation: ImageDataset, trials: int = PAPER_TRIALS) -> OneShotEpisodes:
    """Draw the validation trials that choose the epoch, the same for every run.

    Open in the paper: the layout of its 320 trials (sec. 3.2). Decided: 16 episodes of 20 trials,
    two for each of 8 alphabets. Deviation: the choice by 320 trials is noisy (a standard error of
    up to 2.8 points), so that a run may ask for more of them, from all validation alphabets.
    """
    each = 2 if trials == PAPER_TRIALS else None
    return sample_episodes(
        validation, num_episodes=trials // 20, episodes_per_alphabet=each, seed=0
    )

"""The protocols of Omniglot: Lake's official runs, and trials and pairs that are drawn.

The official runs are Lake's. The other trials, and the pairs of the paper's verification, are drawn
from fixed seeds: everybody who names a protocol is scored on the same ones.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.datasets.lake_runs import official_runs, run_files
from keras_siamese.data.datasets.omniglot import evaluation_files, load_omniglot
from keras_siamese.data.episodes import OneShotEpisodes, sample_episodes
from keras_siamese.data.pairs import PairTable, sample_pairs
from keras_siamese.data.protocols import OneShotProtocol, Protocol, VerificationProtocol
from keras_siamese.data.splits import LAKE_ALPHABETS, VALIDATION_DRAWERS, evaluation_parts

ONE_SHOT = ("official", "within-alphabet", "across-alphabets")
DRAWN = ONE_SHOT[1:]
VERIFICATION = "verification"
PROTOCOL_NAMES = (*ONE_SHOT, VERIFICATION)
# Lake's ten evaluation alphabets, which have the official runs, and the other ten.
PARTS = ("test", "validation")
# Trials of each kind that are drawn, and pairs.
NUM_TRIALS = 10_000
NUM_PAIRS = 10_000


def draw_trials(
    evaluation: ImageDataset, *, n_way: int = 20, n_shot: int = 1, protocol: str
) -> OneShotEpisodes:
    """Draw the 10,000 one-shot trials of one kind, the same for every network.

    Args:
        evaluation: Omniglot's evaluation set, all drawers.
        n_way: Classes in a trial.
        n_shot: Support images of each class.
        protocol: "within-alphabet" or "across-alphabets".

    Returns:
        `10_000 // n_way` episodes of `n_way` queries each.

    Raises:
        ValueError: As `sample_episodes`.
    """
    return sample_episodes(
        evaluation,
        num_episodes=max(1, NUM_TRIALS // n_way),
        n_way=n_way,
        n_shot=n_shot,
        protocol=protocol,
        seed=0,
    )


def draw_validation_pairs(
    validation: ImageDataset, num_pairs: int = NUM_PAIRS, *, seed: int = 0
) -> PairTable:
    """Draw the pairs that a verification threshold is chosen on (Koch et al. 2015, sec. 4.2).

    Args:
        validation: The validation part of `paper_splits`.
        num_pairs: Number of pairs; the paper's by default.
        seed: Seed of the training that is scored; 0 for the protocol.

    Returns:
        The pairs, half of them same.

    Raises:
        ValueError: As `sample_pairs`.
    """
    return sample_pairs(validation, num_pairs, seed=1000 * seed + 3)


def draw_test_pairs(
    test: ImageDataset,
    num_pairs: int = NUM_PAIRS,
    *,
    different: str = "within-alphabet",
    seed: int = 0,
) -> PairTable:
    """Draw the pairs that verification is scored on (Koch et al. 2015, sec. 4.2 and Table 1).

    Args:
        test: The test part of `paper_splits`.
        num_pairs: Number of pairs. Open in Koch et al. 2015, sec. 4.2. Decided: 10,000.
        different: As for `sample_pairs`; pairs across alphabets are easier.
        seed: Seed of the training that is scored; 0 for the protocol.

    Returns:
        The pairs, half of them same.

    Raises:
        ValueError: As `sample_pairs`.
    """
    offset = 4 if different == "within-alphabet" else 5
    return sample_pairs(test, num_pairs, different=different, seed=1000 * seed + offset)


def load_protocol(
    name: str = "official",
    *,
    n_way: int = 20,
    n_shot: int = 1,
    part: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    size: int | tuple[int, int] = 105,
    download: bool = True,
) -> Protocol:
    """Load a protocol of Omniglot: its images, their names, and its trials or pairs.

    Args:
        name: "official": Lake's 20 runs, 400 trials within alphabets, from `all_runs.zip`.
            "within-alphabet" or "across-alphabets": 10,000 trials of all 20 evaluation alphabets
            and drawers. "verification": 10,000 pairs of the paper's test alphabets and drawers, and
            10,000 validation pairs that choose the threshold (Koch et al. 2015, sec. 4.2). The last
            three are of `images_evaluation.zip`.
        n_way: Classes in a trial that is drawn; 20 for the others.
        n_shot: Support images of each class in a trial that is drawn; 1 for the others.
        part: Of trials that are drawn: "test" for Lake's ten alphabets, "validation" for the other
            ten, or None for all twenty. Within alphabets these are the trials of all twenty that
            the part's alphabets have; across alphabets 10,000 are drawn of the part.
        data_dir: As for `official_runs` and `load_omniglot`.
        cache_dir: As for `load_omniglot`.
        size: Side of the images in pixels, or (height, width).
        download: Whether a missing archive may be downloaded.

    Returns:
        A `OneShotProtocol`, or a `VerificationProtocol` for "verification".

    Raises:
        ValueError: If there is no such protocol or trial, or the archive is damaged, incomplete or
            another.
        FileNotFoundError: If the data folder named does not hold the archive.
        OSError: If the download fails.

    Example:
        >>> from keras_siamese.data import load_protocol
        >>> len(load_protocol("official").files)  # doctest: +SKIP
        800
    """
    check_choice("name", name, PROTOCOL_NAMES)
    if name in ("official", VERIFICATION) and (n_way, n_shot) != (20, 1):
        raise ValueError(
            f"`n_way` and `n_shot` must be for trials that are drawn, {DRAWN}. Received: "
            f"n_way={n_way}, n_shot={n_shot} for {name!r}. Leave them out."
        )
    if part is not None:
        check_choice("part", part, PARTS)
        if name not in DRAWN:
            raise ValueError(
                f"`part` must be for trials that are drawn, {DRAWN}. Received: part={part!r} for "
                f"{name!r}, which has its own alphabets. Leave it out."
            )
    if name == "official":
        runs = official_runs(data_dir=data_dir, cache_dir=cache_dir, size=size, download=download)
        return OneShotProtocol(name, run_files(), runs, "all_runs.zip")
    evaluation = load_omniglot(
        "evaluation", data_dir=data_dir, cache_dir=cache_dir, size=size, download=download
    )
    archive = "images_evaluation.zip"
    if name == VERIFICATION:
        return _verification(evaluation, archive)
    options: dict[str, Any] = {"n_way": n_way, "n_shot": n_shot, "protocol": name}
    if part is None:
        episodes = draw_trials(evaluation, **options)
        return OneShotProtocol(name, evaluation_files(evaluation), episodes, archive)
    rows = _rows_of(evaluation, part)
    of_part = evaluation.select(indices=rows)
    if name == "within-alphabet":
        episodes = draw_trials(evaluation, **options)
        episodes = _episodes_of(episodes, rows, of_part)
    else:
        episodes = draw_trials(of_part, **options)
    return OneShotProtocol(f"{name}, {part}", evaluation_files(of_part), episodes, archive)


def _rows_of(evaluation: ImageDataset, part: str) -> np.ndarray:
    """Return the images of a part's alphabets."""
    in_test = np.array([name in LAKE_ALPHABETS for name in evaluation.alphabet_names])
    return np.flatnonzero(in_test[evaluation.alphabet] == (part == "test"))


def _episodes_of(
    episodes: OneShotEpisodes, rows: np.ndarray, of_part: ImageDataset
) -> OneShotEpisodes:
    """Return those episodes of a whole data set that are of the alphabets of some of its rows."""
    names = [of_part.alphabet_names[place] for place in np.unique(of_part.alphabet)]
    kept = episodes.select(np.isin(episodes.groups, names))
    place = np.zeros(len(episodes.images), np.int32)
    place[rows] = np.arange(len(rows))
    return replace(
        kept, images=of_part.images, support=place[kept.support], queries=place[kept.queries]
    )


def _verification(evaluation: ImageDataset, archive: str) -> VerificationProtocol:
    others, test = evaluation_parts(evaluation)
    validation = others.select(drawers=VALIDATION_DRAWERS)
    pairs = draw_test_pairs(test)
    start = len(validation)
    return VerificationProtocol(
        name=VERIFICATION,
        files=(*evaluation_files(validation), *evaluation_files(test)),
        images=np.concatenate([validation.images, test.images]),
        validation=draw_validation_pairs(validation),
        test=PairTable(pairs.left + start, pairs.right + start, pairs.same),
        alphabets=tuple(test.alphabet_names[place] for place in test.alphabet[pairs.left]),
        archive=archive,
    )

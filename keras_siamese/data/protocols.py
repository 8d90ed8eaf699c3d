"""Protocols that scores are comparable under: which images, in which trials or pairs.

The official runs are Lake's. The other trials, and the pairs of the paper's verification, are drawn
from fixed seeds: everybody who names a protocol is scored on the same ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import OneShotEpisodes, sample_episodes
from keras_siamese.data.lake_runs import official_runs, run_files
from keras_siamese.data.omniglot import evaluation_files, load_omniglot
from keras_siamese.data.pairs import PairTable, sample_pairs
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


@dataclass(frozen=True, eq=False)
class OneShotProtocol:
    """One-shot trials whose images have names.

    A trial is one query of an episode, with the episode's support set as candidates. Trials and
    candidates are numbered from 1, in the episodes' order.

    Attributes:
        name: The protocol's name.
        files: For each image of `episodes.images` its name; inside `archive` for Omniglot.
        episodes: The trials.
        archive: The archive that holds the files, or "".

    Raises:
        ValueError: If there are not as many names as images, or a name is there twice.

    Example:
        >>> from keras_siamese import make_glyphs, sample_episodes
        >>> from keras_siamese.data import OneShotProtocol
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=3)
        >>> episodes = sample_episodes(glyphs, num_episodes=2, n_way=5, seed=0)
        >>> protocol = OneShotProtocol("glyphs", [f"{i}.png" for i in range(15)], episodes)
        >>> next(protocol.rows())[:5]
        (1, 1, 'glyphs01', '14.png', 1)
    """

    name: str
    files: tuple[str, ...]
    episodes: OneShotEpisodes
    archive: str = ""

    def __post_init__(self) -> None:
        """Check that each image has one name."""
        object.__setattr__(self, "files", _checked_files(self.files, len(self.episodes.images)))

    @property
    def images(self) -> np.ndarray:
        """The images, `(n, height, width, channels)`, uint8, ink 255, in the order of `files`."""
        return self.episodes.images

    @property
    def columns(self) -> tuple[str, ...]:
        """What `rows` holds."""
        n_shot = self.episodes.support.shape[2]
        shots = [f"support{shot + 1}" for shot in range(n_shot)] if n_shot > 1 else ["support"]
        return ("trial", "run", "alphabet", "query", "candidate", *shots)

    def rows(self) -> Iterator[tuple[int | str, ...]]:
        """List the trials, a row for each candidate of each, with the names of the images.

        Yields:
            Trial, run (the episode), alphabet, query, candidate and support images.
        """
        queries, support = self.episodes.queries, self.episodes.support
        trial = 0
        for run, alphabet in enumerate(self.episodes.groups):
            for query in queries[run].tolist():
                trial += 1
                for candidate, shots in enumerate(support[run].tolist()):
                    names = (self.files[shot] for shot in shots)
                    yield trial, run + 1, alphabet, self.files[query], candidate + 1, *names


@dataclass(frozen=True, eq=False)
class VerificationProtocol:
    """Validation and test pairs of images that have names.

    The threshold is chosen on the validation pairs. A trial is a pair; trials are numbered from 1,
    the validation pairs first.

    Attributes:
        name: The protocol's name.
        files: For each of `images` its name; inside `archive` for Omniglot.
        images: `(n, height, width, channels)`, uint8, ink 255.
        validation: Undistorted pairs that the threshold is chosen on.
        test: Undistorted pairs that are scored.
        alphabets: For each test pair the alphabet of its first image.
        archive: The archive that holds the files, or "".

    Raises:
        ValueError: If there are not as many names as images, a name is there twice, a pair is
            distorted or has no image, or there are not as many alphabets as test pairs.

    Example:
        >>> from keras_siamese import make_glyphs, sample_pairs
        >>> from keras_siamese.data import VerificationProtocol
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=3)
        >>> pairs, names = sample_pairs(glyphs, 10, seed=0), [f"{i}.png" for i in range(15)]
        >>> alphabets = ("glyphs01",) * 10
        >>> protocol = VerificationProtocol("mine", names, glyphs.images, pairs, pairs, alphabets)
        >>> next(protocol.rows())[:2]
        (1, 'validation')
    """

    name: str
    files: tuple[str, ...]
    images: np.ndarray
    validation: PairTable
    test: PairTable
    alphabets: tuple[str, ...]
    archive: str = ""

    def __post_init__(self) -> None:
        """Check that names, images and pairs fit each other."""
        object.__setattr__(self, "files", _checked_files(self.files, len(self.images)))
        for argument, pairs in (("validation", self.validation), ("test", self.test)):
            pairs.check_undistorted(argument)
            highest = max(pairs.left.max(), pairs.right.max())
            if highest >= len(self.files):
                raise ValueError(
                    f"`{argument}` must hold indices into the {len(self.files)} images. Received: "
                    f"{highest}. Count the images from 0."
                )
        if len(self.alphabets) != len(self.test):
            raise ValueError(
                f"`alphabets` must be {len(self.test)} names, one per pair of `test`. Received: "
                f"{len(self.alphabets)}. Give the alphabet of each pair's first image."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """What `rows` holds."""
        return ("trial", "part", "left", "right")

    def rows(self) -> Iterator[tuple[int | str, ...]]:
        """List the pairs, with the names of the images.

        Yields:
            Trial, part ("validation" or "test"), left and right image.
        """
        trial = 0
        for part, pairs in (("validation", self.validation), ("test", self.test)):
            for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
                trial += 1
                yield trial, part, self.files[left], self.files[right]


Protocol = OneShotProtocol | VerificationProtocol


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
    kept = np.isin(episodes.groups, names)
    place = np.zeros(len(episodes.images), np.int32)
    place[rows] = np.arange(len(rows))
    return replace(
        episodes,
        images=of_part.images,
        support=place[episodes.support[kept]],
        queries=place[episodes.queries[kept]],
        answers=episodes.answers[kept],
        groups=tuple(np.array(episodes.groups)[kept].tolist()),
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


def _checked_files(files: Iterable[str], num_images: int) -> tuple[str, ...]:
    names = tuple(files)
    if len(names) != num_images or len(set(names)) != len(names):
        raise ValueError(
            f"`files` must be {num_images} different names, one per image. Received: {len(names)}, "
            f"{len(set(names))} of them different. Name each image once."
        )
    return names

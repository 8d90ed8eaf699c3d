"""Protocols that scores are comparable under: images with names, in trials or pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.pairs import PairTable


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


def _checked_files(files: Iterable[str], num_images: int) -> tuple[str, ...]:
    names = tuple(files)
    if len(names) != num_images or len(set(names)) != len(names):
        raise ValueError(
            f"`files` must be {num_images} different names, one per image. Received: {len(names)}, "
            f"{len(set(names))} of them different. Name each image once."
        )
    return names

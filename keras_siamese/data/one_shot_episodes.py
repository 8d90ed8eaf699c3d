"""One-shot episodes: a support set, queries and their answers (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.resampling import resize_images
from keras_siamese.deprecated import current_protocol

PROTOCOLS = ("official", "within-alphabet", "across-alphabets")


@dataclass(frozen=True, eq=False)
class OneShotEpisodes:
    """Episodes of one-shot trials by image index.

    One query and the episode's support set are a trial.

    Attributes:
        images: `(m, height, width, channels)`, uint8, ink 255 and paper 0.
        support: `(episodes, n_way, n_shot)`, int32, indices into `images`.
        queries: `(episodes, n_query)`, int32, indices into `images`.
        answers: `(episodes, n_query)`, int32, the true class's place along the `n_way` axis.
        groups: For each episode its alphabet's name, or "" for episodes across alphabets.
        protocol: "official", "within-alphabet" or "across-alphabets".

    Raises:
        ValueError: If the arrays do not fit each other, an index has no image, or an answer no
            class.
    """

    images: np.ndarray
    support: np.ndarray
    queries: np.ndarray
    answers: np.ndarray
    groups: tuple[str, ...]
    protocol: str

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        object.__setattr__(self, "protocol", current_protocol(self.protocol))
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                "`images` must be a uint8 array of shape (m, height, width, channels). Received: "
                f"{self.images.dtype} of shape {self.images.shape}. Convert them, ink 255."
            )
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"`protocol` must be one of {PROTOCOLS}. Received: {self.protocol!r}")
        if self.support.ndim != 3 or self.support.shape[1] < 2 or not self.support.size:
            raise ValueError(
                "`support` must have shape (episodes, n_way, n_shot), with at least one episode, "
                f"two classes and one shot. Received: {self.support.shape}"
            )
        num_episodes, n_way, _ = self.support.shape
        fits = self.queries.ndim == 2 and len(self.queries) == num_episodes and self.queries.size
        if not fits or self.answers.shape != self.queries.shape or len(self.groups) != num_episodes:
            raise ValueError(
                f"`queries` and `answers` must have one shape ({num_episodes}, n_query) with at "
                f"least one query, and `groups` {num_episodes} names, one per episode of "
                f"`support`. Received: {self.queries.shape}, {self.answers.shape} and "
                f"{len(self.groups)} names"
            )
        limits = {"support": len(self.images), "queries": len(self.images), "answers": n_way}
        for name, limit in limits.items():
            values = getattr(self, name)
            if values.dtype != np.int32 or values.min() < 0 or values.max() >= limit:
                raise ValueError(
                    f"`{name}` must be int32 from 0 to {limit - 1}, since there are {limit} "
                    f"{'classes' if name == 'answers' else 'images'}. Received: {values.dtype} "
                    f"from {values.min()} to {values.max()}"
                )

    @property
    def num_trials(self) -> int:
        """Number of queries in all episodes."""
        return self.queries.size

    def resized(self, size: int | tuple[int, int]) -> OneShotEpisodes:
        """Return the same episodes with images of another size.

        Args:
            size: New side in pixels, or (height, width), as for `ImageDataset.resized`.

        Returns:
            Episodes whose images are `(m, height, width, channels)`, uint8.
        """
        return replace(self, images=resize_images(self.images, size))


def check_protocol(protocol: Any) -> str:
    """Check how the classes of an episode are drawn.

    Args:
        protocol: What was given.

    Returns:
        "within-alphabet" or "across-alphabets".

    Raises:
        ValueError: If it is none of them.
    """
    return check_choice("protocol", current_protocol(protocol), PROTOCOLS[1:])

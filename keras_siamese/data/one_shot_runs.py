"""One-shot runs: a support set, queries and their answers (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from keras_siamese.data.resampling import resize_images

PROTOCOLS = ("official", "within-alphabet", "across-alphabet")


@dataclass(frozen=True, eq=False)
class OneShotRuns:
    """Runs of one-shot trials by image index; one query and the run's support set are a trial.

    Attributes:
        images: `(m, height, width, channels)`, uint8, ink 255 and paper 0.
        support: `(runs, n_way, n_shot)`, int32, indices into `images`.
        queries: `(runs, n_query)`, int32, indices into `images`.
        answers: `(runs, n_query)`, int32, the true class's place along the `n_way` axis.
        groups: For each run its alphabet's name, or "" for runs across alphabets.
        protocol: "official", "within-alphabet" or "across-alphabet".

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
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                "`images` must be a uint8 array of shape (m, height, width, channels). Received: "
                f"{self.images.dtype} of shape {self.images.shape}. Convert them, ink 255."
            )
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"`protocol` must be one of {PROTOCOLS}. Received: {self.protocol!r}")
        if self.support.ndim != 3 or self.support.shape[1] < 2 or not self.support.size:
            raise ValueError(
                "`support` must have shape (runs, n_way, n_shot), with at least one run, two "
                f"classes and one shot. Received: {self.support.shape}"
            )
        num_runs, n_way, _ = self.support.shape
        fits = self.queries.ndim == 2 and len(self.queries) == num_runs and self.queries.size
        if not fits or self.answers.shape != self.queries.shape or len(self.groups) != num_runs:
            raise ValueError(
                f"`queries` and `answers` must have one shape ({num_runs}, n_query) with at least "
                f"one query, and `groups` {num_runs} names, one per run of `support`. Received: "
                f"{self.queries.shape}, {self.answers.shape} and {len(self.groups)} names"
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
        """Number of queries in all runs."""
        return self.queries.size

    def resized(self, size: int | tuple[int, int]) -> OneShotRuns:
        """Return the same runs with images of another size.

        Args:
            size: New side in pixels, or (height, width), as for `ImageDataset.resized`.

        Returns:
            Runs whose images are `(m, height, width, channels)`, uint8.
        """
        return replace(self, images=resize_images(self.images, size))

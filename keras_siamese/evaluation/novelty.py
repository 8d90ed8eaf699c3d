"""How much an image differs from a network's training images: a calibrated score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

# From this score on an answer carries a warning; one image of 100 like the training's reaches it.
WARN_FROM = 0.99

# What is computed with: enough to tell, and few enough to store.
_MOST_COMPONENTS = 32
_MOST_FEATURES = 1024
_MOST_IMAGES = 4000
_QUANTILES = 101
# Below these, differences are rounding.
_LEAST, _LEAST_DEVIATION = 1e-12, 1e-3
_PREFIX = "novelty_"


@dataclass(frozen=True)
class Novelty:
    """Tells images that are unlike those a network was trained on, by their embeddings.

    An embedding is unusual in one of two ways. It lies far from those of training-like images: its
    squared Mahalanobis distance is large, with a variance for each of their main components and one
    for all other directions together. Or the network hardly responds: the embedding's features
    differ little among themselves, so that it looks the same as all others of this kind. Both are
    measured as logarithms, in standard deviations of training-like images, and the larger counts.

    The score is the share of training-like images that are less unusual: on images like them it is
    spread evenly over [0, 1]. Large embeddings are thinned first: every n-th feature is taken.

    Attributes:
        mean: `(m,)`, float32, of the features that are taken.
        components: `(k, m)`, float32, orthonormal, at most 32.
        variances: `(k,)`, float32, along each component, above 0.
        rest: `()`, float32, variance along each other direction, above 0.
        typical: `(2, 2)`, float32: mean and standard deviation, the latter above 0, of either
            measure over other training-like images.
        quantiles: `(q,)`, float32, rising: how unusual these are, from the least to the most in
            steps of equal shares.
        highest: `()`, float32, below 1: the score of the most unusual of these; `m / (m + 1)` of m
            images, since one more like them may be more unusual than all.

    Raises:
        ValueError: If they do not fit each other.
    """

    mean: np.ndarray
    components: np.ndarray
    variances: np.ndarray
    rest: np.ndarray
    typical: np.ndarray
    quantiles: np.ndarray
    highest: np.ndarray

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        values = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        _check_parts(
            name
            for name, value in values.items()
            if value.dtype.kind != "f" or not np.isfinite(value).all()
        )
        count = len(self.variances) if np.ndim(self.variances) == 1 else -1
        faults = {
            "mean": values["mean"].ndim != 1,
            "components": values["components"].shape != (count, values["mean"].size),
            "variances": count < 0 or not (values["variances"] > 0).all(),
            "rest": values["rest"].shape != () or not values["rest"] > 0,
            "typical": values["typical"].shape != (2, 2) or not (values["typical"][1] > 0).all(),
            "highest": values["highest"].shape != () or not 0 < values["highest"] < 1,
            "quantiles": values["quantiles"].ndim != 1
            or len(values["quantiles"]) < 2
            or not (np.diff(values["quantiles"]) >= 0).all(),
        }
        wrong = [name for name, fault in faults.items() if fault]
        _check_parts(wrong)

    @classmethod
    def fit(cls, embeddings: np.ndarray, others: np.ndarray | None = None) -> Novelty:
        """Learn what the embeddings of training-like images look like.

        Args:
            embeddings: `(n, features)`, float, of images as the network was trained on, at least
                four; of more than 4,000 every n-th is taken.
            others: `(m, features)`, float, of other such images, best of classes or by people that
                `embeddings` has none of; at least two. They make the score. None takes every second
                of `embeddings` for it.

        Returns:
            The score.

        Raises:
            ValueError: If there are too few images, or the embeddings do not fit each other.
        """
        given = np.asarray(embeddings)
        if others is None:
            given, others = given[::2], given[1::2]
        checked = np.asarray(others)
        if given.ndim != 2 or len(given) < 2 or len(checked) < 2:
            raise ValueError(
                "`embeddings` must be (n, features) of at least four images. Received: shape "
                f"{np.shape(embeddings)}. Give more images."
            )
        if checked.shape[1:] != given.shape[1:]:
            raise ValueError(
                f"`others` must have {given.shape[1]} features, as `embeddings`. Received: shape "
                f"{checked.shape}. Encode both with one network."
            )
        taken = _thinned(given[:: -(-len(given) // _MOST_IMAGES)], _MOST_FEATURES)
        mean = taken.mean(axis=0)
        _, lengths, directions = np.linalg.svd(taken - mean, full_matrices=False)
        variances = lengths**2 / len(taken)
        # A component needs some images, or its variance says little of others.
        count = min(_MOST_COMPONENTS, len(taken) // 4)
        # Directions without any spread have some, or rounding would count as distance.
        least = max(float(variances.sum()) * 1e-5, _LEAST)
        left = max(taken.shape[1] - count, 1)
        novelty = cls(
            mean.astype(np.float32),
            directions[:count].astype(np.float32),
            np.maximum(variances[:count], least).astype(np.float32),
            np.float32(max(variances[count:].sum() / left, least)),
            np.array([[0, 0], [1, 1]], np.float32),
            np.zeros(2, np.float32),
            np.float32(len(checked) / (len(checked) + 1)),
        )
        measures = novelty._measures(checked)
        spread = np.maximum(measures.std(axis=0), _LEAST_DEVIATION)
        typical = np.stack([measures.mean(axis=0), spread]).astype(np.float32)
        novelty = replace(novelty, typical=typical)
        quantiles = np.quantile(novelty.unusualness(checked), np.linspace(0, 1, _QUANTILES))
        return replace(novelty, quantiles=quantiles.astype(np.float32))

    def unusualness(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how unusual embeddings are next to those of training-like images.

        Args:
            embeddings: `(n, features)`, float, of the network that it was fitted for.

        Returns:
            `(n,)`, float64, in standard deviations; about 0.5 for an ordinary training-like image.
        """
        mean, deviation = self.typical
        return ((self._measures(embeddings) - mean) / deviation).max(axis=1)

    def _measures(self, embeddings: np.ndarray) -> np.ndarray:
        """Return `(n, 2)`, float64: log of the distance, minus log of the features' variance."""
        taken = _thinned(embeddings, len(self.mean))
        away = taken - self.mean
        along = away @ self.components.T.astype(np.float64)
        # Not by Pythagoras: components that were rounded are not quite at right angles.
        rest = ((away - along @ self.components) ** 2).sum(axis=1)
        distance = (along**2 / self.variances).sum(axis=1) + rest / float(self.rest)
        return np.log(np.maximum([distance, taken.var(axis=1)], _LEAST)).T * (1, -1)

    def scores(self, embeddings: np.ndarray) -> np.ndarray:
        """Return the share of training-like images that are less unusual.

        Args:
            embeddings: `(n, features)`, float, of the network that it was fitted for.

        Returns:
            `(n,)`, float64, in [0, 1].
        """
        unusual = self.unusualness(embeddings)
        shares = np.linspace(0, float(self.highest), len(self.quantiles))
        scores = np.interp(unusual, self.quantiles, shares)
        # Beyond the last of few images, the rest falls about as a normal distribution's tail does.
        beyond = np.maximum(unusual - float(self.quantiles[-1]), 0)
        return np.where(beyond > 0, 1 - (1 - float(self.highest)) * np.exp(-2 * beyond), scores)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return its arrays for a file, by names that begin with "novelty_"."""
        return {f"{_PREFIX}{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray], features: int) -> Novelty | None:
        """Return what `arrays` gave.

        Args:
            arrays: By name, of any float type; others are left out.
            features: Length of the network's embeddings.

        Returns:
            The score; None where none of its arrays is there.

        Raises:
            ValueError: If some are missing, do not fit each other, or not the embeddings.
        """
        found = {name: arrays[name] for name in ARRAYS if name in arrays}
        if not found:
            return None
        if len(found) < len(ARRAYS):
            raise ValueError(f"of its novelty's arrays there are only {sorted(found)}")
        parts = {name.removeprefix(_PREFIX): value for name, value in found.items()}
        _check_parts(name for name, value in parts.items() if value.dtype.kind != "f")
        novelty = cls(**{name: np.asarray(value, np.float32) for name, value in parts.items()})
        if len(novelty.mean) != _thinned(np.zeros((1, features)), len(novelty.mean)).shape[1]:
            raise ValueError(
                f"its novelty has {len(novelty.mean)} features, and the network gives {features}"
            )
        return novelty


def _check_parts(wrong: Iterable[str]) -> None:
    names = ", ".join(wrong)
    if names:
        raise ValueError(f"parts of a novelty that do not fit each other: {names}")


# What `Novelty.arrays` names them.
ARRAYS = tuple(f"{_PREFIX}{field.name}" for field in fields(Novelty))


def _thinned(embeddings: np.ndarray, most: int) -> np.ndarray:
    """Return every n-th feature, `most` at most, float64."""
    given = np.asarray(embeddings)
    return given[:, :: -(-given.shape[1] // most)].astype(np.float64)

"""Reasons to doubt the answer on an image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_siamese.data.pictures import Pictures
from keras_siamese.evaluation.novelty import WARN_FROM, Novelty


class Judged(NamedTuple):
    """What is said about an image, or of both images of a pair; see `Ranking`.

    Attributes:
        novelty: Share in [0, 1] of training-like images that are less unusual; None for unknown.
        warnings: Sentences.
    """

    novelty: float | None
    warnings: tuple[str, ...]

    def __or__(self, other: Judged) -> Judged:
        """Return what is said about both: the more unusual counts."""
        known = [novelty for novelty in (self.novelty, other.novelty) if novelty is not None]
        # An image that is compared with itself is named once.
        warnings = tuple(dict.fromkeys((*self.warnings, *other.warnings)))
        return Judged(max(known) if known else None, warnings)


def judge(pictures: Pictures, embeddings: np.ndarray, novelty: Novelty | None) -> list[Judged]:
    """Return reasons to doubt the answers on images.

    Args:
        pictures: What was read.
        embeddings: `(m, features)`, float32, of `pictures.images`.
        novelty: Tells images unlike the training images; None where nobody knows.

    Returns:
        One record for each of `pictures.images`.
    """
    if novelty is None or not len(embeddings):
        return [Judged(None, notes) for notes in pictures.notes]
    names = {
        row: source
        for row, source in zip(pictures.rows.tolist(), pictures.sources, strict=True)
        if source
    }
    judged = []
    for row, score in enumerate(novelty.scores(embeddings).tolist()):
        told = pictures.notes[row]
        if score >= WARN_FROM:
            told = (*told, _unlike(names.get(row, "picture"), score))
        judged.append(Judged(score, told))
    return judged


def _unlike(name: str, score: float) -> str:
    return (
        f"{name!r}: it is unlike the images that the network was trained on (novelty {score:.3f}), "
        "so the answer may be wrong."
    )

"""The pairs that a recognizer's threshold is chosen on, with their probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_siamese.data.folders.pair_lists import as_same
from keras_siamese.data.pairs import PairTable
from keras_siamese.data.pictures import read_labelled, read_pictures
from keras_siamese.evaluation.thresholds import count_kinds


def scored_pairs(
    recognizer: Any, left: Any, right: Any, same: Any, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of pairs, and which of them are the same.

    Args:
        recognizer: The `Recognizer`.
        left: As for `Recognizer.choose_threshold`.
        right: As for `Recognizer.choose_threshold`.
        same: As for `Recognizer.choose_threshold`.
        seed: Seed of the pairs that are drawn.

    Returns:
        `(pairs,)`, float64, and `(pairs,)`, bool, of both kinds.

    Raises:
        ValueError: As `Recognizer.choose_threshold`.
    """
    reading = recognizer.preprocessing
    if right is None and same is None:
        return _drawn(recognizer, left, seed)
    if isinstance(right, PairTable) and same is None:
        count_kinds(right.same)
        read = read_pictures(left, reading, argument="left")
        return recognizer.pair_probabilities(read.images[read.rows], right), right.same
    first = read_pictures(left, reading, argument="left")
    second = read_pictures(right, reading, argument="right")
    truth = as_same(same, max(len(first.rows), len(second.rows)))
    count_kinds(truth)
    return recognizer._pairs(first, second, recognizer._state)[0], truth


def _drawn(recognizer: Any, labelled: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of labelled images."""
    from keras_siamese.data.arrays import load_arrays
    from keras_siamese.evaluation.scoring_draws import draw_pairs

    pictures, names = read_labelled(labelled, None, recognizer.preprocessing, argument="left")
    _check_drawable(names)
    images = pictures.images[pictures.rows]
    pairs = draw_pairs(load_arrays(images, np.asarray(names)), seed=seed)
    return recognizer.pair_probabilities(images, pairs), pairs.same


def _check_drawable(names: list[Any]) -> None:
    """Refuse labelled images of which no same pair or no different pair can be drawn."""
    classes = len(set(names))
    if classes < 2 or classes == len(names):
        raise ValueError(
            "`left` must hold images of two classes or more, and two images or more of one of "
            f"them, to draw pairs from. Received: {len(names)} images of {classes} classes. Add "
            "images, or give the pairs themselves: choose_threshold(left, right, same)."
        )

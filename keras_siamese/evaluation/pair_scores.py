"""How a threshold decides labelled pairs: precision, recall and the confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.intervals import wilson_interval
from keras_siamese.evaluation.operating_point import (
    MIDDLE,
    check_threshold,
    effective_threshold,
)
from keras_siamese.evaluation.thresholds import area_under_curve, count_kinds, roc_curve


@dataclass(frozen=True)
class PairScores:
    """How a threshold decides pairs; "same" is the positive class.

    Attributes:
        threshold: Probability from which on a pair is called the same.
        true_accepts: Number of same pairs that are called the same.
        false_accepts: Number of different pairs that are called the same.
        true_rejects: Number of different pairs that are called different.
        false_rejects: Number of same pairs that are called different.
        accuracy_interval: 95 % Wilson interval of the accuracy, `(low, high)`.
        average_precision: Mean precision over all thresholds, weighted by the gain in recall, in
            [0, 1]; it needs no threshold.
        roc_auc: Area under the ROC curve, in [0, 1]; it needs no threshold.
    """

    threshold: float
    true_accepts: int
    false_accepts: int
    true_rejects: int
    false_rejects: int
    accuracy_interval: tuple[float, float]
    average_precision: float
    roc_auc: float

    @property
    def num_same(self) -> int:
        """Number of same pairs."""
        return self.true_accepts + self.false_rejects

    @property
    def num_different(self) -> int:
        """Number of different pairs."""
        return self.false_accepts + self.true_rejects

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.num_same + self.num_different

    @property
    def accuracy(self) -> float:
        """Fraction of the pairs that are decided correctly."""
        return (self.true_accepts + self.true_rejects) / self.n

    @property
    def precision(self) -> float:
        """Fraction of the pairs called the same that are; 0 where none is called the same."""
        return self.true_accepts / max(1, self.true_accepts + self.false_accepts)

    @property
    def recall(self) -> float:
        """Fraction of the same pairs that are called the same."""
        return self.true_accepts / self.num_same

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        wrong = self.false_accepts + self.false_rejects
        return 2 * self.true_accepts / (2 * self.true_accepts + wrong)

    @property
    def false_accept_rate(self) -> float:
        """Fraction of the different pairs that are called the same."""
        return self.false_accepts / self.num_different

    @property
    def false_reject_rate(self) -> float:
        """Fraction of the same pairs that are called different."""
        return self.false_rejects / self.num_same

    @property
    def confusion_matrix(self) -> np.ndarray:
        """`(2, 2)`, int64: rows are different and same pairs, columns what they are called.

        This is the order of scikit-learn: `[[true_rejects, false_accepts], [false_rejects,
        true_accepts]]`.
        """
        rows = [[self.true_rejects, self.false_accepts], [self.false_rejects, self.true_accepts]]
        return np.array(rows, np.int64)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, by name."""
        return {
            "threshold": self.threshold,
            "n": self.n,
            "num_same": self.num_same,
            "num_different": self.num_different,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "average_precision": self.average_precision,
            "roc_auc": self.roc_auc,
            "false_accept_rate": self.false_accept_rate,
            "false_reject_rate": self.false_reject_rate,
            "confusion_matrix": self.confusion_matrix.tolist(),
        }

    def __repr__(self) -> str:
        """Show it as a small report."""
        low, high = self.accuracy_interval
        return (
            f"PairScores of {self.n} pairs at threshold {self.threshold:.4f}\n"
            f"  accuracy  {self.accuracy:.4f} (95 % interval {low:.4f} to {high:.4f})\n"
            f"  precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}\n"
            f"  average precision {self.average_precision:.4f}, ROC AUC {self.roc_auc:.4f}\n"
            "             called same  called different\n"
            f"  same       {self.true_accepts:11}  {self.false_rejects:16}\n"
            f"  different  {self.false_accepts:11}  {self.true_rejects:16}"
        )


def score_pairs(probabilities: Any, same: Any, threshold: float = MIDDLE) -> PairScores:
    """Say how a threshold decides pairs whose probabilities are known.

    Args:
        probabilities: `(n,)`, float in [0, 1], that each pair shows the same class.
        same: `(n,)`, bool, or 0 and 1, whether it does; both must occur.
        threshold: Probability in [0, 1] from which on a pair is called the same.

    Returns:
        A `PairScores`.

    Raises:
        ValueError: If there are no pairs or one kind of pair only, the lengths differ, or a
            probability or the threshold is NaN or out of range.

    Example:
        >>> from keras_siamese.evaluation import score_pairs
        >>> score_pairs([0.9, 0.8, 0.3, 0.1], [True, False, True, False], 0.5)
        PairScores of 4 pairs at threshold 0.5000
          accuracy  0.5000 (95 % interval 0.1500 to 0.8500)
          precision 0.5000, recall 0.5000, F1 0.5000
          average precision 0.8333, ROC AUC 0.7500
                     called same  called different
          same                 1                 1
          different            1                 1
    """
    limit = check_threshold("threshold", threshold)
    scores, labels = np.asarray(probabilities, np.float64), np.asarray(same)
    # Checks both; from here on labels are 0 and 1.
    curve = roc_curve(scores, labels)
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(
            "`probabilities` must lie in [0, 1]. Received: numbers from "
            f"{scores.min():g} to {scores.max():g}. Apply the sigmoid to logits."
        )
    labels = labels.astype(bool)
    called_same = scores >= limit
    accepts, rejects = labels[called_same], labels[~called_same]
    correct = int(accepts.sum()) + int((~rejects).sum())
    num_same = int(labels.sum())
    found = curve.true_positive * num_same
    taken = found + curve.false_positive * (len(labels) - num_same)
    average = np.sum(np.diff(curve.true_positive) * found[1:] / taken[1:])
    return PairScores(
        threshold=limit,
        true_accepts=int(accepts.sum()),
        false_accepts=int((~accepts).sum()),
        true_rejects=int((~rejects).sum()),
        false_rejects=int(rejects.sum()),
        accuracy_interval=wilson_interval(correct, len(labels)),
        average_precision=float(average),
        roc_auc=area_under_curve(scores, labels),
    )


def evaluate_pairs(
    model: Any,
    images: ImageDataset | np.ndarray,
    pairs: PairTable,
    *,
    threshold: float | None = None,
) -> PairScores:
    """Score a network on labelled pairs at a threshold; it needs no validation pairs.

    The pairs should be of classes that the network was not trained on, and not those that the
    threshold was chosen on. Each image is encoded once.

    Args:
        model: A `Recognizer`, a `Verifier`, or a siamese network as made by `siamese_network`.
        images: A data set, such as the one of `load_pairs`, read as the network's images are; or
            `(m, height, width, channels)`, uint8, ink 255.
        pairs: Undistorted pairs of these images, with both same and different ones.
        threshold: Probability in [0, 1] from which on a pair is called the same. None takes the
            model's own, or 0.5 where it has none.

    Returns:
        A `PairScores`.

    Raises:
        ValueError: If there is one kind of pair only, the pairs are distorted or do not fit the
            images, the images do not fit the network or were read in another way, or the threshold
            is out of range.

    Example:
        >>> from keras_siamese import Recognizer, evaluate_pairs, make_glyphs, sample_pairs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3, size=53)
        >>> pairs = sample_pairs(glyphs, 40, seed=0)
        >>> recognizer = Recognizer.from_preset("omniglot")
        >>> scores = evaluate_pairs(recognizer, glyphs.images, pairs)
        >>> scores.true_accepts + scores.false_rejects, scores.roc_auc > 0.9
        (20, True)
    """
    if not isinstance(pairs, PairTable):
        raise ValueError(
            f"`pairs` must be a PairTable. Received: {type(pairs).__name__}. Take the one that "
            "`load_pairs` or `sample_pairs` returns."
        )
    pairs.check_undistorted()
    own = getattr(model, "threshold", None) if threshold is None else threshold
    limit = check_threshold("threshold", effective_threshold(own))
    count_kinds(pairs.same, "pairs")
    pixels = _checked_images(model, images)
    return score_pairs(_probabilities(model, pixels, pairs), pairs.same, limit)


def _checked_images(model: Any, images: ImageDataset | np.ndarray) -> np.ndarray:
    """Return the pixels of images that were read as the model's are."""
    if not isinstance(images, ImageDataset):
        return np.asarray(images)
    wanted, got = getattr(model, "preprocessing", None), images.preprocessing
    if wanted is not None and got is not None and wanted != got:
        raise ValueError(
            f"`images` must be read as the network's images are, with {wanted}. Received: "
            f"{images.name!r}, read with {got}. Load them with "
            "preprocessing=model.preprocessing."
        )
    return images.images


def _probabilities(model: Any, images: np.ndarray, pairs: PairTable) -> np.ndarray:
    if hasattr(model, "pair_probabilities"):
        return model.pair_probabilities(images, pairs)
    from keras_siamese.evaluation.verification import pair_probabilities

    return pair_probabilities(model, images, pairs.left, pairs.right)

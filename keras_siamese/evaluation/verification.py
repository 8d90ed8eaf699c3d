"""Verification: do two images show the same character (Koch et al. 2015, sec. 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.data.pairs import PairTable
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.finite import check_finite
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.evaluation.intervals import wilson_interval
from keras_siamese.evaluation.probabilities import expit
from keras_siamese.evaluation.thresholds import (
    area_under_curve,
    best_threshold,
    verification_accuracy,
)
from keras_siamese.models.twins import twin_encoder, twin_head

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class VerificationResult:
    """Accuracy on test pairs at the best validation threshold.

    Args:
        accuracy: Fraction of test pairs decided correctly.
        interval: 95 % Wilson interval of the accuracy, `(low, high)`.
        n: Number of test pairs.
        threshold: Probability (float64) from which on a pair is called the same, chosen on
            validation pairs.
        auc: Area under the test pairs' ROC curve, in [0, 1]; it needs no threshold.
    """

    accuracy: float
    interval: tuple[float, float]
    n: int
    threshold: float
    auc: float


def pair_probabilities(
    model: keras.Model,
    images: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    *,
    batch_size: int = 256,
) -> np.ndarray:
    """Return the probability that each pair shows the same class, encoding each image once.

    Args:
        model: Siamese network, as made by `siamese_network`.
        images: `(m, height, width, channels)`, uint8, ink 255, or float in [0, 1].
        left: `(n,)`, integer, index of each pair's first image.
        right: `(n,)`, integer, index of the second image.
        batch_size: Images per encoder call.

    Returns:
        `(n,)`, float64, in [0, 1].

    Raises:
        ValueError: If there are no pairs, the indices do not fit the images, or the images do not
            fit the encoder.
    """
    return expit(pair_logits(model, images, left, right, batch_size).astype(np.float64))


def pair_logits(
    model: keras.Model, images: np.ndarray, left: np.ndarray, right: np.ndarray, batch_size: int
) -> np.ndarray:
    """Return the logits of `pair_probabilities`, whose arguments these are.

    Returns:
        `(n,)`, float32.

    Raises:
        ValueError: As `pair_probabilities`.
    """
    encode = partial(encode_images, twin_encoder(model), batch_size=batch_size)
    return indexed_logits(encode, twin_head(model), images, left, right)


def indexed_logits(
    encode: Callable[[np.ndarray], np.ndarray],
    head: Any,
    images: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
) -> np.ndarray:
    """Compare images of one batch by pairs, encoding each that is used once.

    Args:
        encode: Gives the embeddings of images, `(m, features)`, float32.
        head: Head of a network, as `twin_head` returns it, built; or a `NumpyHead`.
        images: As `encode` takes them.
        left: `(n,)`, integer, index of each pair's first image.
        right: `(n,)`, integer, index of the second image.

    Returns:
        `(n,)`, float32.

    Raises:
        ValueError: As `pair_probabilities`.
    """
    left, right = np.asarray(left), np.asarray(right)
    if left.ndim != 1 or left.shape != right.shape or not left.size:
        raise ValueError(
            "`left` and `right` must be lists of equal length of at least one index. Received: "
            f"shapes {left.shape} and {right.shape}. Give one index in each per pair."
        )
    used, rows = np.unique(np.concatenate([left, right]), return_inverse=True)
    if used[0] < 0 or used[-1] >= len(images):
        raise ValueError(
            f"`left` and `right` must be indices into the {len(images)} images. Received: indices "
            f"from {used[0]} to {used[-1]}. Count the images from 0."
        )
    embeddings = encode(images[used])
    return head_logits(head, embeddings, rows[: left.size], rows[left.size :])


def two_sided_logits(
    head: Any, first: np.ndarray, second: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Compare images of one batch with images of another, each batch encoded separately.

    The last bits of an embedding depend on its place in a batch: encoded together, two batches that
    change places would give other probabilities.

    Args:
        head: Head of a network, as `twin_head` returns it, built; or a `NumpyHead`.
        first: `(m, features)`, float32, embeddings of the first batch.
        second: `(k, features)`, float32, embeddings of the second batch.
        left: `(n,)`, integer, row of `first` for each pair.
        right: `(n,)`, integer, row of `second` for each pair.

    Returns:
        `(n,)`, float64.

    Raises:
        ValueError: If a logit is not finite, or the head's weights do not fit the embeddings.
    """
    both = np.concatenate([first, second])
    logits = head_logits(head, both, left, right + len(first))
    return check_finite(logits, "logits").astype(np.float64)


def evaluate_verification(
    model: keras.Model,
    validation_images: np.ndarray,
    validation_pairs: PairTable,
    test_images: np.ndarray,
    test_pairs: PairTable,
    *,
    batch_size: int = 256,
) -> VerificationResult:
    """Evaluate a siamese network on verification pairs.

    Source: Koch et al. 2015, sec. 4.2 and Table 1: test accuracy at the threshold that was best on
    the validation pairs. Threshold and area are found on logits, since the sigmoid rounds large
    ones to 1 and so adds ties. The interval (Wilson's) is not the paper's, which gives none.

    Args:
        model: Siamese network, as made by `siamese_network`.
        validation_images: `(m, height, width, channels)`, uint8, ink 255.
        validation_pairs: Undistorted pairs of validation images.
        test_images: The same for the test.
        test_pairs: The same for the test.
        batch_size: Images per encoder call.

    Returns:
        A `VerificationResult`.

    Raises:
        ValueError: If pairs are distorted, or pairs, images and network do not fit each other.

    Example:
        >>> from keras_siamese import evaluate_verification, load_pretrained
        >>> from keras_siamese import make_glyphs, sample_pairs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3, size=53)
        >>> chosen_on, test = sample_pairs(glyphs, 40, seed=0), sample_pairs(glyphs, 40, seed=1)
        >>> model, images = load_pretrained("omniglot"), glyphs.images
        >>> result = evaluate_verification(model, images, chosen_on, images, test)
        >>> result.n, result.auc > 0.9
        (40, True)
    """
    for name, pairs in (("validation_pairs", validation_pairs), ("test_pairs", test_pairs)):
        pairs.check_undistorted(name)

    def logits(images: np.ndarray, pairs: PairTable) -> np.ndarray:
        return pair_logits(model, images, pairs.left, pairs.right, batch_size)

    validation = logits(validation_images, validation_pairs)
    result = score_verification(
        validation, validation_pairs.same, logits(test_images, test_pairs), test_pairs.same
    )
    return replace(result, threshold=_threshold_probability(result.threshold, validation))


def score_verification(
    validation: np.ndarray, validation_same: np.ndarray, test: np.ndarray, test_same: np.ndarray
) -> VerificationResult:
    """Decide test pairs at the threshold that is best on validation pairs.

    Args:
        validation: `(m,)`, score of each validation pair, higher is more similar.
        validation_same: `(m,)`, bool, whether each shows the same class.
        test: The same for the test.
        test_same: The same for the test.

    Returns:
        A `VerificationResult`, whose threshold is a score.

    Raises:
        ValueError: If lengths differ, a score is NaN, or all test pairs have the same label.
    """
    threshold = best_threshold(validation, validation_same)
    accuracy = verification_accuracy(test, test_same, threshold)
    n = len(test_same)
    return VerificationResult(
        accuracy=accuracy,
        interval=wilson_interval(round(accuracy * n), n),
        n=n,
        threshold=threshold,
        auc=area_under_curve(test, test_same),
    )


def _threshold_probability(threshold: float, logits: np.ndarray) -> float:
    highest = float(logits.max())
    if threshold > highest:
        # The least step up in the logit may vanish in the probability, where it must stay a step.
        return float(np.nextafter(expit(highest), np.inf))
    return float(expit(threshold))

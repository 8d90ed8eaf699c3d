"""Anybody's scores or embeddings on a protocol: accuracy, interval, and where the errors are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.protocols import OneShotProtocol, Protocol, VerificationProtocol
from keras_siamese.evaluation.embeddings import weighted_l1_sums
from keras_siamese.evaluation.episode_scores import (
    OneShotResult,
    count_by_group,
    episode_result,
    right_and_tied,
)
from keras_siamese.evaluation.row_similarities import row_similarities
from keras_siamese.evaluation.thresholds import decided_right
from keras_siamese.evaluation.verification import VerificationResult, score_verification

METRICS = ("l1", "l2", "cosine")


@dataclass(frozen=True)
class OneShotScore(OneShotResult):
    """Accuracy on the one-shot trials of a protocol, as a `OneShotResult`, and more.

    Its `protocol` is the protocol's name.

    Args:
        ties: Trials that are errors because another candidate scores as high as the true one, and
            none higher.
        per_run: For each run its alphabet, its correct trials and its trials.
    """

    ties: int
    per_run: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class VerificationScore(VerificationResult):
    """Accuracy on the test pairs of a protocol, as a `VerificationResult`, and more.

    Its `threshold` is the score from which on a pair is called the same, chosen on the validation
    pairs.

    Args:
        correct: Test pairs decided correctly.
        per_group: For every alphabet `(correct, n)`.
        protocol: The protocol's name.
    """

    correct: int
    per_group: dict[str, tuple[int, int]]
    protocol: str


def score_protocol(
    protocol: Protocol,
    *,
    scores: Any = None,
    embeddings: Any = None,
    metric: str | None = None,
    weights: Any = None,
) -> OneShotScore | VerificationScore:
    """Score what any network computed on the trials of a protocol.

    Give `scores`, or `embeddings` with `metric`. A one-shot trial is correct if the true candidate
    scores higher than every other: a tie is an error. A pair is called the same from the threshold
    on that is best on the validation pairs.

    Args:
        protocol: As `load_protocol` returns it.
        scores: Higher is more similar: negate distances. For one-shot trials `(trials,
            candidates)`, in the order of `protocol.rows()`; for pairs `(pairs,)`, the validation
            pairs first.
        embeddings: `(images, features)`, in the order of `protocol.files`.
        metric: How embeddings are compared: "l1" or "l2" distance, negated, or "cosine". With
            several support images of a class, the mean over them counts.
        weights: `(features,)`, for "l1" only: the score is `sum_j weights_j |a_j - b_j|`, as with
            the paper's alpha. None is -1 for each feature.

    Returns:
        A `OneShotScore` or a `VerificationScore`.

    Raises:
        ValueError: If not exactly one of `scores` and `embeddings` is given, one has another shape
            or is not finite, or `metric` or `weights` do not fit.

    Example:
        >>> from keras_siamese import make_glyphs, sample_episodes
        >>> from keras_siamese.data import OneShotProtocol
        >>> from keras_siamese.evaluation import score_protocol
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=3)
        >>> episodes = sample_episodes(glyphs, num_episodes=4, n_way=5, seed=0)
        >>> protocol = OneShotProtocol("glyphs", map(str, range(15)), episodes)
        >>> pixels = glyphs.images.reshape(15, -1)
        >>> result = score_protocol(protocol, embeddings=pixels, metric="cosine")
        >>> result.n, result.ties
        (20, 0)
    """
    if (scores is None) == (embeddings is None):
        both = "both" if scores is not None else "neither"
        raise ValueError(
            f"Exactly one of `scores` and `embeddings` must be given. Received: {both}. Give "
            "one of them."
        )
    if scores is not None:
        for name, value in (("metric", metric), ("weights", weights)):
            if value is not None:
                raise ValueError(
                    f"`{name}` must be for embeddings. Received: `{name}` with `scores`. Drop it."
                )
        values = _checked_scores(protocol, scores)
    else:
        values = _compared(protocol, embeddings, metric, weights)
    if isinstance(protocol, VerificationProtocol):
        return _verification_score(protocol, values)
    return _one_shot_score(protocol, values)


def scores_shape(protocol: Protocol) -> tuple[int, ...]:
    """Return the shape of a protocol's scores, as `score_protocol` takes them."""
    if isinstance(protocol, VerificationProtocol):
        return (len(protocol.validation) + len(protocol.test),)
    return (protocol.episodes.num_trials, protocol.episodes.support.shape[1])


def finite_numbers(name: str, values: Any) -> np.ndarray:
    """Check numbers that somebody computed.

    Args:
        name: Name of the argument, for errors.
        values: Any shape.

    Returns:
        Them: float64, or float32 where they were no finer.

    Raises:
        ValueError: If they are no numbers, or one is not finite.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be one array of numbers. Received: {error}. Give rows of equal length."
        ) from error
    if array.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must be numbers. Received: {array.dtype}. Convert them to float32."
        )
    array = array.astype(np.float32 if array.dtype in (np.float16, np.float32) else np.float64)
    wrong = ~np.isfinite(array)
    if wrong.any():
        first = tuple(int(place) for place in np.argwhere(wrong)[0])
        raise ValueError(
            f"`{name}` must be finite. Received: NaN or infinity in {wrong.sum()} of {array.size} "
            f"numbers, the first at {first}, counted from 0. Compute them again."
        )
    return array


def _checked_scores(protocol: Protocol, scores: Any) -> np.ndarray:
    values = finite_numbers("scores", scores)
    expected = scores_shape(protocol)
    shapes = [expected]
    if isinstance(protocol, OneShotProtocol):
        shapes.append((*protocol.episodes.queries.shape, expected[1]))
    if values.shape not in shapes:
        raise ValueError(
            f"`scores` must have shape {expected}, one score per "
            f"{'pair' if len(expected) == 1 else 'trial and candidate'} of {protocol.name!r}. "
            f"Received: {values.shape}. List them as `keras-siamese score list` does."
        )
    return values.reshape(expected)


def _compared(protocol: Protocol, embeddings: Any, metric: Any, weights: Any) -> np.ndarray:
    """Return the scores of a protocol from embeddings of its images."""
    if metric is None:
        raise ValueError(
            f"`metric` must be one of {METRICS} for embeddings. Received: none. Give the one that "
            "the network was trained for."
        )
    check_choice("metric", metric, METRICS)
    values = finite_numbers("embeddings", embeddings)
    if values.ndim != 2 or len(values) != len(protocol.files) or not values.shape[1]:
        raise ValueError(
            f"`embeddings` must have shape ({len(protocol.files)}, features), one row per image of "
            f"{protocol.name!r}. Received: {values.shape}. List the images as `keras-siamese score "
            "list` does, and flatten what is no vector."
        )
    if weights is not None and metric != "l1":
        raise ValueError(
            f"`weights` must be for the metric 'l1'. Received: them with {metric!r}. Drop them."
        )
    if isinstance(protocol, VerificationProtocol):
        both = (protocol.validation, protocol.test)
        left = np.concatenate([pairs.left for pairs in both])
        right = np.concatenate([pairs.right for pairs in both])
        return _similarities(values, left, right, metric, weights)
    episodes = protocol.episodes
    # (episodes, n_query, n_way, n_shot)
    left, right = np.broadcast_arrays(
        episodes.queries[:, :, None, None], episodes.support[:, None, :, :]
    )
    similar = _similarities(values, left, right, metric, weights).mean(axis=-1)
    return similar.reshape(scores_shape(protocol))


def _similarities(
    embeddings: np.ndarray, left: np.ndarray, right: np.ndarray, metric: str, weights: Any
) -> np.ndarray:
    """Compare pairs of rows; equal pairs get equal numbers to the last bit, so ties are seen."""
    features = embeddings.shape[1]
    if metric == "l1":
        kernel = np.full(features, -1, np.float32)
        if weights is not None:
            kernel = finite_numbers("weights", weights)
            if kernel.shape != (features,):
                raise ValueError(
                    f"`weights` must have shape ({features},), one number per feature. Received: "
                    f"{kernel.shape}. Give them in the order of the features."
                )
        return weighted_l1_sums(kernel, embeddings, left, right)
    return row_similarities(embeddings, left, right, metric)


def _one_shot_score(protocol: OneShotProtocol, scores: np.ndarray) -> OneShotScore:
    episodes = protocol.episodes
    by_run = scores.reshape(*episodes.queries.shape, -1)
    right, tied = right_and_tied(by_run, episodes.answers)
    num_queries = episodes.queries.shape[1]
    return OneShotScore(
        **vars(episode_result(right, episodes)) | {"protocol": protocol.name},
        ties=int(tied.sum()),
        per_run=tuple(
            (alphabet, correct, num_queries)
            for alphabet, correct in zip(episodes.groups, right.sum(axis=1).tolist(), strict=True)
        ),
    )


def _verification_score(protocol: VerificationProtocol, scores: np.ndarray) -> VerificationScore:
    start = len(protocol.validation)
    same = protocol.test.same
    result = score_verification(scores[:start], protocol.validation.same, scores[start:], same)
    right = decided_right(scores[start:], same, result.threshold)
    return VerificationScore(
        **vars(result),
        correct=int(right.sum()),
        per_group=count_by_group(protocol.alphabets, right, 1),
        protocol=protocol.name,
    )

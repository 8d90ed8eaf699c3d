"""Scores of one-shot episodes (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.deprecated import with_old_arguments
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.head_logits import head_logits
from keras_siamese.evaluation.intervals import wilson_interval
from keras_siamese.models.twins import twin_encoder, twin_head

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class OneShotResult:
    """Accuracy on one-shot episodes.

    Args:
        accuracy: Fraction of trials answered correctly.
        interval: 95 % Wilson interval of the accuracy, `(low, high)`.
        n: Number of trials.
        correct: Number of correct trials.
        per_group: For every alphabet (`""` for trials across alphabets) `(correct, n)`.
        protocol: `"official"`, `"within-alphabet"` or `"across-alphabets"`. Results of different
            protocols are not comparable.
    """

    accuracy: float
    interval: tuple[float, float]
    n: int
    correct: int
    per_group: dict[str, tuple[int, int]]
    protocol: str


@with_old_arguments
def one_shot_scores(
    model: keras.Model, episodes: OneShotEpisodes, *, batch_size: int = 256
) -> np.ndarray:
    """Score every query of every episode against every class.

    Every image that the episodes use is encoded exactly once: 800 for the 20 official runs, where
    encoding each pair would take 16,000. Scores are logits, since the sigmoid only adds ties
    where float32 rounds it to 1. With several shots, the logits are averaged.

    Args:
        model: Siamese network, as made by `siamese_network`.
        episodes: The episodes, with images of the encoder's input shape.
        batch_size: Images per encoder call.

    Returns:
        `(episodes, n_query, n_way)`, float32, higher is more similar.

    Raises:
        ValueError: If `model` is no siamese network or the images do not fit its encoder.
    """
    # An image may belong to many episodes, and is encoded once.
    used, rows = np.unique(
        np.concatenate([episodes.support.reshape(-1), episodes.queries.reshape(-1)]),
        return_inverse=True,
    )
    embeddings = encode_images(twin_encoder(model), episodes.images[used], batch_size=batch_size)
    support = rows[: episodes.support.size].reshape(episodes.support.shape)
    queries = rows[episodes.support.size :].reshape(episodes.queries.shape)
    return episode_logits(twin_head(model), embeddings, support, queries)


def episode_logits(
    head: Any, embeddings: np.ndarray, support: np.ndarray, queries: np.ndarray
) -> np.ndarray:
    """Score episodes whose images are encoded.

    Args:
        head: Head of a network, as `twin_head` returns it, built.
        embeddings: `(n, features)`, float32.
        support: `(episodes, n_way, n_shot)`, integer, rows of `embeddings`.
        queries: `(episodes, n_query)`, integer, rows of `embeddings`. A query is the first of the
            two that the head takes.

    Returns:
        `(episodes, n_query, n_way)`, float32, the mean logit over the shots.

    Raises:
        ValueError: If the head's weights do not fit the embeddings.
    """
    # (episodes, n_query, n_way, n_shot)
    left, right = np.broadcast_arrays(queries[:, :, None, None], support[:, None, :, :])
    return head_logits(head, embeddings, left, right).mean(axis=-1)


@with_old_arguments
def score_episodes(scores: np.ndarray, episodes: OneShotEpisodes) -> OneShotResult:
    """Count the trials whose highest score is the true class's, and its alone.

    Open in Koch et al. 2015, sec. 4.3: what a tie counts. Decided: a tie at the top is an error, so
    a collapsed network, which gives every class the same score, gets no trial right.

    Args:
        scores: `(episodes, n_query, n_way)`, higher is more similar.
        episodes: The episodes that were scored.

    Returns:
        A `OneShotResult`.

    Raises:
        ValueError: If the scores have another shape, or one is NaN.
    """
    scores = np.asarray(scores)
    num_episodes, n_way, _ = episodes.support.shape
    expected = (*episodes.queries.shape, n_way)
    if scores.shape != expected:
        raise ValueError(
            f"`scores` must have shape (episodes, n_query, n_way) = {expected}. Received: "
            f"{scores.shape}. Give each query one score per class."
        )
    if np.isnan(scores).any():
        raise ValueError(
            f"`scores` must be numbers. Received: NaN for {np.isnan(scores).any(axis=-1).sum()} of "
            f"{episodes.num_trials} trials. Look for weights or images that are not finite."
        )
    right, _ = right_and_tied(scores, episodes.answers)
    return episode_result(right, episodes)


def episode_result(right: np.ndarray, episodes: OneShotEpisodes) -> OneShotResult:
    """Count the trials that are right.

    Args:
        right: `(episodes, n_query)`, bool, of `right_and_tied`.
        episodes: The episodes that were scored.

    Returns:
        A `OneShotResult`.
    """
    correct = int(right.sum())
    return OneShotResult(
        accuracy=correct / episodes.num_trials,
        interval=wilson_interval(correct, episodes.num_trials),
        n=episodes.num_trials,
        correct=correct,
        per_group=count_by_group(episodes.groups, right.sum(axis=1), right.shape[1]),
        protocol=episodes.protocol,
    )


def count_by_group(groups: Iterable[str], right: np.ndarray, n: int) -> dict[str, tuple[int, int]]:
    """Count what was decided correctly in each group.

    Args:
        groups: The group of each episode, or of each pair.
        right: One per group in `groups`, integer or bool: how many were decided correctly there.
        n: How many were decided there.

    Returns:
        For every group `(correct, n)`, in the order in which the groups first come.
    """
    counts: dict[str, tuple[int, int]] = {}
    for group, correct in zip(groups, right.tolist(), strict=True):
        before, total = counts.get(group, (0, 0))
        counts[group] = (before + int(correct), total + n)
    return counts


def right_and_tied(scores: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decide trials: one is right if the true class scores higher than every other.

    Args:
        scores: `(episodes, n_query, n_way)`, higher is more similar.
        answers: `(episodes, n_query)`, the true classes.

    Returns:
        `(episodes, n_query)`, bool, which are right; and which are errors because another class
        scores as high as the true one, and none higher.
    """
    of_answer, others = true_and_others(scores, answers)
    highest = others.max(axis=-1)
    return of_answer > highest, of_answer == highest


def true_and_others(scores: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part the scores of the true classes from those of the others.

    Args:
        scores: `(episodes, n_query, n_way)`.
        answers: `(episodes, n_query)`, the true classes.

    Returns:
        `(episodes, n_query)`, of the true classes, and `(episodes, n_query, n_way)`, minus infinity
        there.
    """
    true_class = np.arange(scores.shape[-1]) == answers[..., None]
    return scores[true_class].reshape(answers.shape), np.where(true_class, -np.inf, scores)


@with_old_arguments
def evaluate_one_shot(
    model: keras.Model, episodes: OneShotEpisodes, *, batch_size: int = 256
) -> OneShotResult:
    """Evaluate a siamese network on one-shot episodes.

    Source: Koch et al. 2015, sec. 4.3 and Table 2: the answer is the most similar class.

    Args:
        model: Siamese network, as made by `siamese_network`.
        episodes: The episodes, with images of the encoder's input shape.
        batch_size: Images per encoder call.

    Returns:
        A `OneShotResult`.

    Raises:
        ValueError: If `model` is no siamese network, the images do not fit its encoder, or a score
            is NaN.

    Example:
        >>> from keras_siamese import evaluate_one_shot, load_pretrained, make_glyphs
        >>> from keras_siamese import sample_episodes
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3, size=53)
        >>> episodes = sample_episodes(glyphs, num_episodes=4, n_way=5, seed=0)
        >>> result = evaluate_one_shot(load_pretrained("omniglot"), episodes)
        >>> result.n, result.accuracy > 0.9
        (20, True)
    """
    return score_episodes(one_shot_scores(model, episodes, batch_size=batch_size), episodes)

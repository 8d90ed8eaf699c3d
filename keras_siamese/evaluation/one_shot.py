"""Scores of one-shot runs (Koch et al. 2015, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.data.trials import OneShotRuns
from keras_siamese.evaluation.embeddings import encode_images, weighted_l1_logits
from keras_siamese.evaluation.intervals import wilson_interval
from keras_siamese.models.twins import twin_encoder, twin_head

if TYPE_CHECKING:
    import keras

    from keras_siamese.models import WeightedL1


@dataclass(frozen=True)
class OneShotResult:
    """Accuracy on one-shot runs.

    Args:
        accuracy: Fraction of trials answered correctly.
        interval: 95 % Wilson interval of the accuracy, `(low, high)`.
        n: Number of trials.
        correct: Number of correct trials.
        per_group: For every alphabet (`""` for trials across alphabets) `(correct, n)`.
        protocol: `"official"`, `"within-alphabet"` or `"across-alphabet"`. Results of different
            protocols are not comparable.
    """

    accuracy: float
    interval: tuple[float, float]
    n: int
    correct: int
    per_group: dict[str, tuple[int, int]]
    protocol: str


def one_shot_scores(model: keras.Model, runs: OneShotRuns, *, batch_size: int = 256) -> np.ndarray:
    """Score every query of every run against every class.

    Every image that the runs use is encoded exactly once: 800 for the 20 official runs, where
    encoding each pair would take 16,000. Scores are logits, since the sigmoid only adds ties
    where float32 rounds it to 1. With several shots, the logits are averaged.

    Args:
        model: Siamese network, as made by `siamese_network`.
        runs: The runs, with images of the encoder's input shape.
        batch_size: Images per encoder call.

    Returns:
        `(runs, n_query, n_way)`, float32, higher is more similar.

    Raises:
        ValueError: If `model` is no siamese network or the images do not fit its encoder.
    """
    used, rows = np.unique(
        np.concatenate([runs.support.reshape(-1), runs.queries.reshape(-1)]), return_inverse=True
    )
    embeddings = encode_images(twin_encoder(model), runs.images[used], batch_size=batch_size)
    support = rows[: runs.support.size].reshape(runs.support.shape)
    queries = rows[runs.support.size :].reshape(runs.queries.shape)
    return run_logits(twin_head(model), embeddings, support, queries)


def run_logits(
    head: WeightedL1, embeddings: np.ndarray, support: np.ndarray, queries: np.ndarray
) -> np.ndarray:
    """Score runs whose images are encoded.

    Args:
        head: Weighted L1 distance, built.
        embeddings: `(n, features)`, float32.
        support: `(runs, n_way, n_shot)`, integer, rows of `embeddings`.
        queries: `(runs, n_query)`, integer, rows of `embeddings`.

    Returns:
        `(runs, n_query, n_way)`, float32, the mean logit over the shots.

    Raises:
        ValueError: If the head's weights do not fit the embeddings.
    """
    # (runs, n_query, n_way, n_shot)
    left, right = np.broadcast_arrays(queries[:, :, None, None], support[:, None, :, :])
    return weighted_l1_logits(head, embeddings, left, right).mean(axis=-1)


def score_runs(scores: np.ndarray, runs: OneShotRuns) -> OneShotResult:
    """Count the trials whose highest score is the true class's, and its alone.

    Open in Koch et al. 2015, sec. 4.3: what a tie counts. Decided: a tie at the top is an error, so
    a collapsed network, which gives every class the same score, gets no trial right.

    Args:
        scores: `(runs, n_query, n_way)`, higher is more similar.
        runs: The runs that were scored.

    Returns:
        A `OneShotResult`.

    Raises:
        ValueError: If the scores have another shape, or one is NaN.
    """
    scores = np.asarray(scores)
    num_runs, n_way, _ = runs.support.shape
    expected = (*runs.queries.shape, n_way)
    if scores.shape != expected:
        raise ValueError(
            f"`scores` must have shape (runs, n_query, n_way) = {expected}. "
            f"Received: {scores.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError(
            "`scores` must be numbers. Received: NaN for "
            f"{np.isnan(scores).any(axis=-1).sum()} of {runs.num_trials} trials; the network's "
            "weights or the images are not finite."
        )
    of_answer, others = true_and_others(scores, runs.answers)
    right = (of_answer > others.max(axis=-1)).sum(axis=1)
    per_group: dict[str, tuple[int, int]] = {}
    for group, num_right in zip(runs.groups, right, strict=True):
        before, n = per_group.get(group, (0, 0))
        per_group[group] = (before + int(num_right), n + runs.queries.shape[1])
    correct = int(right.sum())
    return OneShotResult(
        accuracy=correct / runs.num_trials,
        interval=wilson_interval(correct, runs.num_trials),
        n=runs.num_trials,
        correct=correct,
        per_group=per_group,
        protocol=runs.protocol,
    )


def true_and_others(scores: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part the scores of the true classes from those of the others.

    Args:
        scores: `(runs, n_query, n_way)`.
        answers: `(runs, n_query)`, the true classes.

    Returns:
        `(runs, n_query)`, of the true classes, and `(runs, n_query, n_way)`, minus infinity there.
    """
    true_class = np.arange(scores.shape[-1]) == answers[..., None]
    return scores[true_class].reshape(answers.shape), np.where(true_class, -np.inf, scores)


def evaluate_one_shot(
    model: keras.Model, runs: OneShotRuns, *, batch_size: int = 256
) -> OneShotResult:
    """Evaluate a siamese network on one-shot runs.

    Source: Koch et al. 2015, sec. 4.3 and Table 2: the answer is the most similar class.

    Args:
        model: Siamese network, as made by `siamese_network`.
        runs: The runs, with images of the encoder's input shape.
        batch_size: Images per encoder call.

    Returns:
        A `OneShotResult`.

    Raises:
        ValueError: If `model` is no siamese network, the images do not fit its encoder, or a score
            is NaN.

    Example:
        >>> from keras_siamese import evaluate_one_shot, load_pretrained, make_glyphs, sample_runs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3, size=53)
        >>> runs = sample_runs(glyphs, num_runs=4, n_way=5, seed=0)
        >>> result = evaluate_one_shot(load_pretrained("omniglot"), runs)
        >>> result.n, result.accuracy > 0.9
        (20, True)
    """
    return score_runs(one_shot_scores(model, runs, batch_size=batch_size), runs)

"""Scores of a trained run, described as the JSON types of a result file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from keras_siamese.data import PairTable
from keras_siamese.evaluation import (
    OneShotResult,
    VerificationResult,
    area_under_curve,
    evaluate_one_shot,
    evaluate_verification,
    nearest_neighbour_scores,
    pair_probabilities,
    score_episodes,
)
from reproduce import provenance
from reproduce.paper.config import RunConfig
from reproduce.paper.data import RunData, TestData
from reproduce.paper.plan import pairs_cell

if TYPE_CHECKING:
    from keras_siamese.training import TrainingResult


def score(
    model: keras.Model, data: RunData, test: TestData, config: RunConfig
) -> list[dict[str, Any]]:
    """Score the test once: one-shot by protocol, MNIST, nearest neighbour, verification."""
    entries = []
    for episodes in test.episodes:
        result = evaluate_one_shot(model, episodes)
        entries.append(one_shot_entry(result, 2, config.encoder, config.size))
    if test.mnist_episodes is not None:
        result = evaluate_one_shot(model, test.mnist_episodes)
        entries.append(one_shot_entry(result, 3, config.encoder, config.size))
    for episodes in test.episodes:
        nearest = score_episodes(nearest_neighbour_scores(episodes), episodes)
        entries.append(one_shot_entry(nearest, 2, "nearest neighbour", config.size))
    for protocol, pairs in (
        ("verification", test.pairs),
        ("across-alphabets", test.across_pairs),
    ):
        entries.append(verification_entry(model, data, pairs, protocol, config))
    return entries


def verification_entry(
    model: keras.Model, data: RunData, pairs: PairTable, protocol: str, config: RunConfig
) -> dict[str, Any]:
    """Score test pairs at the threshold that is best on the validation pairs within alphabets."""
    result = evaluate_verification(
        model,
        data.splits.validation.images,
        data.validation_pairs,
        data.splits.test.images,
        pairs,
    )
    # Table 1 has no cell for the net without convolutions.
    table, kind = (None, ", dense") if config.encoder == "dense" else (1, "")
    return describe_verification(
        result,
        table,
        pairs_cell(config.num_pairs, config.num_distortions) + kind,
        protocol,
        config.size,
    )


def describe_verification(
    result: VerificationResult, table: int | None, cell: str, protocol: str, size: int
) -> dict[str, Any]:
    """Describe a verification score as JSON types."""
    return {
        "table": table,
        "cell": cell,
        "metric": "verification accuracy",
        "value": result.accuracy,
        "interval": list(result.interval),
        "n": result.n,
        "protocol": protocol,
        "size": size,
        "threshold": result.threshold,
        "auc": result.auc,
    }


def validation_scores(
    model: keras.Model, data: RunData, config: RunConfig
) -> dict[str, dict[str, Any]]:
    """Score the validation alphabets: the 320 trials that chose the epoch, and finer measures.

    Returns:
        `validation`, the 320 trials; `validation_wide`, 4,000 trials of the same drawers;
        `validation_pairs`, the area under the ROC curve of the validation pairs.
    """
    pairs = data.validation_pairs
    probabilities = pair_probabilities(
        model, data.splits.validation.images, pairs.left, pairs.right
    )
    chosen = evaluate_one_shot(model, data.validation_episodes)
    wide = evaluate_one_shot(model, data.wide_validation_episodes)
    return {
        "validation": one_shot_entry(chosen, None, "validation", config.size),
        "validation_wide": one_shot_entry(wide, None, "validation, wide", config.size),
        "validation_pairs": {"auc": area_under_curve(probabilities, pairs.same), "n": len(pairs)},
    }


def one_shot_entry(
    result: OneShotResult, table: int | None, cell: str, size: int
) -> dict[str, Any]:
    """Describe a one-shot score as JSON types."""
    return {
        "table": table,
        "cell": cell,
        "metric": "one-shot accuracy",
        "value": result.accuracy,
        "interval": list(result.interval),
        "n": result.n,
        "protocol": result.protocol,
        "size": size,
        "per_alphabet": {name: list(counts) for name, counts in result.per_group.items()},
    }


def run_entry(
    config: RunConfig,
    data: RunData,
    training: TrainingResult,
    results: list[dict[str, Any]],
    validated: dict[str, dict[str, Any]],
    seconds: float,
    commit: str | None,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Describe a run as a result file does.

    Args:
        config: The run.
        data: Its data.
        training: How it was trained.
        results: What `score` gave, the main result first; empty where the test was not scored.
        validated: What `validation_scores` gave.
        seconds: Time of preparation, training and scoring.
        commit: Of the code.
        facts: Further facts of this kind of run.
    """
    return {
        "role": config.role,
        **(results[0] if results else validated["validation"]),
        "seed": config.seed,
        **validated,
        "other_results": results[1:],
        "config": config.settings(),
        **facts,
        "data": describe_data(data),
        "training": training_entry(training),
        "hardware": provenance.hardware(),
        "seconds": round(seconds, 1),
        "versions": provenance.versions(),
        "commit": commit,
    }


def training_entry(training: TrainingResult) -> dict[str, Any]:
    """Describe the training as JSON types."""
    return {
        "epochs": training.epochs,
        "finished": training.finished,
        "best_epoch": training.best_epoch,
        "history": {
            name: [round(value, 5) for value in values] for name, values in training.history.items()
        },
    }


def describe_data(data: RunData) -> dict[str, Any]:
    """Describe the data as JSON types."""
    splits = data.splits
    return {
        part: {
            "name": dataset.name,
            "images": len(dataset),
            "alphabets": len(set(dataset.alphabet.tolist())),
            "characters": len(set(dataset.character.tolist())),
        }
        for part, dataset in (
            ("train", splits.train),
            ("validation", splits.validation),
            ("test", splits.test),
        )
    } | {"training_pairs": len(data.training_pairs)}

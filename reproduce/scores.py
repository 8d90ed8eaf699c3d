"""Scores of a trained run, described as the JSON types of a result file."""

from __future__ import annotations

from typing import Any

import keras

from keras_siamese.evaluation import (
    OneShotResult,
    evaluate_one_shot,
    evaluate_verification,
    nearest_neighbour_scores,
    score_runs,
)
from keras_siamese.training import TrainingResult
from reproduce.configs.base import RunConfig
from reproduce.material import Material


def score(model: keras.Model, material: Material, config: RunConfig) -> list[dict[str, Any]]:
    """Score the test alphabets once: one-shot by protocol, nearest neighbour, verification."""
    entries = []
    for runs in material.test_runs:
        result = evaluate_one_shot(model, runs)
        entries.append(one_shot_entry(result, 2, config.encoder, config))
    for runs in material.test_runs:
        nearest = score_runs(nearest_neighbour_scores(runs), runs)
        entries.append(one_shot_entry(nearest, 2, "nearest neighbour", config))
    verification = evaluate_verification(
        model,
        material.splits.validation.images,
        material.validation_pairs,
        material.splits.test.images,
        material.test_pairs,
    )
    entries.append(
        {
            "table": 1,
            "cell": f"{config.num_pairs // 1000}k"
            + (f" x{config.num_distortions}" if config.num_distortions else ""),
            "metric": "verification accuracy",
            "value": verification.accuracy,
            "interval": list(verification.interval),
            "n": verification.n,
            "protocol": "verification",
            "size": config.size,
            "threshold": verification.threshold,
            "auc": verification.auc,
        }
    )
    return entries


def one_shot_entry(
    result: OneShotResult, table: int | None, cell: str, config: RunConfig
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
        "size": config.size,
        "per_alphabet": {name: list(counts) for name, counts in result.per_group.items()},
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


def describe(material: Material) -> dict[str, Any]:
    """Describe the data as JSON types."""
    splits = material.splits
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
    } | {"training_pairs": len(material.training_pairs)}

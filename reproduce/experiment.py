"""One run: train as the paper does, score once, write the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from keras_siamese.evaluation import (
    OneShotResult,
    evaluate_one_shot,
    evaluate_verification,
    nearest_neighbour_scores,
    score_runs,
)
from keras_siamese.models import (
    LayerwiseSGD,
    dense_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
)
from keras_siamese.training import TrainingConfig, TrainingResult, train
from reproduce import provenance
from reproduce.configs.base import RunConfig
from reproduce.material import Material, prepare

ENCODERS: dict[str, Callable[..., keras.Model]] = {
    "koch": koch_encoder,
    "reduced": reduced_encoder,
    "dense": dense_encoder,
}


class TimeBudget(keras.callbacks.Callback):
    """Stop training after some minutes; the run stays resumable."""

    def __init__(self, minutes: float) -> None:
        """Store the budget."""
        super().__init__()
        self.minutes = minutes

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start the clock."""
        self.end = time.monotonic() + 60 * self.minutes

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Stop once the time is up."""
        if time.monotonic() >= self.end:
            self.model.stop_training = True


def time_budget(minutes: float | None) -> tuple[keras.callbacks.Callback, ...]:
    """Return the callbacks for a budget in minutes, none where there is none."""
    return () if minutes is None else (TimeBudget(minutes),)


def build(config: RunConfig, precision: str = "float32") -> keras.Model:
    """Build and compile the siamese network of a run, with the paper's initial weights."""
    if config.encoder not in ENCODERS:
        raise ValueError(
            f"`encoder` must be one of {', '.join(ENCODERS)}. Received: {config.encoder!r}"
        )
    encoder = ENCODERS[config.encoder](
        (config.size, config.size, 1),
        seed=config.seed,
        initializer=config.initializer,
        dtype=precision,
        **config.encoder_options,
    )
    model = siamese_network(encoder, seed=config.seed, initializer=config.initializer)
    optimizer = LayerwiseSGD(config.learning_rates, config.momenta, config.l2)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def run(
    config: RunConfig,
    *,
    data_dir: Path | None = None,
    run_dir: Path,
    resume: bool = False,
    score_test: bool = True,
    callbacks: tuple[keras.callbacks.Callback, ...] = (),
    verbose: int = 2,
) -> dict[str, Any]:
    """Train, score and describe one run.

    Args:
        config: The run.
        data_dir: Folder with the data (see `prepare`).
        run_dir: Folder of the run's state.
        resume: Go on from the state in `run_dir`.
        score_test: Score the test alphabets. Leave it off while choosing a configuration: then the
            result holds validation figures alone.
        callbacks: Further Keras callbacks.
        verbose: As in `keras_siamese.training.train`.

    Returns:
        The result, as JSON types.
    """
    start = time.perf_counter()
    material = prepare(config, data_dir)
    training_model = build(config, config.precision)
    training = train(
        training_model,
        material.splits.train,
        material.training_pairs,
        material.validation_runs,
        TrainingConfig(
            batch_size=config.batch_size,
            epochs=config.epochs,
            patience=config.patience,
            epoch_pairs=config.epoch_pairs,
            ramp_epochs=config.ramp_epochs,
            seed=config.seed,
            jit_compile=config.jit_compile,
        ),
        run_dir=run_dir,
        resume=resume,
        callbacks=callbacks,
        verbose=verbose,
    )
    model = build(config)
    model.set_weights(training_model.get_weights())
    model.save(run_dir / "model.keras")
    results = score(model, material, config) if score_test else []
    validation = evaluate_one_shot(model, material.validation_runs)
    main = results[0] if results else one_shot_entry(validation, None, "validation", config)
    return {
        **main,
        "seed": config.seed,
        "validation": one_shot_entry(validation, None, "validation", config),
        "other_results": results[1:],
        "config": asdict(config),
        "data": describe(material),
        "training": training_entry(training),
        "hardware": provenance.hardware(),
        "seconds": round(time.perf_counter() - start, 1),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }


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

"""One training on a GPU in a given time, with any Keras backend: needs no TensorFlow.

KERAS_BACKEND=jax python -m reproduce.paper.gpu_run --seconds 540 --out DIR

It measures the speed, fits the schedule to the time that is left, trains, scores the test once, and
writes every file as soon as it is known. Kill it at any moment: what was written is whole. With
--no-fit, the run keeps its own number of epochs, and is only stopped where the time ends before it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import keras
import typer

from keras_siamese.argument_checks import check_number, check_whole
from keras_siamese.training import TrainingConfig, train
from keras_siamese.training.pair_training import epoch_batches
from keras_siamese.training.step import make_train_step
from reproduce import provenance, script
from reproduce.paper.config import RunConfig
from reproduce.paper.curve import Curve
from reproduce.paper.data import RunData, prepare, prepare_test
from reproduce.paper.figure_data import collect
from reproduce.paper.packed_weights import pack
from reproduce.paper.paper_network import build_network, training_config
from reproduce.paper.plan import gpu_config
from reproduce.paper.presets import load_preset
from reproduce.paper.scores import run_entry, score, validation_scores
from reproduce.results import parse_settings, write

# Precisions of a training: of the layers, and of products of float32 on a GPU.
PRECISIONS = {
    "float32": ("float32", "highest"),
    "tf32": ("float32", "default"),
    "bfloat16": ("mixed_bfloat16", "default"),
}
# Time of the scores, the figures and the weights at the end.
SCORING_SECONDS = 60.0
# The schedule is made for a little less than the time, since speed varies.
MARGIN = 0.96


class Deadline(keras.callbacks.Callback):
    """Stop where another epoch would end too late."""

    def __init__(self, deadline: float) -> None:
        """Store the time, by `time.monotonic`."""
        super().__init__()
        self.deadline = deadline
        self.started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Take the time."""
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Look at the time."""
        now = time.monotonic()
        if now + (now - self.started) > self.deadline:
            self.model.stop_training = True


@contextmanager
def products_of(precision: str) -> Iterator[None]:
    """Compute products of float32 in a precision, where the backend has more than one."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.default_matmul_precision(PRECISIONS[precision][1]):
        yield


def parse_try(text: str) -> tuple[str, int]:
    """Return precision and batch size of PRECISION:BATCH."""
    kind, _, batch = text.partition(":")
    if kind not in PRECISIONS or not batch.isdecimal() or int(batch) < 1:
        raise ValueError(
            f"--try must be PRECISION:BATCH, with one of {', '.join(PRECISIONS)} and a number of "
            f"at least 1. Received: {text!r}. Give for example tf32:1024."
        )
    return kind, int(batch)


def measure_speed(
    config: RunConfig, precision: str, batch_size: int, data: RunData, seconds: float
) -> dict[str, Any]:
    """Return the pairs per second of the training step, after its first steps."""
    started = time.monotonic()
    model = build_network(config, PRECISIONS[precision][0])
    step = make_train_step(
        model,
        data.splits.train.images,
        distorted=data.training_pairs.left_transform is not None,
    )
    # Whole batches without end: a smaller one would be compiled anew.
    settings = TrainingConfig(batch_size=batch_size, epoch_pairs=64 * batch_size, seed=config.seed)
    batches = (
        batch
        for epoch in itertools.count()
        for batch in epoch_batches(data.training_pairs, epoch, settings)
    )

    def run(count: int) -> float:
        before = time.monotonic()
        step.begin()
        for arrays, _ in itertools.islice(batches, count):
            loss, _ = step(*arrays)
        float(loss)
        step.end()
        return time.monotonic() - before

    steps = 20
    with products_of(precision):
        run(steps)
        first = time.monotonic() - started
        taken = run(steps)
        steps = max(steps, int(steps * seconds / taken))
        taken = run(steps)
    return {
        "precision": precision,
        "batch_size": batch_size,
        "pairs_per_second": round(steps * batch_size / taken, 1),
        "first_steps_seconds": round(first, 1),
    }


def fitted(
    config: RunConfig, speed: float, seconds: float, final_rate: float, validation: float
) -> RunConfig:
    """Return a run whose epochs fill the time, and whose rates fall to a fraction in them."""
    epoch_pairs = config.epoch_pairs or config.num_pairs * (config.num_distortions + 1)
    epochs = max(2, int(MARGIN * seconds / (epoch_pairs / speed + validation)))
    return config.with_length(epochs, final_rate)


def run(
    config: RunConfig,
    *,
    precision: str,
    out: Path,
    data: RunData,
    data_dir: Path | None,
    deadline: float,
    commit: str | None,
    speeds: list[dict[str, Any]],
    score_test: bool = True,
    keep_weights: bool = False,
) -> dict[str, Any]:
    """Train, score and write a run."""
    name = f"{config.name}-seed{config.seed}"
    started = time.monotonic()
    # Before training, so that missing data is reported before the work and not after it.
    test = prepare_test(config, data.splits, data_dir) if score_test else None
    model = build_network(config, PRECISIONS[precision][0])
    curve = out / f"curve-{name}.csv"
    with products_of(precision):
        training = train(
            model,
            data.splits.train,
            data.training_pairs,
            data.validation_episodes,
            training_config(config),
            callbacks=[Curve(curve), Deadline(deadline)],
        )
    network = build_network(config)
    network.set_weights(model.get_weights())
    with products_of("float32"):
        results = score(network, data, test, config) if test else []
        validated = validation_scores(network, data, config)
        seconds = time.monotonic() - started
        facts = {"backend": keras.backend.backend(), "products": precision, "speeds": speeds}
        result = run_entry(config, data, training, results, validated, seconds, commit, facts)
        write(out / f"{name}.json", result)
        print(name, "value", result["value"], "wide", validated["validation_wide"]["value"])
        for other in results[1:]:
            print(" ", other["cell"], other["metric"], other["protocol"], other["value"])
        if test:
            if keep_weights:
                pack(network, out, name)
            write(
                out / f"figures-{name}.json", collect(network, data, test, config, data_dir), None
            )
    return result


def main(
    out: Annotated[Path, typer.Option(help="Folder for what it writes.")],
    seconds: Annotated[float, typer.Option(help="Time of the whole, in seconds.")] = 540.0,
    preset: Annotated[
        str | None, typer.Option(help="The run, else gpu105; its epochs and decay fit the time.")
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="Or the 105x105 run of a cell, as '30k x8' or 'dense'.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the run.")] = 0,
    fit: Annotated[
        bool, typer.Option(help="Fit epochs and decay to the time, else take the run's own.")
    ] = True,
    try_: Annotated[
        list[str] | None,
        typer.Option("--try", help="PRECISION:BATCH to measure first; the fastest is taken."),
    ] = None,
    only_measure: Annotated[
        bool, typer.Option("--only-measure", help="Measure, then train the --choose settings.")
    ] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option(help="Settings as name=value,name=value, trained by validation alone first."),
    ] = None,
    choose_pairs: Annotated[int, typer.Option(help="Pairs of each --choose training.")] = 60_000,
    final_rate: Annotated[float, typer.Option(help="Fraction that the rates fall to.")] = 0.125,
    validation_seconds: Annotated[float, typer.Option(help="Time of a validation.")] = 0.6,
    data_dir: Annotated[
        Path | None, typer.Option("--data", help="Folder with the data, else the cache.")
    ] = None,
    weights: Annotated[bool, typer.Option(help="Write the weights, in 8 bits.")] = True,
    commit: Annotated[str | None, typer.Option(help="Commit of the code, outside git.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
    ] = None,
) -> None:
    """Measure, train, score and write."""
    began = time.monotonic()
    if preset and cell:
        raise ValueError("--preset and --cell must not come together. Received: both. Drop one.")
    check_number("seconds", seconds, above=SCORING_SECONDS)
    check_number("final_rate", final_rate, above=0, most=1)
    check_whole("choose_pairs", choose_pairs, least=4 * 64)
    origin = provenance.origin() | ({"commit": commit} if commit else {})
    config = gpu_config(cell) if cell else load_preset(preset or "gpu105")
    config = config.override(seed=seed, **parse_settings(set_ or []))
    precision = "bfloat16" if config.precision == "mixed_bfloat16" else "tf32"
    tries = [parse_try(text) for text in try_ or []]
    out.mkdir(parents=True, exist_ok=True)
    data = prepare(config, data_dir)
    print(f"{origin['hardware']} {origin['versions']}; data: {time.monotonic() - began:.1f} s")

    speeds = []
    for kind, batch in tries or [(precision, config.batch_size)] * fit:
        speeds.append(measure_speed(config, kind, batch, data, 3.0))
        write(out / "speeds.json", {**origin, "speeds": speeds})
        print(speeds[-1], f"at {time.monotonic() - began:.1f} s", flush=True)
    if speeds:
        best = max(speeds, key=lambda speed: speed["pairs_per_second"])
        precision, config = best["precision"], config.override(batch_size=best["batch_size"])
    config = config.override(precision=PRECISIONS[precision][0])
    train_one = partial(
        run, precision=precision, out=out, data=data, data_dir=data_dir,
        commit=origin["commit"], speeds=speeds,
    )  # fmt: skip

    for text in choose or []:
        changes = parse_settings(text.split(","))
        label = text.replace("=", "-").replace(",", "-")
        trial = config.override(
            epoch_pairs=choose_pairs // 4 // 64 * 64,
            epochs=4,
            patience=4,
            ramp_epochs=1,
            decay=round(1 - final_rate ** (1 / 3), 6),
            role="choice",
        ).override(name=f"choice-gpu-{label}", **changes)
        train_one(trial, deadline=began + seconds, score_test=False)
        print(f"at {time.monotonic() - began:.1f} s", flush=True)
    if only_measure:
        return

    left = began + seconds - time.monotonic() - SCORING_SECONDS
    if fit:
        config = fitted(config, best["pairs_per_second"], left, final_rate, validation_seconds)
    print(f"{config.epochs} epochs of {config.epoch_pairs} pairs in {left:.0f} s", flush=True)
    train_one(config, deadline=began + seconds - SCORING_SECONDS, keep_weights=weights)


if __name__ == "__main__":
    with script.errors_told("gpu_run"):
        script.run(main)

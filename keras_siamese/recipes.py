"""The recipe for anybody's images: a network trained, scored on held-out classes, calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data import ImageDataset, OneShotRuns, PairTable, distort_pairs, most_ways
from keras_siamese.data.heldout import check_classes, hold_out_classes
from keras_siamese.data.scoring_draws import draw_pairs, draw_runs
from keras_siamese.evaluation import OneShotResult, OperatingPoint, evaluate_one_shot
from keras_siamese.evaluation.operating_point import check_fraction
from keras_siamese.models import (
    LayerwiseSGD,
    conv_encoder,
    koch_encoder,
    reduced_encoder,
    siamese_network,
)
from keras_siamese.training import EpisodeConfig, TrainingConfig, calibrate, train, train_episodes
from keras_siamese.verifier import Verifier

# From this side on, in pixels, the paper's own kernels fit.
_FULL_SIZE = 105
_LONGEST_EPOCH = 10_000
# Images of each class in a block.
_MOST_DRAWINGS = 4
# What each method is told, with what it does where it is not.
_STEPS = 2000
_PAIRS, _EPOCHS = 30_000, 20
_WIDTH = 32


@dataclass(frozen=True)
class TrainingReport:
    """What a network was trained on, and how well it does on the classes that it was not shown.

    Attributes:
        data: Name of the data set.
        held_out: Names of the classes that were held out, sorted.
        n_way: Classes of a one-shot trial; None where no class was held out.
        one_shot: Accuracy of one-shot trials of the held-out classes; None likewise.
        operating_point: How the threshold decides held-out pairs; None likewise.
        uncalibrated: Why the probabilities could not be made to fit held-out pairs; None where they
            were, or nothing was held out.
    """

    data: str
    held_out: tuple[str, ...] = ()
    n_way: int | None = None
    one_shot: OneShotResult | None = None
    operating_point: OperatingPoint | None = None
    uncalibrated: str | None = None


@dataclass(frozen=True)
class _Plan:
    """How to train, as the caller said it; None where nothing was said."""

    method: str
    width: int | None
    steps: int | None
    pairs: int | None
    epochs: int | None
    seed: int
    state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked without images."""
        if self.method not in RECIPES:
            raise ValueError(
                f"`method` must be one of {tuple(RECIPES)}. Received: method={self.method!r}. "
                "Choose from that list."
            )
        others = ("pairs", "epochs") if self.method == "episodes" else ("steps",)
        for name in others:
            if getattr(self, name) is not None:
                raise ValueError(
                    f"`{name}` is not for method {self.method!r}. Received: "
                    f"{name}={getattr(self, name)!r}. Leave it out, or choose the other method."
                )
        for name in ("width", "steps", "pairs", "epochs"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 1):
                raise ValueError(
                    f"`{name}` must be a whole number from 1 on. Received: {name}={value!r}."
                )


def train_recognizer(
    data: ImageDataset,
    *,
    method: str = "episodes",
    width: int | None = None,
    steps: int | None = None,
    pairs: int | None = None,
    epochs: int | None = None,
    held_out: float = 0.2,
    false_accept_rate: float = 0.01,
    protocol: str = "across-alphabet",
    seed: int = 0,
    run_dir: str | Path | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> tuple[Verifier, TrainingReport]:
    """Train a network on images of classes, and score it on classes that it was not shown.

    Args:
        data: Images, two or more of each class; twenty classes or more are a good start.
        method: "episodes", blocks of classes that are all compared with each other; or "pairs",
            the paper's.
        width: Filters of the first convolution; the rest follows. None for 32.
        steps: Steps of method "episodes"; None for 2,000.
        pairs: Undistorted pairs of method "pairs"; None for 30,000.
        epochs: Epochs of method "pairs", of up to 10,000 pairs; None for 20.
        held_out: Share of the classes (or of the alphabets, where there are five or more) that no
            step sees: they give the score, fit the probabilities and choose the threshold. 0 for
            none.
        false_accept_rate: Fraction of different held-out pairs that the threshold may call the
            same.
        protocol: As for `sample_runs`, how one-shot trials are drawn from the held-out classes:
            "within-alphabet" where a drawer's number means one person in the whole alphabet.
        seed: Seed of all that is random.
        run_dir: Folder in which the state of the run is kept.
        resume: Go on from the state in `run_dir`, if there is one.
        callbacks: Further Keras callbacks.
        verbose: 0 is silent, 1 shows what is trained on, a line for every epoch and a bar.

    Returns:
        The network with its threshold, and what came of the training.

    Raises:
        ValueError: If an argument is out of range or of another method, there are too few classes
            or images, or the saved run had another configuration.
        DivergedError: If the loss is no longer finite.
        OSError: If `run_dir` cannot be written.
    """
    plan = _Plan(
        method,
        width,
        steps,
        pairs,
        epochs,
        seed,
        {"run_dir": run_dir, "resume": resume, "callbacks": callbacks, "verbose": verbose},
    )
    check_fraction("false_accept_rate", false_accept_rate)
    runs = None
    if held_out:
        known, unseen = hold_out_classes(data, fraction=held_out, seed=seed)
        runs = draw_runs(unseen, protocol=protocol, seed=seed)
    else:
        check_classes(data, 2, "to train on")
        known, unseen = data, None
    if verbose:
        print(f"training on {known}" + (f"\nvalidating on {unseen}" if unseen else ""), flush=True)
    model = RECIPES[method](known, runs, plan)
    verifier = Verifier(model, preprocessing=data.preprocessing)
    if unseen is None or runs is None:
        return verifier, TrainingReport(data.name)
    one_shot = evaluate_one_shot(model, runs)
    table = draw_pairs(unseen, seed=seed)
    uncalibrated = _calibrate(model, unseen, table)
    point = verifier.choose_threshold(unseen.images, table, false_accept_rate=false_accept_rate)
    return verifier, TrainingReport(
        data.name,
        held_out=tuple(sorted(set(unseen.labels.tolist()))),
        n_way=runs.support.shape[1],
        one_shot=one_shot,
        operating_point=point,
        uncalibrated=uncalibrated,
    )


def _train_on_episodes(images: ImageDataset, runs: OneShotRuns | None, plan: _Plan) -> keras.Model:
    """Train a `conv_encoder` on blocks of up to 20 classes.

    It pools until two or three pixels a side are left, whose features are the embedding. A block
    has up to four images of each class, as many as the smallest class has, all compared with each
    other; a step has some 160 images. The kernels take steps of Muon (docs/beyond.md).
    """
    shape = images.images.shape[1:]
    width = _WIDTH if plan.width is None else plan.width
    pools = max(1, min(shape[:2]).bit_length() - 2)
    filters = [width, 2 * width, 4 * width, *[8 * width] * pools][: max(pools, 4)]
    encoder = conv_encoder(shape, filters=filters, num_pools=pools, units=None, seed=plan.seed)
    model = siamese_network(encoder, seed=plan.seed, initializer="he")
    smallest = int(np.unique(images.character, return_counts=True)[1].min())
    drawings = min(max(smallest, 2), _MOST_DRAWINGS)
    steps = _STEPS if plan.steps is None else plan.steps
    config = EpisodeConfig(
        n_way=most_ways(images),
        n_shot=drawings - 1,
        compare="drawers",
        blocks=2 * _MOST_DRAWINGS // drawings,
        steps=steps,
        optimizer="muon",
        validate_every=min(500, -(-steps // 10)),
        seed=plan.seed,
    )
    train_episodes(model, images, config, validation_runs=runs, **plan.state)
    return model


def _train_on_pairs(images: ImageDataset, runs: OneShotRuns | None, plan: _Plan) -> keras.Model:
    """Train the paper's encoder for the size on pairs with eight distortions each."""
    if runs is None:
        raise ValueError(
            "Method 'pairs' needs held-out classes to find its best epoch. Received: held_out=0. "
            "Hold some out."
        )
    shape = images.images.shape[1:]
    width = _WIDTH if plan.width is None else plan.width
    epochs = _EPOCHS if plan.epochs is None else plan.epochs
    make_encoder = koch_encoder if min(shape[:2]) >= _FULL_SIZE else reduced_encoder
    filters = (width, 2 * width, 2 * width, 4 * width)
    encoder = make_encoder(
        shape, filters=filters, units=64 * width, seed=plan.seed, initializer="he"
    )
    model = siamese_network(encoder, seed=plan.seed, initializer="he")
    optimizer = LayerwiseSGD(0.05, momenta=0.9, l2=5e-4)
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    table = draw_pairs(images, seed=plan.seed, limit=_PAIRS if plan.pairs is None else plan.pairs)
    table = distort_pairs(table, 8, images.image_size, seed=plan.seed + 1)
    config = TrainingConfig(
        epochs=epochs,
        epoch_pairs=min(_LONGEST_EPOCH, len(table)),
        ramp_epochs=max(1, epochs // 4),
        seed=plan.seed,
    )
    train(model, images, table, runs, config, **plan.state)
    return model


RECIPES: dict[str, Callable[[ImageDataset, OneShotRuns | None, _Plan], keras.Model]] = {
    "episodes": _train_on_episodes,
    "pairs": _train_on_pairs,
}


def _calibrate(model: keras.Model, images: ImageDataset, pairs: PairTable) -> str | None:
    """Make the probabilities fit held-out pairs; what learned nothing stays as it is."""
    try:
        calibrate(model, images.images, pairs)
    except ValueError as error:
        return str(error)
    return None

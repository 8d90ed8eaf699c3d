"""Claim 3: two physical copies from equal weights, given the sum, their own, or averaged."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from examples.tied.material import Material, small_encoder
from examples.tied.twin_models import (
    Twins,
    apartness,
    asymmetry,
    copied_twins,
    flat,
    one_shot_correct,
    relative,
    tied_twins,
)
from examples.tied.twin_training import RATE, encoder_rates, train_twins


def copies_trained(
    material: Material, *, steps: int = 200, every: int = 20, scored_every: int = 100
) -> dict[str, Any]:
    """Train tied twins and two copies by each rule, and compare what becomes of their weights."""
    runs: dict[str, dict[str, Any]] = {}
    ends: dict[str, Twins] = {}
    path: dict[str, list[np.ndarray]] = {}
    for rule in ("tied", "sum", "own", "average", "half"):
        tied = rule in ("tied", "half")
        twins = (tied_twins if tied else copied_twins)(small_encoder())
        # Half the step for the encoder alone: the head has no twin.
        rate = encoder_rates(twins, RATE / 2, RATE) if rule == "half" else RATE
        curve: dict[str, list] = {name: [] for name in ("step", "apart", "asymmetry")}
        scores: dict[str, list] = {"step": [], "accuracy": []}
        path[rule] = []
        watch = functools.partial(
            _watch, twins, material, every, scored_every, curve, scores, path[rule]
        )
        loss = train_twins(
            twins, "tied" if tied else rule, material, steps=steps, rate=rate, watch=watch
        )
        runs[rule] = {
            "loss": loss,
            "curve": curve,
            "scores": scores,
            "bit_identical": same_bits(twins),
            "apart": curve["apart"][-1],
            "asymmetry": curve["asymmetry"][-1],
            "accuracy": scores["accuracy"][-1],
        }
        ends[rule] = twins
    return {
        "steps": steps,
        "trials": one_shot_correct(ends["tied"], material)[1],
        "runs": runs,
        "every": every,
        "sum_from_tied": _gaps(path["sum"], path["tied"]),
        "average_from_half": _gaps(path["average"], path["half"]),
        "average_from_tied": _gaps(path["average"], path["tied"]),
    }


def _watch(
    twins: Twins,
    material: Material,
    every: int,
    scored_every: int,
    curve: dict[str, list],
    scores: dict[str, list],
    path: list[np.ndarray],
    step: int,
) -> None:
    if step % every == 0:
        curve["step"].append(step)
        curve["apart"].append(apartness(twins))
        curve["asymmetry"].append(asymmetry(twins, material))
        path.append(flat(twins.left.trainable_weights))
    if step % scored_every == 0:
        correct, n = one_shot_correct(twins, material)
        scores["step"].append(step)
        scores["accuracy"].append(correct / n)


def same_bits(twins: Twins) -> bool:
    """Return whether both encoders hold the same weights to the last bit."""
    pairs = zip(twins.left.get_weights(), twins.right.get_weights(), strict=True)
    return all(one.tobytes() == other.tobytes() for one, other in pairs)


def _gaps(path: list[np.ndarray], reference: list[np.ndarray]) -> list[float]:
    """Return how far one run's left encoder is from another's over the steps, relative."""
    return [relative(own - other, other) for own, other in zip(path, reference, strict=True)]


def first_step(material: Material, *, rate: float = 1.0) -> dict[str, float]:
    """Take one step by each rule; return how far the encoder moves, relative to the tied one."""
    moved: dict[str, np.ndarray] = {}
    for rule in ("tied", "sum", "own", "average"):
        twins = (tied_twins if rule == "tied" else copied_twins)(small_encoder())
        start = flat(twins.left.trainable_weights)
        train_twins(twins, rule, material, steps=1, rate=rate)
        moved[rule] = flat(twins.left.trainable_weights) - start
    length = np.linalg.norm(moved["tied"])
    return {rule: float(np.linalg.norm(step) / length) for rule, step in moved.items()} | {
        "half_the_tied_step": relative(moved["average"] - moved["tied"] / 2, moved["tied"] / 2)
    }

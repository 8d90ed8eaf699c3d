"""Claim 2: the gradient of the shared weights is the sum of the gradients of two copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from examples.tied.material import Material, mixed_batch, small_encoder
from examples.tied.twin_models import copied_twins, flat, gradients, relative, tied_twins


def one_weight_by_hand(w: float = 0.5, a: float = 3.0, b: float = 1.0) -> dict[str, float]:
    """Compare, by hand and by tape, twins h(x) = w x with the loss (h(a) - h(b))^2 / 2."""
    shared, first, second = (tf.Variable(w, dtype=tf.float64) for _ in range(3))
    with tf.GradientTape() as tape:
        loss = (shared * a - shared * b) ** 2 / 2
    tied = tape.gradient(loss, shared)
    with tf.GradientTape() as tape:
        loss = (first * a - second * b) ** 2 / 2
    left, right = tape.gradient(loss, [first, second])
    return {
        "w": w,
        "a": a,
        "b": b,
        "loss": float(loss),
        "left": float(left),
        "right": float(right),
        "tied": float(tied),
        "left_by_hand": (w * a - w * b) * a,
        "right_by_hand": -(w * a - w * b) * b,
        "tied_by_hand": w * (a - b) ** 2,
    }


def gradient_is_additive(material: Material) -> dict[str, Any]:
    """Compare, layer by layer, the tied gradient with the sum of those of two copies."""
    batch = mixed_batch(material)
    tied, copies = tied_twins(small_encoder()), copied_twins(small_encoder())
    loss, shared, _, _ = gradients(tied, *batch)
    copied_loss, left, right, _ = gradients(copies, *batch)
    layers: dict[str, list[int]] = {}
    for index, weight in enumerate(tied.left.trainable_weights):
        layers.setdefault(weight.path.split("/")[-2], []).append(index)
    rows: list[dict[str, Any]] = [
        {"layer": layer, **_compare(*([part[i] for i in own] for part in (left, right, shared)))}
        for layer, own in layers.items()
    ]
    return {
        "loss": float(loss),
        "copied_loss": float(copied_loss),
        "layers": rows,
        "largest_difference": max(row["difference"] for row in rows),
        **{f"all_{name}": value for name, value in _compare(left, right, shared).items()},
    }


def _compare(left: list, right: list, shared: list) -> dict[str, float]:
    first, second, both = flat(left), flat(right), flat(shared)
    return {
        "left": float(np.linalg.norm(first)),
        "right": float(np.linalg.norm(second)),
        "sum": float(np.linalg.norm(first + second)),
        "tied": float(np.linalg.norm(both)),
        "cosine": float(first @ second / np.linalg.norm(first) / np.linalg.norm(second)),
        "left_less_right": relative(first - second, first),
        "difference": relative(both - (first + second), both),
    }

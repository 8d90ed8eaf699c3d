"""Claim 4: reusing one network twice is what tying is; three ways to do it, one gradient."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from examples.tied.material import pair_batch
from examples.tied.twin_models import Twins, flat, gradients, pair_loss, relative, tied_twins
from keras_siamese import make_glyphs, reduced_encoder
from keras_siamese.data import sample_pairs


def two_calls(twins: Twins, left: Any, right: Any, same: Any) -> tuple[tf.Tensor, list]:
    """Call the encoder on the left images, then on the right ones, and go backward once."""
    loss, encoder, _, head = gradients(twins, left, right, same)
    return loss, encoder + head


def stacked_call(twins: Twins, left: Any, right: Any, same: Any) -> tuple[tf.Tensor, list]:
    """Call the encoder once, on both images of every pair in one batch of twice the size."""
    with tf.GradientTape() as tape:
        first, second = tf.split(twins.left(tf.concat([left, right], axis=0)), 2)
        loss = pair_loss(twins.head([first, second]), same)
    return loss, tape.gradient(loss, twins.weights)


def one_after_another(twins: Twins, left: Any, right: Any, same: Any) -> tuple[tf.Tensor, list]:
    """Keep the vectors alone, then go forward and backward through one call, and then the other.

    Each call adds its gradient to what is there: the sum over the twins, written out.
    """
    vectors = [twins.left(left), twins.left(right)]
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        loss = pair_loss(twins.head(vectors), same)
    from_head, head = tape.gradient(loss, [vectors, twins.head.trainable_weights])
    weights = twins.left.trainable_weights
    total = [tf.zeros_like(weight) for weight in weights]
    for images, arriving in zip((left, right), from_head, strict=True):
        with tf.GradientTape() as tape:
            vector = twins.left(images)
        own = tape.gradient(vector, weights, output_gradients=arriving)
        total = [one + other for one, other in zip(total, own, strict=True)]
        del tape, vector, own
    return loss, total + head


WAYS: dict[str, Callable] = {
    "stacked_call": stacked_call,
    "two_calls": two_calls,
    "one_after_another": one_after_another,
}


def reuse_is_tying(*, pairs: int = 128, rounds: int = 2) -> dict[str, Any]:
    """Compare loss, gradient, processor time and memory of the three ways, without compilation.

    On the paper's reduced net with a shorter embedding (Koch et al. 2015, sec. 4.4). Call it first:
    TensorFlow keeps the memory that it once had, so what came before would hide the memory here.
    """
    twins = tied_twins(reduced_encoder(units=256, initializer="he"))
    dataset = make_glyphs(num_alphabets=4, size=35)
    table = sample_pairs(dataset, pairs, seed=0)
    batch = [tf.constant(part) for part in pair_batch(dataset, table, slice(None))]
    rows: dict[str, dict[str, Any]] = {}
    found: dict[str, np.ndarray] = {}
    before = _memory("VmRSS")
    # The thriftiest way first, for the same reason: each next one shows what it needs on top.
    for name in reversed(WAYS):
        loss, gradient = WAYS[name](twins, *batch)
        peak = _memory("VmHWM")
        found[name] = flat(gradient)
        rows[name] = {
            "loss": float(loss),
            "megabytes": None if before is None or peak is None else (peak - before) / 1e3,
        }
        del loss, gradient
    for name, gradient in found.items():
        rows[name]["difference"] = relative(gradient - found["two_calls"], found["two_calls"])
        rows[name]["seconds"] = min(_seconds(WAYS[name], twins, batch) for _ in range(rounds))
    return {"pairs": pairs, "weights": twins.num_weights, "ways": rows}


def _seconds(way: Callable, twins: Twins, batch: list) -> float:
    """Return the processor time of one call, of all cores together."""
    start = time.process_time()
    way(twins, *batch)
    return time.process_time() - start


def _memory(field: str) -> float | None:
    """Return the process's memory now (VmRSS) or at its highest (VmHWM) in kB, on Linux."""
    try:
        if field == "VmRSS":
            # Sets the highest to the present.
            Path("/proc/self/clear_refs").write_text("5")
        lines = Path("/proc/self/status").read_text().splitlines()
        return float(dict(line.split(":", 1) for line in lines)[field].split()[0])
    except (OSError, KeyError):
        return None

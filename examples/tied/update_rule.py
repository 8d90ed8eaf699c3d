"""Claim 5: the update rule of Koch et al. 2015, sec. 3.2, as printed and as meant."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from examples.tied.material import BATCH, Material, small_encoder
from examples.tied.twin_models import Twins, gradients, one_shot_correct, tied_twins
from examples.tied.twin_training import MOMENTUM, RATE
from keras_siamese import LayerwiseSGD
from keras_siamese.training.batches import epoch_order, pair_rows
from keras_siamese.training.step import make_pair_images

# The last term of the printed rule with its two misprints, with either one mended, and as meant.
FORMS = ("printed", "sign mended", "bars mended", "meant")


def layer_step(
    w: Any, velocity: Any, gradient: Any, *, eta: float, mu: float, l2: float, form: str
) -> tuple[Any, Any]:
    """Return a weight and its velocity after one step, by one form of the rule."""
    if form not in FORMS:
        raise ValueError(f"`form` must be one of {FORMS}. Received: form={form!r}.")
    if form == "meant":
        velocity = mu * velocity - eta * (gradient + 2 * l2 * w)
        return w + velocity, velocity
    velocity = mu * velocity - eta * gradient
    last = {"printed": abs(w), "sign mended": -abs(w), "bars mended": w}[form]
    return w + velocity + 2 * l2 * last, velocity


def step_by_hand() -> dict[str, Any]:
    """Take one step of a 2x2 layer with twins: by hand, number by number, and by LayerwiseSGD.

    The loss is half the squared distance of h(a) = a W and h(b) = b W.
    """
    w = [[0.5, -1.0], [0.25, 0.5]]
    a, b = [1.0, 2.0], [1.0, 0.0]
    previous = [[0.1, 0.0], [0.0, -0.2]]
    eta, mu, l2 = 0.1, 0.5, 0.05
    both = range(2)
    apart = [sum((a[j] - b[j]) * w[j][k] for j in both) for k in both]
    left = [[a[j] * apart[k] for k in both] for j in both]
    right = [[-b[j] * apart[k] for k in both] for j in both]
    total = [[left[j][k] + right[j][k] for k in both] for j in both]
    after: dict[str, Any] = {}
    for form in FORMS:
        cells = [
            [
                layer_step(w[j][k], previous[j][k], total[j][k], eta=eta, mu=mu, l2=l2, form=form)
                for k in both
            ]
            for j in both
        ]
        after[form] = {
            "change": [[cell[1] for cell in row] for row in cells],
            "w": [[cell[0] for cell in row] for row in cells],
        }
    found, by_library = _library_step(w, a, b, previous, eta=eta, mu=mu, l2=l2)
    return {
        **{"w": w, "a": [a], "b": [b], "previous": previous, "eta": eta, "mu": mu, "l2": l2},
        **{"apart": [apart], "left": left, "right": right, "sum": total},
        "after": after,
        "library_gradient": found,
        "library": by_library,
        "difference": float(np.abs(np.array(by_library) - after["meant"]["w"]).max()),
    }


def _library_step(
    w: list, a: list, b: list, previous: list, *, eta: float, mu: float, l2: float
) -> tuple[list, list]:
    """Return the gradient and the new weights by a Keras layer called twice and LayerwiseSGD."""
    layer = keras.layers.Dense(2, use_bias=False, name="layer")
    layer.build((None, 2))
    layer.set_weights([np.array(w)])
    optimizer = LayerwiseSGD({"layer": eta}, {"layer": mu}, {"layer": l2})
    optimizer.build(layer.trainable_weights)
    optimizer.velocities[0].assign(previous)
    with tf.GradientTape() as tape:
        apart = layer(np.array([a], np.float32)) - layer(np.array([b], np.float32))
        loss = tf.reduce_sum(apart**2) / 2
    found = tape.gradient(loss, layer.trainable_weights)
    optimizer.apply(found, layer.trainable_weights)
    return np.asarray(found[0]).tolist(), layer.get_weights()[0].tolist()


def penalty_forms(
    material: Material, *, steps: int = 100, l2: float = 0.01, every: int = 10
) -> dict[str, Any]:
    """Train with every form of the last term and follow the size of the weights.

    The strength is a tenth of the largest of the paper's range. Biases have no L2 term.
    """
    runs = {}
    for form in FORMS:
        twins = tied_twins(small_encoder())
        kernels = [weight for weight in twins.weights if weight.path.endswith("kernel")]
        start = _values(kernels)
        curve: dict[str, list] = {"step": [0], "size": [_mean_size(kernels)], "loss": []}
        step = _form_step(twins, material, form, l2)
        order = epoch_order(len(material.pairs), 0, epoch_pairs=steps * BATCH, seed=0)
        for number in range(steps):
            rows = order[number * BATCH : (number + 1) * BATCH]
            same = material.pairs.same[rows].astype(np.float32)
            curve["loss"].append(float(step(*pair_rows(material.pairs, rows), same)))
            if (number + 1) % every == 0:
                curve["step"].append(number + 1)
                curve["size"].append(_mean_size(kernels))
        correct, n = one_shot_correct(twins, material)
        end = _values(kernels)
        runs[form] = {
            "curve": curve,
            "growth": curve["size"][-1] / curve["size"][0],
            # Of the weights that began positive, and of those that began negative.
            "growth_of_positive": float(np.abs(end[start > 0]).mean() / start[start > 0].mean()),
            "growth_of_negative": float(np.abs(end[start < 0]).mean() / -start[start < 0].mean()),
            "loss": float(np.mean(curve.pop("loss")[-20:])),
            "accuracy": correct / n,
        }
    return {
        "steps": steps,
        "l2": l2,
        "trials": n,
        "chance": 1 / material.episodes.support.shape[1],
        "runs": runs,
    }


def _values(kernels: list) -> np.ndarray:
    return np.concatenate([np.asarray(kernel).ravel() for kernel in kernels])


def _mean_size(kernels: list) -> float:
    return float(np.abs(_values(kernels)).mean())


def _form_step(twins: Twins, material: Material, form: str, l2: float) -> Any:
    velocities = [tf.Variable(tf.zeros_like(weight)) for weight in twins.weights]
    pair_images = make_pair_images(material.train.images, distorted=False)

    @tf.function
    def step(indices: tf.Tensor, transforms: tf.Tensor, same: tf.Tensor) -> tf.Tensor:
        left, right = tf.split(pair_images(indices, transforms), 2)
        loss, encoder, _, head = gradients(twins, left, right, same)
        for weight, velocity, gradient in zip(
            twins.weights, velocities, encoder + head, strict=True
        ):
            strength = l2 if weight.path.endswith("kernel") else 0.0
            new, change = layer_step(
                tf.convert_to_tensor(weight),
                tf.convert_to_tensor(velocity),
                gradient,
                eta=RATE,
                mu=MOMENTUM,
                l2=strength,
                form=form,
            )
            weight.assign(new)
            velocity.assign(change)
        return loss

    return step

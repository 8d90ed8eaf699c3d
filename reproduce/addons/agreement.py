"""Measure how far tensorflow-addons and this package agree: steps of the optimizer, distortions.

python -m reproduce.addons.agreement      on TensorFlow 2.15, then again on Keras 3

On TensorFlow 2.15 both sides run next to each other, and the weights that tensorflow-addons reaches
are kept, so that on Keras 3 `LayerwiseSGD` is held against them. The figures go to
reproduce/results/addons.json, and into docs/stacks.md by `python -m reproduce.report`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import tensorflow as tf

from keras_siamese.compat import KERAS_2
from keras_siamese.data.atomic import atomic_write
from keras_siamese.data.distortions import distort, draw_transforms
from keras_siamese.models import LayerwiseSGD, twin_encoder, twin_head
from keras_siamese.training import warp_images
from reproduce import provenance, results
from reproduce.addons.steps import (
    FIGURES,
    MOMENTA,
    RATES,
    STEPS,
    WEIGHTS,
    by_layer,
    kept_weights,
    ours,
    start,
    theirs,
    walk,
)


def compare_optimizers() -> dict[str, Any]:
    """Hold `LayerwiseSGD` against `MultiOptimizer`, and keep the weights of the latter."""
    largest = dict.fromkeys(RATES, 0.0)
    for our, their in zip(ours(), theirs(), strict=True):
        now = by_layer(our, their)
        largest = {name: max(largest[name], now[name]) for name in largest}
    begin = [np.array(weight) for weight in start().trainable_variables]
    with atomic_write(WEIGHTS) as file:
        np.savez_compressed(file, *their)
    return {"steps": STEPS, "moved": by_layer(begin, their), "largest_difference": largest}


def compare_stacks() -> dict[str, Any]:
    """Hold the last weights of `LayerwiseSGD` here against those kept of `MultiOptimizer`."""
    *_, our = ours()
    return {"steps": STEPS, "largest_difference": by_layer(our, kept_weights())}


def forget_a_layer(steps: int = STEPS) -> dict[str, Any]:
    """Leave `conv2` out, the classic mistake: what `MultiOptimizer` says and does, and ours."""
    import tensorflow_addons as tfa

    model = start()
    encoder, before = twin_encoder(model), model.get_weights()
    named = {name: encoder.get_layer(name) for name in ("conv1", "embedding")}
    named["weighted_l1"] = twin_head(model)
    sgd = tf.keras.optimizers.legacy.SGD
    silent = tfa.optimizers.MultiOptimizer(
        [(sgd(RATES[name], MOMENTA[name]), layer) for name, layer in named.items()]
    )
    *_, after = walk(model, silent, l2_in_loss=False, steps=steps)
    try:
        LayerwiseSGD({name: RATES[name] for name in named}).build(model.trainable_variables)
        error = None
    except ValueError as refused:
        error = str(refused)
    return {"forgotten": "conv2", "moved": by_layer(before, after), "our_error": error}


def compare_distortions(size: int, num_images: int = 64) -> dict[str, Any]:
    """Hold our warp against `tfa.image.transform` and scikit-image on noise, the hardest image.

    Away from the border: where the point that a pixel comes from lies a pixel inside the image.
    """
    images = np.random.default_rng(0).random((num_images, size, size, 1), np.float32)
    transforms = draw_transforms(num_images, (size, size), np.random.default_rng(1))
    rows = np.pad(transforms, [(0, 0), (0, 2)])
    matrices = transforms.reshape(-1, 2, 3).astype(np.float64)
    y, x = np.mgrid[:size, :size]
    source = np.einsum("nij,jyx->niyx", matrices, np.stack([x, y, np.ones_like(x)]))
    inside = ((source >= 1) & (source <= size - 2)).all(axis=1)
    our = warp_images(tf.constant(images), tf.constant(rows)).numpy()

    def gap(other: np.ndarray) -> float:
        return float(np.abs(our - other)[inside].max())

    found = {"size": size, "images": num_images, "inside": float(inside.mean())}
    found["scikit_image"] = gap(distort(images, transforms))
    if KERAS_2:
        from keras_siamese.addons import transform_images

        found["tensorflow_addons"] = gap(transform_images(images, rows).numpy())
    return found


def main() -> None:
    """Measure what this stack can, and leave the other's figures in the file."""
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    measured: dict[str, Any] = {"distortions": [compare_distortions(size) for size in (35, 105)]}
    if KERAS_2:
        measured |= {"optimizer": compare_optimizers(), "forgotten_layer": forget_a_layer()}
    else:
        measured |= {"optimizer": compare_stacks()}
    measured |= {"versions": provenance.versions(), "commit": provenance.commit()}
    results.write(FIGURES, figures | {"keras_2" if KERAS_2 else "keras_3": measured})


if __name__ == "__main__":
    main()

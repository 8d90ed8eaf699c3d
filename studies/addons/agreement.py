"""Measure how far tensorflow-addons and this package agree: steps of the optimizer, distortions.

python -m studies.addons.agreement      on TensorFlow 2.15, then again on Keras 3

A small network is trained for 200 steps with `LayerwiseSGD` and with tensorflow-addons.
On TensorFlow 2.15 both sides run next to each other, and the weights that tensorflow-addons reaches
are kept, so that on Keras 3 `LayerwiseSGD` is held against them. The numbers go to
studies/results/addons.json, and into docs/stacks.md by `python -m website`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_siamese.atomic import atomic_write
from keras_siamese.compat import KERAS_2
from keras_siamese.data.distortions import distort, draw_transforms
from keras_siamese.models import reduced_encoder, siamese_network, twin_encoder, twin_head
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.optimizers.layerwise_sgd import layer_name
from keras_siamese.training import warp_images
from reproduce import provenance, results
from studies import RESULTS

WEIGHTS = RESULTS / "addons-weights.npz"
RECORD = RESULTS / "addons.json"
STEPS = 200
PAIRS = 16
SIZE = 12
RATES = {"conv1": 0.1, "conv2": 0.05, "embedding": 0.02, "weighted_l1": 0.2}
MOMENTA = {"conv1": 0.9, "conv2": 0.5, "embedding": 0.8, "weighted_l1": 0.0}
L2 = {"conv1": 0.01, "conv2": 0.001, "embedding": 0.005, "weighted_l1": 0.02}


def start_model() -> keras.Model:
    """Return a small siamese network; its weights are NumPy's, the same on every stack."""
    encoder = reduced_encoder((SIZE, SIZE, 1), filters=(4, 6), kernel_sizes=(3, 2), units=8)
    model = siamese_network(encoder)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return model


def random_batches(steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield left and right images `(2 * PAIRS, SIZE, SIZE, 1)` and labels `(PAIRS,)`."""
    # With this seed no ReLU comes so near to zero that a processor's rounding decides which way the
    # gradient takes; with seed 1, one does, and two processors part by 0.02. Found by starting from
    # weights moved by 5e-7 of themselves, 16 times.
    rng = np.random.default_rng(2)
    for _ in range(steps):
        images = rng.random((2 * PAIRS, SIZE, SIZE, 1), np.float32)
        same = (np.arange(PAIRS) % 2).astype(np.float32)
        # The second of two equal ones is the first with noise.
        images[PAIRS + 1 :: 2] = (3 * images[1:PAIRS:2] + images[PAIRS + 1 :: 2]) / 4
        yield images, same


def walk(
    model: keras.Model, optimizer: Any, *, l2_in_loss: bool, steps: int
) -> Iterator[list[np.ndarray]]:
    """Train a model and yield its weights after every step.

    Args:
        model: What `start_model` gave.
        optimizer: Any optimizer of Keras.
        l2_in_loss: Whether the loss holds `lambda * sum(w**2)` of every kernel.
        steps: How many.
    """
    encoder, head, variables = twin_encoder(model), twin_head(model), model.trainable_variables

    @tf.function
    def step(images: tf.Tensor, same: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            left, right = tf.split(encoder(images), 2)
            logits = head([left, right])[:, 0]
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=same, logits=logits)
            loss = tf.reduce_mean(losses)
            if l2_in_loss:
                for weight in variables:
                    # A bias has one dimension; L2 leaves it alone.
                    if len(weight.shape) > 1:
                        loss += L2[layer_name(weight)] * tf.reduce_sum(tf.square(weight))
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    for images, same in random_batches(steps):
        step(images, same)
        yield [np.array(weight) for weight in variables]


def ours(steps: int = STEPS) -> Iterator[list[np.ndarray]]:
    """Yield the weights that `LayerwiseSGD` reaches, its L2 in the gradient."""
    model = start_model()
    optimizer = LayerwiseSGD(RATES, MOMENTA, L2)
    optimizer.build(model.trainable_variables)
    return walk(model, optimizer, l2_in_loss=False, steps=steps)


def theirs(steps: int = STEPS) -> Iterator[list[np.ndarray]]:
    """Yield the weights that `tfa.optimizers.MultiOptimizer` reaches, the L2 in the loss."""
    from keras_siamese.addons import multi_optimizer

    model = start_model()
    optimizer = multi_optimizer(model.trainable_variables, RATES, MOMENTA)
    return walk(model, optimizer, l2_in_loss=True, steps=steps)


@functools.cache
def layers() -> tuple[str, ...]:
    """Return the layer of each weight."""
    return tuple(layer_name(weight) for weight in start_model().trainable_variables)


def by_layer(first: list[np.ndarray], second: list[np.ndarray]) -> dict[str, float]:
    """Return the largest difference of two sets of weights in each layer."""
    found = dict.fromkeys(RATES, 0.0)
    for name, one, other in zip(layers(), first, second, strict=True):
        found[name] = max(found[name], float(np.abs(one - other).max()))
    return found


def kept_weights() -> list[np.ndarray]:
    """Return the weights that `MultiOptimizer` reached on TensorFlow 2.15."""
    with np.load(WEIGHTS) as file:
        return [file[name] for name in file.files]


def compare_optimizers() -> dict[str, Any]:
    """Hold `LayerwiseSGD` against `MultiOptimizer`, and keep the weights of the latter."""
    largest = dict.fromkeys(RATES, 0.0)
    for our, their in zip(ours(), theirs(), strict=True):
        now = by_layer(our, their)
        largest = {name: max(largest[name], now[name]) for name in largest}
    begin = [np.array(weight) for weight in start_model().trainable_variables]
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

    model = start_model()
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
    """Measure what this stack can, and leave the other's numbers in the file."""
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    measured: dict[str, Any] = {"distortions": [compare_distortions(size) for size in (35, 105)]}
    if KERAS_2:
        measured |= {"optimizer": compare_optimizers(), "forgotten_layer": forget_a_layer()}
    else:
        measured |= {"optimizer": compare_stacks()}
    measured |= {"versions": provenance.versions(), "commit": provenance.commit()}
    results.write(RECORD, record | {"keras_2" if KERAS_2 else "keras_3": measured})


if __name__ == "__main__":
    main()

"""What tensorflow-addons gives on fixed batches: `python -m tests.losses.addons_values` writes it.

It runs in the environment of `make test-addons`. The losses of this package need Keras 3, which
tensorflow-addons does not work with; so they are compared with the file.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".json")
DISTANCES = {"euclidean": "L2", "squared_euclidean": "squared-L2", "cosine": "angular"}


def batches():
    """Yield labels and embeddings: uneven classes, then pairs of each class in order."""
    rng = np.random.default_rng(11)
    for labels in (rng.integers(0, 4, 12), np.repeat(np.arange(5), 2)):
        yield labels, rng.normal(size=(len(labels), 4)).astype("float32")


def pairs(labels, x, distance):
    """Return for every two images whether their class is the same, and their distance."""
    first, second = np.triu_indices(len(labels), 1)
    if distance == "cosine":
        units = x / np.linalg.norm(x, axis=1, keepdims=True)
        apart = 1 - (units[first] * units[second]).sum(axis=1)
    else:
        apart = np.linalg.norm(x[first] - x[second], axis=1)
    return labels[first] == labels[second], apart.astype("float32")


def measured():
    """Return value and gradient of each loss that tensorflow-addons has, on each batch."""
    import tensorflow as tf
    import tensorflow_addons as tfa

    def with_gradient(function, x):
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(function(x))
        return {"value": float(value), "gradient": tape.gradient(value, x).numpy().tolist()}

    found = {}
    for index, (labels, x) in enumerate(batches()):
        for ours, theirs in DISTANCES.items():
            for name, function in (
                ("semi-hard", tfa.losses.triplet_semihard_loss),
                ("hard", tfa.losses.triplet_hard_loss),
            ):
                found[f"triplet {name} {ours} {index}"] = with_gradient(
                    lambda x, f=function, d=theirs, y=labels: f(y, x, 0.5, distance_metric=d), x
                )
        found[f"triplet hard soft {index}"] = with_gradient(
            lambda x, y=labels: tfa.losses.triplet_hard_loss(y, x, soft=True), x
        )
        same, apart = pairs(labels, x, "euclidean")
        costs = tfa.losses.contrastive_loss(same, apart, 2.0).numpy()
        found[f"contrastive {index}"] = {"costs": costs.tolist(), "same": same.tolist()}
    labels, x = list(batches())[1]
    found["n-pairs"] = with_gradient(
        lambda x: tfa.losses.npairs_loss(labels[::2], tf.matmul(x[::2], x[1::2], transpose_b=True)),
        x,
    )
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")

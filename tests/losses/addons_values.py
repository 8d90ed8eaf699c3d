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


def first_and_second(labels):
    """Return the places of the first and of the second image of each class that has two."""
    places = [np.flatnonzero(labels == label)[:2] for label in np.unique(labels)]
    return np.transpose([pair for pair in places if len(pair) == 2])


def measured():
    """Return value and gradient of each loss that tensorflow-addons has, on each batch."""
    import tensorflow as tf
    import tensorflow_addons as tfa

    def with_gradient(function, x):
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(function(x))
        # Of gathered rows it is a sparse one.
        gradient = tf.convert_to_tensor(tape.gradient(value, x))
        return {"value": float(value), "gradient": gradient.numpy().tolist()}

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
        left, right = np.triu_indices(len(labels), 1)
        same = labels[left] == labels[right]

        def contrastive(x, left=left, right=right, same=same):
            apart = tf.norm(tf.gather(x, left) - tf.gather(x, right), axis=1)
            return tfa.losses.contrastive_loss(same, apart, 2.0)

        # The loss is the mean over all pairs. What is compared is the mean of each kind.
        found[f"contrastive {index}"] = with_gradient(contrastive, x)
        costs = contrastive(x).numpy()
        for kind, kept in (("same", same), ("different", ~same & (costs > 0))):
            found[f"contrastive {kind} {index}"] = {
                **with_gradient(lambda x, f=contrastive, k=kept: tf.boolean_mask(f(x), k), x),
                "pairs": int(kept.sum()),
            }
        first, second = first_and_second(labels)
        found[f"n-pairs {index}"] = with_gradient(
            lambda x, y=labels, f=first, s=second: tfa.losses.npairs_loss(
                y[f], tf.matmul(tf.gather(x, f), tf.gather(x, s), transpose_b=True)
            ),
            x,
        )
        found[f"n-pairs of all images {index}"] = with_gradient(
            lambda x, y=labels: tfa.losses.npairs_loss(y, tf.matmul(x, x, transpose_b=True)), x
        )
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")

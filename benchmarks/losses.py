"""Time and memory of the losses on embeddings, next to pytorch-metric-learning on PyTorch.

KERAS_BACKEND=torch python -m benchmarks.losses           adds to benchmarks/losses.json
KERAS_BACKEND=torch python -m benchmarks.losses --rounds 2 --dry     a quick look, writes nothing

Time: the forward and backward pass of an encoder and a loss, over that of the encoder alone with
the mean square of its embeddings as its loss: 256 images of 35x35, 256 features, 64 classes of
four. All take turns, so that a busy machine slows all equally, and the median of the rounds counts:
processor seconds, or seconds by the clock where there is a GPU.
Memory: what forward and backward of the loss alone add at their peak, on 4,096 embeddings of 256
features, each loss in a separate process. On PyTorch, pytorch-metric-learning takes its turns, too.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.processes import in_new_process, peak_megabytes
from keras_siamese import conv_encoder, losses
from reproduce import provenance

RESULTS = Path(__file__).parent / "losses.json"
IMAGES, FEATURES, CLASSES, LARGE, ROUNDS = 256, 256, 64, 4096, 15
BACKEND = keras.backend.backend()
# Bytes that the measurement of a memory may take: less than what the machine would choke on.
MOST_MEMORY = 12 * 10**9

OURS: dict[str, Callable[[], Any]] = {
    "contrastive": losses.ContrastiveLoss,
    "contrastive, l1": lambda: losses.ContrastiveLoss(20.0, "l1"),
    "triplet, semi-hard": lambda: losses.TripletLoss("semi-hard"),
    "triplet, hard": lambda: losses.TripletLoss("hard"),
    "triplet, all": lambda: losses.TripletLoss("all"),
    "triplet, semi-hard, l1": lambda: losses.TripletLoss("semi-hard", 1.0, "l1"),
    "triplet, all, l1": lambda: losses.TripletLoss("all", 1.0, "l1"),
    "n-pairs": losses.NPairsLoss,
    "multi-similarity": losses.MultiSimilarityLoss,
    "supervised contrastive": losses.SupervisedContrastiveLoss,
    "circle": losses.CircleLoss,
    "soft nearest neighbour": losses.SoftNearestNeighborLoss,
    "arcface": losses.ArcFaceLoss,
    "proxy-anchor": losses.ProxyAnchorLoss,
}
WITH_PROXIES = ("arcface", "proxy-anchor")


def their_loss(name: str) -> Callable[[Any, Any], Any]:
    """Return the same loss of pytorch-metric-learning, with its miner."""
    from pytorch_metric_learning import distances, miners
    from pytorch_metric_learning import losses as library

    plain = {"normalize_embeddings": False}
    euclidean, cosine = distances.LpDistance(**plain), distances.CosineSimilarity()
    l1 = distances.LpDistance(p=1, **plain)
    triplet = library.TripletMarginLoss(0.2, distance=euclidean)
    triplet_l1 = library.TripletMarginLoss(1.0, distance=l1)
    semi_hard = miners.TripletMarginMiner(0.2, "semihard", distance=euclidean)
    made = {
        "contrastive": (library.ContrastiveLoss(distance=euclidean), None),
        "contrastive, l1": (library.ContrastiveLoss(0, 20, distance=l1), None),
        "triplet, semi-hard": (triplet, semi_hard),
        "triplet, hard": (triplet, miners.BatchHardMiner(distance=euclidean)),
        "triplet, all": (triplet, None),
        "triplet, semi-hard, l1": (
            triplet_l1,
            miners.TripletMarginMiner(1.0, "semihard", distance=l1),
        ),
        "triplet, all, l1": (triplet_l1, None),
        "n-pairs": (
            library.NPairsLoss(distance=distances.DotProductSimilarity(**plain)),
            None,
        ),
        "multi-similarity": (
            library.MultiSimilarityLoss(),
            miners.MultiSimilarityMiner(0.1, distance=cosine),
        ),
        "supervised contrastive": (library.SupConLoss(), None),
        "circle": (library.CircleLoss(), None),
        "soft nearest neighbour": (
            library.NCALoss(1, distance=distances.LpDistance(power=2, **plain)),
            None,
        ),
        "arcface": (library.ArcFaceLoss(CLASSES, FEATURES), None),
        "proxy-anchor": (library.ProxyAnchorLoss(CLASSES, FEATURES), None),
    }
    loss, miner = made[name]

    def compute(labels: Any, embeddings: Any) -> Any:
        return loss(embeddings, labels, miner(embeddings, labels) if miner else None)

    return compute


def network_step(loss: Callable[[Any, Any], Any] | None, inside: list[Any]) -> Callable[..., Any]:
    """Return images and labels to a scalar; the encoder alone without a loss."""

    def compute(images: Any, labels: Any) -> Any:
        vectors = images
        for layer in inside:
            vectors = layer(vectors, training=True)
        return keras.ops.mean(keras.ops.square(vectors)) if loss is None else loss(labels, vectors)

    return compute


def step_of(
    compute: Callable[..., Any], inside: list[Any], images: np.ndarray, labels: np.ndarray
) -> Callable[[], None]:
    """Return a call that computes value and gradients, compiled where the backend compiles.

    The gradients are those of the layers' weights, or of the images where there are no layers.
    """
    weights = [weight for layer in inside for weight in layer.trainable_variables]
    state = [weight for layer in inside for weight in layer.non_trainable_variables]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        held = tf.constant(images), tf.constant(labels)

        @tf.function
        def run(images: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(images)
                value = compute(images, labels)
            return tape.gradient(value, weights or images)

        return lambda: tf.nest.flatten(run(*held))[0].numpy()
    if BACKEND == "jax":
        import jax

        def value_of(values: Any, images: Any, state_values: Any, labels: Any) -> Any:
            pairs = [*zip(weights, values, strict=True), *zip(state, state_values, strict=True)]
            with keras.StatelessScope(state_mapping=pairs):
                return compute(images, labels)

        run = jax.jit(jax.grad(value_of, argnums=0 if weights else 1))
        values, held = [weight.value for weight in weights], [weight.value for weight in state]
        images, labels = jax.numpy.asarray(images), jax.numpy.asarray(labels)
        return lambda: jax.block_until_ready(run(values, images, held, labels))
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    pictures, classes = torch.tensor(images, device=device), torch.tensor(labels, device=device)
    pictures.requires_grad_(not weights)

    def step() -> None:
        compute(pictures, classes).backward()
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def in_turns(works: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Time all in turns, after a round that compiles; the median seconds of each."""
    # Without a GPU the processor's time counts, which other work on the machine hardly changes.
    clock = time.perf_counter if provenance.hardware()["gpus"] else time.process_time
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            start = clock()
            work()
            if turn:
                taken[name].append(clock() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def times(rounds: int) -> dict[str, Any]:
    """Return the seconds of the encoder alone, and of each loss as a multiple of it."""
    rng = np.random.default_rng(0)
    images = rng.random((IMAGES, 35, 35, 1)).astype("float32")
    labels = np.tile(np.arange(CLASSES), IMAGES // CLASSES)
    encoder = conv_encoder((35, 35, 1), units=FEATURES)
    proxies = losses.ClassProxies(CLASSES)
    proxies.build((None, FEATURES))
    works = {"encoder": step_of(network_step(None, [encoder]), [encoder], images, labels)}
    for name, make in OURS.items():
        inside = [encoder, proxies] if name in WITH_PROXIES else [encoder]
        works[name] = step_of(network_step(make(), inside), inside, images, labels)
        if BACKEND == "torch":
            works[f"{name} (theirs)"] = step_of(
                network_step(their_loss(name), [encoder]), [encoder], images, labels
            )
    seconds = in_turns(works, rounds)
    alone = seconds.pop("encoder")
    return {
        "encoder_seconds": round(alone, 5),
        "times_encoder": {name: round(taken / alone, 3) for name, taken in seconds.items()},
    }


def peak() -> float:
    """Return the most memory held so far, in MB: of the GPU, or of the process without one."""
    if BACKEND == "torch":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.max_memory_allocated() / 1e6
    elif BACKEND == "jax":
        import jax

        found = jax.devices()[0].memory_stats()
        if found:
            return found["peak_bytes_in_use"] / 1e6
    else:
        import tensorflow as tf

        if tf.config.list_physical_devices("GPU"):
            return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 1e6
    return peak_megabytes()


def memory(name: str) -> float:
    """Return by how many MB the peak grows when a loss is computed on 4,096 embeddings."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    rng = np.random.default_rng(0)
    inside = []
    if name in WITH_PROXIES:
        inside = [losses.ClassProxies(CLASSES)]
        inside[0].build((None, FEATURES))
    loss = their_loss(name.removesuffix(" (theirs)")) if "(theirs)" in name else OURS[name]()
    for count in (16, LARGE):
        vectors = rng.normal(size=(count, FEATURES)).astype("float32")
        labels = np.arange(count) % min(CLASSES, count // 4)
        work = step_of(network_step(loss, inside), inside, vectors, labels)
        before = peak()
        work()
    return peak() - before


def memories() -> dict[str, float | None]:
    """Measure each loss in a separate process; None where it takes more than `MOST_MEMORY`."""
    names = list(OURS)
    if BACKEND == "torch":
        names += [f"{name} (theirs)" for name in OURS]
    found: dict[str, float | None] = {}
    for name in names:
        try:
            found[name] = round(in_new_process(memory, name), 1)
        # Each library tells in its own way that memory is full.
        except Exception as error:
            print(f"{name}: {error}", file=sys.stderr)
            found[name] = None
    return found


def main() -> None:
    """Measure this process's backend and write it next to the others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--dry", action="store_true", help="no memory, and nothing is written")
    parser.add_argument("--memory", metavar="LOSS", help="print the memory of one loss")
    arguments = parser.parse_args()
    if arguments.memory:
        print(memory(arguments.memory))
        return
    found = times(arguments.rounds)
    if not arguments.dry:
        found |= {"megabytes_at_4096": memories(), **provenance.origin()}
        if BACKEND == "torch":
            found["versions"]["pytorch-metric-learning"] = version("pytorch-metric-learning")
        where = "gpu" if found["hardware"]["gpus"] else "cpu"
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        known[f"{BACKEND} on {where}"] = found
        RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

"""Speed and memory of the library, as ratios measured in one run.

python -m benchmarks.run            prints the table and writes benchmarks/results.json
python -m benchmarks.run --full     with the 105x105 network too (minutes on a CPU)
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_siamese import (
    evaluate_one_shot,
    load_pretrained,
    make_glyphs,
    sample_episodes,
    siamese_network,
)
from keras_siamese.data import ImageDataset, distort_pairs, sample_pairs
from keras_siamese.models import (
    koch_encoder,
    reduced_encoder,
    twin_encoder,
    twin_head,
)
from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.training import TrainingConfig, TrainingProgress
from keras_siamese.training.loop import take_steps
from keras_siamese.training.pair_training import epoch_batches
from keras_siamese.training.step import make_train_step
from reproduce import provenance

RESULTS = Path(__file__).parent / "results.json"
BATCH = 128


def compiled_network(encoder: Callable[[], keras.Model]) -> keras.Model:
    """Return a compiled siamese network."""
    model = siamese_network(encoder())
    model.compile(optimizer=LayerwiseSGD(0.01, 0.9), loss="binary_crossentropy")
    return model


def bare_step(model: keras.Model) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return the train step on given images: no gather, no warp."""
    encoder, head, variables = twin_encoder(model), twin_head(model), model.trainable_variables
    model.optimizer.build(variables)

    @tf.function
    def step(images: tf.Tensor, same: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            left, right = tf.split(encoder(images, training=True), 2)
            logits = head([left, right])[:, 0]
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(same, logits))
        model.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step


def works_in_turns(works: tuple[Callable[[], object], ...], rounds: int) -> list[float]:
    """Time some works in turns, so that all meet the same load; the median seconds of each."""
    seconds: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for taken, work in zip(seconds, works, strict=True):
            start = time.perf_counter()
            work()
            if turn:  # the first compiles
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]


def loop_against_bare_step(
    encoder: Callable[[], keras.Model], dataset: ImageDataset, steps: int, rounds: int
) -> dict[str, float]:
    """Time the loop's distorted steps and the bare step in turns, so that both meet the same load.

    The loop's side is the loop's own `take_steps`, with its callbacks: drawing the order, reading
    the table, gather, warp.
    """
    table = distort_pairs(sample_pairs(dataset, 30_000, seed=0), 8, dataset.image_size, seed=1)
    looped, bare = compiled_network(encoder), compiled_network(encoder)
    step, plain = make_train_step(looped, dataset.images, distorted=True), bare_step(bare)
    config = TrainingConfig(batch_size=BATCH, epoch_pairs=steps * BATCH)
    progress = TrainingProgress(steps * BATCH, BATCH, 1)
    listeners = keras.callbacks.CallbackList([progress], add_history=True, model=looped)
    listeners.on_train_begin()
    listeners.on_epoch_begin(0)
    images = tf.random.uniform((2 * BATCH, *dataset.images.shape[1:]))
    labels = tf.cast(tf.random.uniform((BATCH,)) > 0.5, tf.float32)

    def loop() -> None:
        take_steps(step, epoch_batches(table, 0, config), listeners, epoch=0, remedy="")

    def plain_loop() -> None:
        for _ in range(steps):
            loss = plain(images, labels)
        loss.numpy()

    seconds = works_in_turns((loop, plain_loop), rounds)
    looped_rate, bare_rate = (steps * BATCH / taken for taken in seconds)
    return {
        "loop_pairs_per_second": looped_rate,
        "bare_step_pairs_per_second": bare_rate,
        "ratio": looped_rate / bare_rate,
    }


def scoring_against_every_pair(dataset: ImageDataset) -> dict[str, float]:
    """Time 20 episodes of 20 trials, each image encoded once, against encoding all 8,000 pairs."""
    model = compiled_network(reduced_encoder)
    episodes = sample_episodes(dataset, num_episodes=20, seed=0)
    support = np.repeat(episodes.support[:, None, :, 0], 20, axis=1).reshape(-1)
    queries = np.repeat(episodes.queries[:, :, None], 20, axis=2).reshape(-1)

    def every_pair() -> None:
        for start in range(0, len(support), BATCH):
            rows = slice(start, start + BATCH)
            pair = [episodes.images[side[rows]] / np.float32(255) for side in (queries, support)]
            model.predict_on_batch(pair)

    def once() -> None:
        evaluate_one_shot(model, episodes)

    once_seconds, pair_seconds = works_in_turns((once, every_pair), 7)
    return {
        "once_seconds": once_seconds,
        "every_pair_seconds": pair_seconds,
        "ratio": once_seconds / pair_seconds,
    }


def largest_table(dataset: ImageDataset) -> dict[str, float]:
    """Draw the 1,350,000-pair table."""
    start = time.perf_counter()
    table = distort_pairs(sample_pairs(dataset, 150_000, seed=0), 8, (105, 105), seed=1)
    seconds = time.perf_counter() - start
    return {"pairs": len(table), "megabytes": table.nbytes / 1e6, "seconds": seconds}


def in_new_processes(imports: str, timed: str, rounds: int = 5) -> float:
    """Time a statement after some imports, each round in a separate process; the median."""
    code = (
        f"import time; {imports}; start = time.perf_counter(); {timed}; "
        "print(time.perf_counter() - start)"
    )
    root = Path(__file__).resolve().parents[1]
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(rounds)
    ]
    return statistics.median(times)


def import_time() -> dict[str, float]:
    """Time `import keras_siamese` after `import keras`."""
    return {"seconds_added_to_keras": in_new_processes("import keras", "import keras_siamese")}


def shipped_network(rounds: int = 30) -> dict[str, float]:
    """Time loading the network that ships, and its encoder on a batch of 64 images."""
    load = in_new_processes(
        "import tensorflow, keras, keras_siamese", "keras_siamese.load_pretrained()"
    )
    encoder = twin_encoder(load_pretrained())
    images = np.random.default_rng(0).random((64, *encoder.input_shape[1:]), np.float32)
    (seconds,) = works_in_turns((lambda: encoder.predict_on_batch(images),), rounds)
    return {
        "seconds_to_load": load,
        "image_size": encoder.input_shape[1],
        "milliseconds_per_image": 1000 * seconds / len(images),
    }


def main() -> None:
    """Run the benchmarks, print them, write them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also the 105x105 network")
    arguments = parser.parse_args()
    small = make_glyphs(size=35)
    results: dict[str, object] = {
        "import": import_time(),
        "shipped network": shipped_network(),
        "pair table": largest_table(small),
        "scoring": scoring_against_every_pair(small),
        "loop, reduced net at 35": loop_against_bare_step(reduced_encoder, small, 20, 9),
    }
    if arguments.full:
        large = make_glyphs(size=105, num_alphabets=4)
        results["loop, koch net at 105"] = loop_against_bare_step(koch_encoder, large, 1, 3)
    results |= {
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }
    print(json.dumps(results, indent=1))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

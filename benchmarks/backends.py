"""Speed of Keras's backends on one core, each in its own environment.

KERAS_BACKEND=jax python -m benchmarks.backends

Each call adds its backend to benchmarks/backends.json. Time is that of the processor, so that other
work on the machine hardly counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from keras_siamese import (
    LayerwiseSGD,
    load_pretrained,
    make_glyphs,
    reduced_encoder,
    sample_pairs,
    siamese_network,
    twin_encoder,
)
from keras_siamese.data import distort_pairs
from keras_siamese.training import TrainingConfig
from keras_siamese.training.pair_training import epoch_batches
from keras_siamese.training.step import make_train_step
from reproduce import provenance

RESULTS = Path(__file__).parent / "backends.json"
BATCH, STEPS, IMAGES, ROUNDS = 32, 20, 64, 5


def seconds(work: Callable[[], object]) -> float:
    """Return the least processor time of some rounds, after one that compiles."""
    work()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def training() -> float:
    """Return the pairs per second of the training step of the tables' net at 35x35."""
    glyphs = make_glyphs(num_alphabets=4, size=35, seed=0)
    pairs = distort_pairs(sample_pairs(glyphs, 2_000, seed=0), 8, glyphs.image_size, seed=1)
    encoder = reduced_encoder(filters=(32, 64, 128, 256), units=2048, initializer="he")
    model = siamese_network(encoder, initializer="he")
    model.compile(LayerwiseSGD(0.05, 0.5, 5e-4), "binary_crossentropy")
    step = make_train_step(model, glyphs.images, distorted=True)
    config = TrainingConfig(batch_size=BATCH, epoch_pairs=STEPS * BATCH)

    def steps() -> None:
        step.begin()
        for arrays, _ in epoch_batches(pairs, 0, config):
            loss, _ = step(*arrays)
        float(loss)
        step.end()

    return STEPS * BATCH / seconds(steps)


def encoding_speed() -> float:
    """Return the images per second of the network that ships."""
    encoder = twin_encoder(load_pretrained())
    images = np.random.default_rng(0).random((IMAGES, *encoder.input_shape[1:]), np.float32)
    return IMAGES / seconds(lambda: encoder.predict_on_batch(images))


def main() -> None:
    """Measure this process's backend and write it next to the others."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[keras.backend.backend()] = {
        "training_pairs_per_second": round(training(), 1),
        "encoding_images_per_second": round(encoding_speed(), 1),
        **provenance.origin(),
    }
    RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    print(json.dumps(known[keras.backend.backend()], indent=1))


if __name__ == "__main__":
    main()

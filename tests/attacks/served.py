"""Requests to a SavedModel, right and wrong: an answer or one error, and no more memory."""

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from keras_siamese import dense_encoder, export, siamese_network
from tests.attacks import process
from tests.attacks.damage import damaged

SIDE, MOST_GROWTH = 9, 0.05


def attack(rng, folder, count=10_000):
    """Load a SavedModel in a process and send requests.

    Returns:
        How many were sent and how many refused, and the growth of memory in kB when all are sent
        once more.
    """
    log, told = folder / "stderr.txt", folder / "told.json"
    seed = int(rng.integers(2**31))
    process.finish(process.start(serve, seed, folder, count, told, log=log), log)
    counts = json.loads(told.read_text())
    before, after = counts.pop("before"), counts.pop("after")
    assert after <= (1 + MOST_GROWTH) * before, f"memory grew from {before} to {after} bytes"
    return Counter(counts) | Counter({"most growth of memory, kB": max(0, after - before) // 1024})


def serve(seed, folder, count, told):
    """Export, load, answer, and write what happened."""
    network = siamese_network(dense_encoder((SIDE, SIDE, 1), units=(16, 8)))
    served = tf.saved_model.load(str(export(network, folder / "model"))).signatures
    send(served, seed, count)
    # TensorFlow keeps buffers for each size of a batch, and for the largest picture so far.
    before = memory()
    done = send(served, seed, count)
    Path(told).write_text(json.dumps({**done, "before": before, "after": memory()}))


def send(served, seed, count):
    """Send requests and look at each answer; return how many were sent and how many refused."""
    rng, done = np.random.default_rng(seed), Counter()
    for _ in range(count):
        name = str(rng.choice(["serving_default", "embed", "classify", "verify_images"]))
        done["requests"] += 1
        try:
            answers = served[name](**request(name, rng))
        except tf.errors.InvalidArgumentError as error:
            assert str(error).strip()
            done["requests refused"] += 1
            continue
        for key, answer in answers.items():
            numbers = answer.numpy()
            assert np.isfinite(numbers).all(), (name, key)
            if key == "probability":
                assert ((numbers >= 0) & (numbers <= 1)).all(), (name, numbers)
    return done


def request(name, rng):
    """Return the inputs of a request, three in ten of which are wrong."""
    count = int(rng.integers(1, 33))
    other = count if rng.random() < 0.9 else int(rng.integers(0, 4))
    if name == "verify_images":
        return {key: tf.constant([file(rng) for _ in range(n)], tf.string)
                for key, n in (("left", count // 8 + 1), ("right", count // 8 + 1))}  # fmt: skip
    keys = {"embed": ("image",), "classify": ("support", "queries")}.get(name, ("left", "right"))
    return {key: images(rng, n) for key, n in zip(keys, (count, other), strict=False)}


def images(rng, count):
    """Return a batch, sometimes of another size, or of values that are not numbers."""
    side = SIDE if rng.random() < 0.95 else int(rng.integers(1, 12))
    batch = rng.random((count, side, SIDE, 1), dtype=np.float32)
    if batch.size and rng.random() < 0.1:
        batch.reshape(-1)[rng.integers(batch.size)] = rng.choice([np.nan, np.inf, -1, 2])
    return tf.constant(batch)


def file(rng):
    """Return a picture as a file, one in ten of which is damaged."""
    side = int(rng.integers(2, 30))
    content = io.BytesIO()
    pixels = rng.integers(0, 256, (side, side), dtype=np.uint8)
    Image.fromarray(pixels).save(content, str(rng.choice(["PNG", "JPEG", "BMP", "GIF"])))
    content = content.getvalue()
    return damaged(content, rng) if rng.random() < 0.1 else content


def memory(process="self"):
    """Return what a process holds in memory, in bytes."""
    status = Path(f"/proc/{process}/status")
    for line in status.read_text().splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise OSError(f"{status} has no VmRSS")

"""How long the command takes from a cold start, and from how many images on TensorFlow pays.

python -m benchmarks.start             all of it, to benchmarks/start.json
python -m benchmarks.start --rounds 1  a quick look, which writes nothing

Each command runs in a separate process, in turns; the least of the rounds counts, in seconds on
the clock and of the processor. On a machine that others use, too, the latter says more. The table
goes into docs/speed.md by `python -m website`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from reproduce import provenance

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "start.json"
ROUNDS = 7
COMMAND = [sys.executable, "-m", "keras_siamese_command"]
SIGN, SIGNS = "examples/sign.png", "examples/signs"
COMMANDS = {
    "`keras-siamese --help`": [*COMMAND, "--help"],
    "`keras-siamese --version`": [*COMMAND, "--version"],
    "a mistake on the command line": [*COMMAND, "verify"],
    "`verify` of two images": [*COMMAND, "verify", SIGN, f"{SIGNS}/loop/1.png"],
    "`classify` of one image, 24 known": [*COMMAND, "classify", "--support", SIGNS, SIGN],
    "`import tensorflow`, for comparison": [sys.executable, "-c", "import tensorflow"],
}
# Images that are encoded to measure the time of one.
IMAGES = 64


def run(command: list[str]) -> tuple[float, float]:
    """Run a command to its end; return its seconds on the clock and of the processor."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return seconds, used


def encoding_seconds(rounds: int) -> dict[str, float]:
    """Return what encoding by the network that ships takes, in processor seconds.

    Returns:
        `numpy` and `keras`, for an image; `load`, for building the model and its first call.
    """
    import numpy as np

    from keras_siamese.evaluation.network import KerasNetwork
    from keras_siamese.pretrained import load_pretrained, open_pretrained

    light = open_pretrained()._network
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, *light.input_shape), np.uint8)

    def least(encode) -> float:
        taken = []
        for _ in range(rounds):
            start = time.process_time()
            encode(images)
            taken.append(time.process_time() - start)
        return min(taken) / len(images)

    numpy_seconds = least(light.encode)
    import keras  # noqa: F401

    start = time.process_time()
    keras_network = KerasNetwork(load_pretrained())
    keras_network.encode(images[:1])
    load = time.process_time() - start
    return {"numpy": numpy_seconds, "keras": least(keras_network.encode), "load": load}


def main() -> None:
    """Measure, print, and write the results of a full run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            taken[name].append(run(command))
    rows = {
        name: {
            "seconds": min(seconds for seconds, _ in both),
            "processor_seconds": min(used for _, used in both),
        }
        for name, both in taken.items()
    }
    results = {
        "commands": rows,
        "encoding": encoding_seconds(rounds),
        "rounds": rounds,
        **provenance.origin(),
    }
    print(json.dumps(results, indent=1))
    if rounds >= ROUNDS:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The training step of the paper's 105x105 network, with and without the faster layers.

python -m benchmarks.koch_step                        writes benchmarks/koch_step.json
python -m benchmarks.koch_step --torch PATH           next to PyTorch, of the Python at PATH
python -m benchmarks.koch_step --pairs 16 --threads 1 --rounds 2    a quick look, writes nothing

Every contestant is a separate process, and all take turns, one step each, so that a busy machine
slows all equally. What is compared is the median time of a step. PyTorch's side is the plain step
of the same network on given images: no gather, no distortion, one rate for all layers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "koch_step.json"
PAIRS, THREADS, ROUNDS = (16, 64, 128), (1, 2), 3
SIDE = 105
# Of the faster layers, what a run chooses by default; "none" is the step as it was.
CONTESTANTS = {
    "direct, memory fetched anew": ("none", False),
    "direct": ("none", True),
    "fast": ("auto", True),
}


def tensorflow_step(choice: str, pairs: int, threads: int) -> tuple[Callable[[], None], list[str]]:
    """Return this package's step, and the layers that it computes the faster way."""
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from keras_siamese.models import koch_encoder, siamese_network, twin_encoder
    from keras_siamese.optimizers import LayerwiseSGD
    from keras_siamese.training.fast_layers import choose_fast_layers
    from keras_siamese.training.step import make_train_step

    model = siamese_network(koch_encoder(initializer="he"), initializer="he")
    model.compile(optimizer=LayerwiseSGD(0.01, 0.7, 5e-4), loss="binary_crossentropy")
    fast = choose_fast_layers(twin_encoder(model), choice, num_images=2 * pairs)
    rng = np.random.default_rng(0)
    images = (rng.random((100, SIDE, SIDE, 1)) < 0.06).astype(np.uint8) * 255
    step = make_train_step(model, images, distorted=True, fast_layers=fast)
    indices = rng.integers(0, len(images), 2 * pairs).astype(np.int32)
    transforms = np.tile(np.array([1, 0.02, 1, -0.02, 1, 1], np.float32), (2 * pairs, 1))
    same = (np.arange(pairs) % 2).astype(np.float32)

    def run() -> None:
        loss, _ = step(indices, transforms, same)
        loss.numpy()

    return run, list(fast)


def torch_step(pairs: int, threads: int) -> tuple[Callable[[], None], list[str]]:
    """Return the step of the same network as one writes it in PyTorch."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    layers: list[nn.Module] = []
    channels = 1
    for index, (filters, size) in enumerate([(64, 10), (128, 7), (128, 4), (256, 4)]):
        layers += [*([nn.MaxPool2d(2)] if index else []), nn.Conv2d(channels, filters, size)]
        layers.append(nn.ReLU(inplace=True))
        channels = filters
    encoder = nn.Sequential(*layers, nn.Flatten(), nn.Linear(9216, 4096), nn.Sigmoid())
    head = nn.Linear(4096, 1)
    parameters = [*encoder.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.7, weight_decay=1e-3)
    images = (torch.rand(2 * pairs, 1, SIDE, SIDE) < 0.06).float()
    same = (torch.arange(pairs) % 2).float()[:, None]

    def run() -> None:
        optimizer.zero_grad()
        left, right = encoder(images).chunk(2)
        logits = head((left - right).abs())
        nn.functional.binary_cross_entropy_with_logits(logits, same).backward()
        optimizer.step()

    return run, []


def work(contestant: str, pairs: int, threads: int) -> None:
    """Be a contestant: take a step for every line of stdin, and say how many seconds it took."""
    if contestant == "torch":
        step, fast = torch_step(pairs, threads)
    else:
        step, fast = tensorflow_step(CONTESTANTS[contestant][0], pairs, threads)
    step()  # the first compiles
    print(json.dumps(fast), flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        step()
        print(time.perf_counter() - started, flush=True)


def start_contestant(
    python: str, contestant: str, pairs: int, threads: int
) -> subprocess.Popen[str]:
    """Start a contestant on as many cores as it may have threads."""
    keeps = contestant in CONTESTANTS and CONTESTANTS[contestant][1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "TF_CPU_ALLOCATOR_USE_BFC": "true" if keeps else "false",
        "OMP_NUM_THREADS": str(threads),
    }
    arguments = ["--contestant", contestant, "--pairs", str(pairs), "--threads", str(threads)]
    return subprocess.Popen(
        [python, "-m", "benchmarks.koch_step", *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def read_line(process: subprocess.Popen[str], contestant: str) -> str:
    """Read a line of a contestant."""
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"The contestant {contestant!r} failed. Start it alone to see why.")
    return line


def compete(
    pairs: int, threads: int, rounds: int, torch_python: str | None
) -> dict[str, dict[str, object]]:
    """Time all contestants in turns; the median step of each, and its ratio to `direct`."""
    names = [*CONTESTANTS, *(["torch"] if torch_python else [])]
    processes: dict[str, subprocess.Popen[str]] = {}
    fast, seconds = {}, {name: [] for name in names}
    try:
        for name in names:
            python = torch_python if name == "torch" and torch_python else sys.executable
            processes[name] = start_contestant(python, name, pairs, threads)
            # One after the other: the choice of the layers is a matter of time, too.
            fast[name] = json.loads(read_line(processes[name], name))
        for _ in range(rounds):
            for name, process in processes.items():
                process.stdin.write("\n")
                process.stdin.flush()
                seconds[name].append(float(read_line(process, name)))
    finally:
        for process in processes.values():
            process.kill()
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    return {
        name: {
            "pairs_per_second": pairs / medians[name],
            "speed_of_direct": medians["direct"] / medians[name],
            "fast_layers": fast[name],
        }
        for name in names
    }


def has_avx512() -> bool:
    """Tell whether the processor has AVX-512; Linux says so in /proc."""
    try:
        return "avx512f" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the contest, print it, and write it where it is of the full size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, nargs="+", default=list(PAIRS))
    parser.add_argument("--threads", type=int, nargs="+", default=list(THREADS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has PyTorch")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.contestant:
        work(options.contestant, options.pairs[0], options.threads[0])
        return
    from reproduce import provenance

    rows = []
    for threads in options.threads:
        for pairs in options.pairs:
            found = compete(pairs, threads, options.rounds, options.torch)
            rows.append({"pairs": pairs, "threads": threads, "contestants": found})
            told = ", ".join(
                f"{name} {entry['pairs_per_second']:.1f} pairs/s ({entry['speed_of_direct']:.2f})"
                for name, entry in found.items()
            )
            print(f"{pairs} pairs, {threads} thread(s): {told}", flush=True)
    full = [options.pairs, options.threads] == [list(PAIRS), list(THREADS)]
    if full and options.rounds >= ROUNDS:
        versions = provenance.versions()
        if options.torch:
            asked = [options.torch, "-c", "import torch; print(torch.__version__)"]
            versions["torch"] = subprocess.check_output(asked, text=True).strip()
        results = {
            "rows": rows,
            "rounds": options.rounds,
            "avx512": has_avx512(),
            "hardware": provenance.hardware(),
            "versions": versions,
            "commit": provenance.commit(),
        }
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

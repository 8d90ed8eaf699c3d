"""Queries against many support images: the library next to a NumPy loop and faiss's flat index.

python -m benchmarks.support_images                   100 queries, 100,000 support images
python -m benchmarks.support_images --support 2000   a quick look, which writes nothing

Each number is taken in a separate process, on one thread, in turns. The median of the rounds goes
to benchmarks/support_images.json, and from there into docs/speed.md by
`python -m website`.

faiss's L1 index (`IndexFlat(features, METRIC_L1)`) knows no weights. Since
`alpha_j |q_j - r_j| = |alpha_j q_j - alpha_j r_j|` where `alpha_j >= 0`, it can rank the weighted
vectors where all weights have one sign, and it is timed so, on `|alpha|`: its arithmetic does not
depend on the signs. A trained network has weights of both signs, for which one index gives no
answer; `class_logits` takes the difference of two of faiss's distances.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.processes import in_new_process, peak_megabytes

RESULTS = Path(__file__).parent / "support_images.json"
SIZE = {"queries": 100, "support": 100_000, "features": 1024}
METHODS = ("library", "library without faiss", "faiss index", "loop")
# Largest difference of a logit from the one in float64.
TOLERANCE = 1e-5


def library(
    queries: np.ndarray, support: np.ndarray, kernel: np.ndarray, *, with_faiss: bool
) -> Callable[[], np.ndarray]:
    """Return `class_logits`, one reference a class; the head's bias is 1."""
    from keras_siamese.evaluation import weighted_sums
    from keras_siamese.evaluation.class_scores import class_logits
    from keras_siamese.models.numpy_heads import NumpyHead

    if not with_faiss:
        weighted_sums._faiss = lambda: None
    elif weighted_sums._faiss() is None:
        raise SystemExit("This needs faiss. Install it: pip install '.[faiss]'")
    head = NumpyHead((kernel[:, None], np.ones(1, np.float32)))
    counts = np.ones(len(support), int)
    return lambda: class_logits(head, queries, support, counts, shots="mean")


def plain_loop(
    queries: np.ndarray, support: np.ndarray, kernel: np.ndarray
) -> Callable[[], np.ndarray]:
    """Return NumPy's one line for each query."""
    return lambda: np.stack([np.abs(support - query) @ kernel + 1 for query in queries])


def faiss_index(
    queries: np.ndarray, support: np.ndarray, kernel: np.ndarray
) -> Callable[[], object]:
    """Return the search for the nearest of the weighted support, which lie in the index."""
    import faiss

    index = faiss.IndexFlat(len(kernel), faiss.METRIC_L1)
    index.add(support * np.abs(kernel))
    weighted = queries * np.abs(kernel)
    return lambda: index.search(weighted, 1)


def measure_method(method: str, size: dict[str, int]) -> dict[str, float]:
    """Run one method once in this process; its seconds, its processor's, and the peak memory."""
    rng = np.random.default_rng(0)
    queries = rng.random((size["queries"], size["features"]), np.float32)
    support = rng.random((size["support"], size["features"]), np.float32)
    kernel = rng.normal(0, 0.2, size["features"]).astype(np.float32)
    if method == "faiss index":
        work = faiss_index(queries, support, kernel)
    elif method == "loop":
        work = plain_loop(queries, support, kernel)
    else:
        work = library(queries, support, kernel, with_faiss=method == "library")
    clocks = time.perf_counter(), time.process_time()
    found = work()
    seconds, processor_seconds = time.perf_counter() - clocks[0], time.process_time() - clocks[1]
    # Taken before the check, which needs memory, too.
    peak = peak_megabytes()
    if isinstance(found, np.ndarray):
        few = np.abs(queries[:, None].astype(float) - support[:20]) @ kernel.astype(float) + 1
        np.testing.assert_allclose(found[:, :20], few, rtol=TOLERANCE, atol=TOLERANCE)
    return {"seconds": seconds, "processor_seconds": processor_seconds, "peak_megabytes": peak}


def methods_in_turns(size: dict[str, int], rounds: int) -> dict[str, dict[str, float]]:
    """Measure every method in separate processes, in turns; the median of each number."""
    taken: dict[str, list[dict[str, float]]] = {method: [] for method in METHODS}
    for _ in range(rounds):
        for method in METHODS:
            taken[method].append(in_new_process(measure_method, method, size, threads=1))
    return {
        method: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for method, runs in taken.items()
    }


def main() -> None:
    """Run the comparison, print it, and write it where it is of the full size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, value in SIZE.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    from reproduce import provenance

    size = {name: getattr(arguments, name) for name in SIZE}
    load = os.getloadavg()[0]
    # Before anything is written, which would be a change of the commit.
    origin = provenance.origin()
    origin["versions"] |= {"faiss-cpu": version("faiss-cpu")}
    methods = methods_in_turns(size, arguments.rounds)
    results = {
        **size,
        "methods": methods,
        "load_before": load,
        **origin,
    }
    print(json.dumps(results, indent=1))
    if size == SIZE:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

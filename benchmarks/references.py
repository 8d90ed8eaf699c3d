"""Queries against many references: the library's tiles beside a plain NumPy loop.

python benchmarks/references.py                     100 queries, 100,000 references of 1,024
python benchmarks/references.py --references 2000   a quick look

An index made for such searches (faiss's flat L1) is not compared yet.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402

from keras_siamese.evaluation.references import class_logits  # noqa: E402


class Head:
    """Weights of a `WeightedL1` layer, without building a network for them."""

    def __init__(self, features: int, rng: np.random.Generator) -> None:
        """Draw the weights."""
        self.weights = [rng.normal(size=(features, 1)).astype(np.float32), np.ones(1, np.float32)]

    def get_weights(self) -> list[np.ndarray]:
        """Return kernel and bias."""
        return self.weights


def plain_loop(head: Head, queries: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return the logits `(queries, references)`, one query after the other."""
    kernel, bias = head.get_weights()
    return np.stack([(np.abs(references - query) @ kernel + bias)[:, 0] for query in queries])


def tiles_against_loop(
    num_queries: int = 100, num_references: int = 100_000, features: int = 1024, rounds: int = 3
) -> dict[str, float]:
    """Time both in turns, and take the memory that each adds to the vectors."""
    rng = np.random.default_rng(0)
    queries = rng.random((num_queries, features), np.float32)
    references = rng.random((num_references, features), np.float32)
    head, counts = Head(features, rng), np.ones(num_references, int)
    works = {
        "tiles": lambda: class_logits(head, queries, references, counts, shots="mean"),
        "loop": lambda: plain_loop(head, queries, references),
    }
    np.testing.assert_allclose(*(work() for work in works.values()), rtol=1e-3, atol=1e-2)
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    figures: dict[str, float] = {
        "queries": num_queries,
        "references": num_references,
        "features": features,
        "vectors_megabytes": (queries.nbytes + references.nbytes) / 1e6,
    }
    for name, work in works.items():
        figures[f"{name}_seconds"] = statistics.median(seconds[name])
        tracemalloc.start()
        work()
        figures[f"{name}_added_megabytes"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    figures["ratio"] = figures["tiles_seconds"] / figures["loop_seconds"]
    return figures


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--references", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=1024)
    arguments = parser.parse_args()
    figures = tiles_against_loop(arguments.queries, arguments.references, arguments.features)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

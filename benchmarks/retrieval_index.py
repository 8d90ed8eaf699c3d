"""Engines of `EmbeddingIndex`: time to build, size on disk, recall at 10, milliseconds per query.

python -m benchmarks.retrieval_index                       a million embeddings, 1,000 queries
python -m benchmarks.retrieval_index --embeddings 20000    a quick look, which writes nothing
python -m benchmarks.retrieval_index --threads 2           on two threads
python -m benchmarks.retrieval_index --engines usearch     that engine alone; the file keeps others

Each engine works in a separate process, by the cosine. The embeddings are those of a network in
kind: classes of ten images, each image a unit vector around the centre of its class, and each query
another image of a class. Recall at 10 is the share of the ten nearest by an exact search, in
float64, that an engine finds. Queries are asked one at a time. The file is read before them, and
that takes `load_seconds`. All seconds are the processor's, of all threads together, which other
work on the machine changes little. The numbers of an engine go to benchmarks/retrieval_index.json
as soon as they are there.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import in_new_process, peak_megabytes

RESULTS = Path(__file__).parent / "retrieval_index.json"
SIZE = {"embeddings": 1_000_000, "features": 256, "queries": 1_000}
ENGINES = ("numpy", "faiss", "faiss-hnsw", "usearch")
OF_A_CLASS = 10
# Length of the noise around a centre, in that of the centre: images of a class have a cosine of
# about one half.
NOISE = 1.0
K = 10
# Embeddings that are drawn or added at a time.
PART = 50_000


def draw_vectors(size: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw embeddings and queries, float32, of unit length."""
    rng = np.random.default_rng(0)
    features = size["features"]
    centres = rng.normal(size=(-(-size["embeddings"] // OF_A_CLASS), features)).astype(np.float32)

    def images(classes: np.ndarray) -> np.ndarray:
        noise = rng.standard_normal((len(classes), features), np.float32)
        vectors = centres[classes] + np.float32(NOISE) * noise
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    embeddings = np.empty((size["embeddings"], features), np.float32)
    for start in range(0, len(embeddings), PART):
        rows = np.arange(start, min(start + PART, len(embeddings)))
        embeddings[rows] = images(rows // OF_A_CLASS)
    return embeddings, images(rng.integers(0, len(centres), size["queries"]))


def nearest_by_product(embeddings: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Return the rows of the K nearest of each query, by products in float64."""
    best, rows = np.full((len(queries), K), -np.inf), np.zeros((len(queries), K), np.int64)
    asked = queries.astype(np.float64)
    for start in range(0, len(embeddings), PART):
        cosines = asked @ embeddings[start : start + PART].T.astype(np.float64)
        top = np.argpartition(-cosines, K, axis=1)[:, :K]
        both = np.concatenate([best, np.take_along_axis(cosines, top, axis=1)], axis=1)
        places = np.concatenate([rows, top + start], axis=1)
        kept = np.argsort(-both, axis=1)[:, :K]
        best, rows = (np.take_along_axis(each, kept, axis=1) for each in (both, places))
    return rows


def measure_index(
    engine: str, size: dict[str, int], folder: Path, threads: int
) -> dict[str, float]:
    """Build, save, load and search one index in this process."""
    from keras_siamese import EmbeddingIndex

    # A library starts a thread for each core that it may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    embeddings, queries = draw_vectors(size)
    names = [f"{row}.png" for row in range(len(embeddings))]
    index = EmbeddingIndex(engine=engine, distance="cosine")
    start = time.process_time()
    for first in range(0, len(embeddings), PART):
        index.add(embeddings[first : first + PART], names[first : first + PART])
    built = time.process_time()
    path = folder / f"{engine}.index"
    index.save(path)
    saved = time.process_time()
    del index, embeddings
    index = EmbeddingIndex.load(path)
    loaded = time.process_time()
    index.search(queries[0], k=K)
    found = np.empty((len(queries), K), np.int64)
    begun = time.process_time()
    for row, query in enumerate(queries):
        found[row] = index.search_rows(query, k=K)[0][0]
    seconds = time.process_time() - begun
    exact = np.load(folder / "exact.npy")
    hits = [len(set(ours) & set(theirs)) for ours, theirs in zip(found, exact, strict=True)]
    return {
        "build_seconds": built - start,
        "save_seconds": saved - built,
        "load_seconds": loaded - saved,
        "megabytes_on_disk": path.stat().st_size / 1e6,
        "recall_at_10": sum(hits) / (K * len(hits)),
        "milliseconds_per_query": 1e3 * seconds / len(queries),
        "peak_megabytes": peak_megabytes(),
    }


def add_numbers(results: dict[str, Any], path: Path) -> None:
    """Add the numbers of engines to those that a file has of others.

    Args:
        results: By engine.
        path: The file, which may not exist yet.
    """
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(known | results, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Measure every engine, print it, and write it where it is of the full size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, value in SIZE.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    arguments = parser.parse_args()
    from reproduce import provenance

    size, threads = {name: getattr(arguments, name) for name in SIZE}, arguments.threads
    # Before anything is written, which would be a change of the commit.
    origin = provenance.origin()
    origin["versions"] |= {name: version(name) for name in ("faiss-cpu", "usearch")}
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "exact.npy"), nearest_by_product(*draw_vectors(size)))
        for engine in arguments.engines:
            load = os.getloadavg()[0]
            job = (engine, size, Path(folder), threads)
            found = in_new_process(measure_index, *job, threads=threads)
            Path(folder, f"{engine}.index").unlink()
            found |= {**size, "threads": threads, "load_before": load, **origin}
            print(json.dumps({engine: found}, indent=1), flush=True)
            if size == SIZE:
                add_numbers({engine: found}, RESULTS)


if __name__ == "__main__":
    main()

"""Embeddings to look among, queries near some of them, and what a search should find."""

import numpy as np

from keras_siamese import EmbeddingIndex
from keras_siamese.index.engines import ENGINES

SCIPY = {"cosine": "cosine", "euclidean": "euclidean", "l1": "cityblock"}
WITHOUT_NETWORK = [
    (engine, distance)
    for engine, distances in ENGINES.items()
    for distance in distances
    if distance != "learned"
]
RNG = np.random.default_rng(5)
VECTORS = RNG.normal(size=(400, 12)).astype(np.float32)
QUERIES = VECTORS[:30] + RNG.normal(size=(30, 12)).astype(np.float32) / 4
NAMES = [f"folder/{number}.png" for number in range(400)]


def some():
    """An index of five of them."""
    return EmbeddingIndex.build(VECTORS[:5], NAMES[:5])


def expected_neighbours(distances, k):
    rows = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return rows, np.take_along_axis(distances, rows, axis=1)

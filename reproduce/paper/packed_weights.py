"""Weights in a few small files, such as a machine that is lent can send back."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from keras_siamese.atomic import atomic_write

# Numbers of a matrix from which on it is packed; largest file of packed weights, and largest piece
# of a matrix in it, in bytes.
LARGE = 1_000_000
PART = 15 * 2**20
CHUNK = 2**20


def pack(network: keras.Model, out: Path, name: str) -> None:
    """Write the weights in a few small files: large matrices as 8-bit integers.

    Those have one scale for each column. `unpack` in the same order of `network.weights`.
    """
    arrays: dict[str, np.ndarray] = {}
    for number, weight in enumerate(network.get_weights()):
        if weight.size < LARGE:
            arrays[f"{number}"] = weight
            continue
        scale = np.abs(weight).max(axis=0) / 127
        arrays[f"{number}.scale"] = scale.astype(np.float32)
        rounded = np.rint(weight / np.maximum(scale, 1e-30)).astype(np.int8)
        rows = max(1, CHUNK // max(1, rounded[0].nbytes))
        for start in range(0, len(rounded), rows):
            arrays[f"{number}.{start:06d}"] = rounded[start : start + rows]
    parts: list[dict[str, np.ndarray]] = [{}]
    for key, array in arrays.items():
        if parts[-1] and sum(a.nbytes for a in parts[-1].values()) + array.nbytes > PART:
            parts.append({})
        parts[-1][key] = array
    for number, part in enumerate(parts):
        with atomic_write(out / f"weights-{name}-{number}.npz") as file:
            np.savez_compressed(file, **part)  # type: ignore[arg-type]


def unpack(network: keras.Model, paths: list[Path]) -> None:
    """Set the weights of a network from the files that `pack` wrote."""
    arrays: dict[str, np.ndarray] = {}
    for path in paths:
        with np.load(path) as file:
            arrays |= dict(file)
    weights = []
    for number, weight in enumerate(network.get_weights()):
        if f"{number}" in arrays:
            weights.append(arrays[f"{number}"])
            continue
        scale = arrays[f"{number}.scale"]
        keys = sorted(k for k in arrays if k.startswith(f"{number}.") and not k.endswith("scale"))
        rounded = np.concatenate([arrays[key] for key in keys])
        weights.append((rounded * scale).astype(weight.dtype))
    network.set_weights(weights)

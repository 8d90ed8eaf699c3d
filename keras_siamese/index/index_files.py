"""The file of an `EmbeddingIndex`: a zip archive whose parts are stored, not compressed.

So the embeddings can stay in the file. A file that is cut off has no list of its parts, which
is at its end; a part that is damaged has another checksum.
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.atomic import atomic_write, checked_path
from keras_siamese.data.unreadable import sentence, what_is_at
from keras_siamese.index.signature import NetworkSignature
from keras_siamese.models.numpy_heads import COSINE, EUCLIDEAN, WEIGHTED_L1, NumpyHead

KIND = "EmbeddingIndex"
_FORMAT = 1
_SETTINGS, _NAMES, _GRAPH = "settings.json", "names.json", "graph.bin"
_VECTORS, _LENGTHS, _HEAD = "vectors.npy", "lengths.npy", ("head0.npy", "head1.npy")
# Where an array starts in the file, so that it can be mapped: as NumPy aligns one.
_ALIGNMENT = 64
# A field of a zip entry that holds nothing, as Android's tools pad with.
_PADDING = 0xD935


@dataclass(frozen=True, eq=False)
class SavedIndex:
    """The content of a file; `EmbeddingIndex` describes the parts.

    Attributes:
        engine: Its name.
        distance: Its name.
        signature: Of the network, or None.
        names: `(n,)`.
        labels: `(n,)`, strings, whole numbers or None.
        vectors: `(n, features)`, float32; of length 1 for "cosine".
        lengths: `(n,)`, float32, the lengths of the embeddings for "cosine"; else None.
        graph: What the engine keeps, or None.
    """

    engine: str
    distance: str
    signature: NetworkSignature | None
    names: list[str]
    labels: list[Any]
    vectors: np.ndarray
    lengths: np.ndarray | None
    graph: bytes | None


def write_index(path: str | os.PathLike[str], saved: SavedIndex) -> None:
    """Write an index, whole or not at all.

    Args:
        path: The file; its folder must exist.
        saved: What it is to hold.

    Raises:
        ValueError: If the path is invalid, or a folder's.
        OSError: If the file cannot be written.
    """
    signature = saved.signature
    head = None if signature is None else signature.head
    settings = {
        "kind": KIND,
        "format": _FORMAT,
        "engine": saved.engine,
        "distance": saved.distance,
        "count": len(saved.names),
        "features": saved.vectors.shape[1],
        "digest": None if signature is None else signature.digest,
        "preprocessing": None if signature is None else signature.preprocessing,
        "head": None if head is None else head.kind,
    }
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_SETTINGS, json.dumps(settings))
        archive.writestr(_NAMES, json.dumps({"names": saved.names, "labels": saved.labels}))
        _write_array(archive, file, _VECTORS, saved.vectors)
        if saved.lengths is not None:
            _write_array(archive, file, _LENGTHS, saved.lengths)
        for name, weight in zip(_HEAD, () if head is None else head.weights, strict=False):
            _write_array(archive, file, name, weight)
        if saved.graph is not None:
            with archive.open(_GRAPH, "w", force_zip64=True) as entry:
                entry.write(saved.graph)


def _write_array(archive: zipfile.ZipFile, file: BinaryIO, name: str, array: np.ndarray) -> None:
    entry = zipfile.ZipInfo(name)
    # What stands before the content: 30 bytes, the name, 20 for large files, 4 of this field.
    start = file.tell() + 30 + len(name) + 20 + 4
    padding = bytes(-start % _ALIGNMENT)
    entry.extra = struct.pack("<HH", _PADDING, len(padding)) + padding
    with archive.open(entry, "w", force_zip64=True) as out:
        np.lib.format.write_array(out, np.ascontiguousarray(array, "<f4"), allow_pickle=False)


def read_index(path: str | os.PathLike[str], *, memory_map: bool = False) -> SavedIndex:
    """Read what `write_index` wrote.

    Args:
        path: The file.
        memory_map: Whether the vectors stay in the file.

    Returns:
        The content, whose parts fit each other.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no path, no such file, or is damaged.
    """
    file = checked_path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"`path` must be a file with an index. Received: {str(file)!r}, which is "
            f"{what_is_at(file)}. Correct it."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(file, archive, memory_map)
    # Damage shows wherever the first reader meets it: the archive, JSON or NumPy.
    except Exception as error:
        raise ValueError(
            f"`path` must be a file written by {KIND}.save. Received: {str(file)!r}, but "
            f"{sentence(error)} Build the index again."
        ) from error


def _read(file: Path, archive: zipfile.ZipFile, memory_map: bool) -> SavedIndex:
    settings = _entries(archive, _SETTINGS)
    if settings.get("kind") != KIND:
        raise ValueError(f"it holds a {settings.get('kind')!r}")
    if settings["format"] != _FORMAT:
        raise ValueError(f"it has format {settings['format']!r}, which a later version wrote")
    engine, distance = settings["engine"], settings["distance"]
    told = _entries(archive, _NAMES)
    names, labels = told["names"], told["labels"]
    if not isinstance(names, list) or not isinstance(labels, list):
        raise ValueError("its names or labels are no list")
    count, features = settings["count"], settings["features"]
    if not len(names) == len(labels) == count:
        raise ValueError(f"it names {len(names)} of {count} embeddings")
    vectors = _mapped(file, archive) if memory_map else _array(archive, _VECTORS)
    parts = archive.namelist()
    lengths = _array(archive, _LENGTHS) if _LENGTHS in parts else None
    shapes = [(vectors, (count, features)), (lengths, (count,))]
    signature = None
    if settings["digest"] is not None:
        head = None
        kind = settings["head"]
        if kind is not None:
            weights = tuple(_array(archive, name) for name in _HEAD if name in parts)
            head = NumpyHead(weights, check_choice("head", kind, (WEIGHTED_L1, EUCLIDEAN, COSINE)))
            expected = ((features, 1) if kind == WEIGHTED_L1 else (1,), (1,))
            shapes += zip(weights, expected, strict=False)
            if len(weights) < 1 + (kind != WEIGHTED_L1):
                raise ValueError(f"its head has {len(weights)} weights")
        signature = NetworkSignature(settings["digest"], settings["preprocessing"], head)
    for array, shape in shapes:
        if array is not None and (array.shape != shape or array.dtype != np.float32):
            raise ValueError(f"an array has shape {array.shape}, not {shape}")
    if (lengths is None) == (distance == "cosine"):
        raise ValueError("its lengths do not fit its distance")
    graph = archive.read(_GRAPH) if _GRAPH in parts else None
    if (graph is None) != (engine in ("numpy", "faiss")):
        raise ValueError(f"its graph does not fit the engine {engine!r}")
    return SavedIndex(engine, distance, signature, names, labels, vectors, lengths, graph)


def _entries(archive: zipfile.ZipFile, part: str) -> dict[str, Any]:
    """Return an object of JSON."""
    held = json.loads(archive.read(part))
    if not isinstance(held, dict):
        raise ValueError(f"its {part} holds a {type(held).__name__}")
    return held


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(name) as entry:
        array = np.lib.format.read_array(entry, allow_pickle=False)
        # The checksum is compared when the end is met.
        if entry.read(1):
            raise ValueError(f"its {name} is longer than its array")
    if not np.isfinite(array).all():
        raise ValueError(f"its {name} holds numbers that are not finite")
    return array


def _mapped(file: Path, archive: zipfile.ZipFile) -> np.ndarray:
    """Return the vectors as an array whose content stays in the file."""
    entry = archive.getinfo(_VECTORS)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError("its vectors are compressed")
    with open(file, "rb") as content:
        content.seek(entry.header_offset + 26)
        # The name and the extra field, whose lengths stand here, may differ from those of the list.
        name, extra = struct.unpack("<HH", content.read(4))
        begin = entry.header_offset + 30 + name + extra
        content.seek(begin)
        version = np.lib.format.read_magic(content)
        if version != (1, 0):
            raise ValueError(f"its vectors have version {version}")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(content)
        start = content.tell()
    end = start + 4 * int(np.prod(shape))
    if fortran or dtype != np.float32 or end > begin + entry.file_size:
        raise ValueError(f"its vectors are {dtype} of shape {shape}")
    return np.memmap(file, np.float32, "r", start, shape)

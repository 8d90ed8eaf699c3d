"""Parsed arrays that are kept in one file, until their source changes."""

import hashlib
import logging
from pathlib import Path

import numpy as np

from keras_siamese.atomic import atomic_write

_logger = logging.getLogger(__name__)
_STAMP, _DIGEST = "stamp", "digest"


def read_cache(path: Path, stamp: str | None = None) -> dict[str, np.ndarray] | None:
    """Load arrays that `write_cache` wrote.

    Args:
        path: The `.npz` file.
        stamp: Text that the file must have been written with; None accepts any.

    Returns:
        The arrays by name; None where the file is missing, damaged, changed or of another stamp, so
        that the caller parses the source again.
    """
    try:
        # NumPy leaves a damaged file open that it opened itself.
        with open(path, "rb") as content, np.load(content, allow_pickle=False) as file:
            if stamp is not None and str(file[_STAMP]) != stamp:
                return None
            digest = str(file[_DIGEST])
            names = [name for name in file.files if name not in (_STAMP, _DIGEST)]
            arrays = {name: file[name] for name in names}
        if digest != _digest(arrays):
            raise ValueError("its arrays are not those that were stored")
        return arrays
    # NumPy meets damage in many ways, of which a tokenizer's error is one.
    except Exception as error:
        _logger.debug("No use of %s: %s", path, error)
        return None


def write_cache(path: Path, stamp: str, arrays: dict[str, np.ndarray]) -> bool:
    """Store arrays under `path` in one atomic step.

    A process stopped at any moment leaves either the old file or the new one. Where the folder
    cannot be written, or another process began to store the same arrays meanwhile, nothing is
    stored and nothing fails: the source is then parsed at the next call.

    Args:
        path: The `.npz` file; its folder is created.
        stamp: Text that says which source the arrays come from.
        arrays: The arrays by name.

    Returns:
        Whether the arrays were stored.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            facts = {_STAMP: np.array(stamp), _DIGEST: np.array(_digest(arrays))}
            np.savez(file, **facts, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        _logger.info("Parsed arrays are not kept, %s cannot be written: %s", path, error)
        return False
    return True


def _digest(arrays: dict[str, np.ndarray]) -> str:
    """Return a text that is another one for other arrays."""
    digest = hashlib.blake2b(digest_size=16)
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return digest.hexdigest()

"""Errors of TensorFlow's file writers, raised like those of any other file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def file_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an error of TensorFlow, as on a full disk, into an `OSError` that names a file.

    TensorFlow writes files by operations of a graph, and its errors are no `OSError`.

    Args:
        path: What is being written.

    Raises:
        OSError: If the block raises an error of TensorFlow.
    """
    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(
            f"`path` must be where a file can be written. Received: {os.fspath(path)!r}, but "
            f"TensorFlow says: {_reason(error)}. Make room or choose another place; nothing was "
            "written."
        ) from error


def _reason(error: tf.errors.OpError) -> str:
    """Return what TensorFlow says, without the names of its operations."""
    text = re.sub(r"\{\{.*?\}\}|\[Op:\w+\]", " ", error.message)
    return " ".join(text.split()).strip(" .") or type(error).__name__

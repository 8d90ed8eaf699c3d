"""Errors of converters, raised as one about the network: a format lacks a layer of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def layer_errors(format_name: str) -> Iterator[None]:
    """Turn whatever a converter raises into a `ValueError` about the network's layers.

    The converters' own classes of errors are not public. A full disk or memory is not the network's
    fault, and stays as it is.

    Args:
        format_name: What is converted to, for the error.

    Raises:
        ValueError: If the block raises any other error.
    """
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        raise ValueError(
            f"`model` must be made of layers that {format_name} can express. Received: a "
            f"network that its converter refuses: {error.__cause__ or error}. Replace that layer "
            "in the encoder."
        ) from error

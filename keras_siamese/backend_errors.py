"""What Keras is told to run on, and is not there: an error that says what to do.

Keras's own error is a missing module, or an unknown name, without the variable that asked for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

# The packages have the names of the backends.
BACKENDS = ("tensorflow", "jax", "torch")
VARIABLE = "KERAS_BACKEND"


@contextmanager
def backend_errors() -> Iterator[None]:
    """Import Keras in the block, and explain why it cannot be imported.

    Yields:
        Nothing.

    Raises:
        ImportError: If the backend that Keras is to run on is not installed.
        ValueError: If it is told to run on one that it does not know.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in BACKENDS:
            raise
        raise ImportError(
            f"`{VARIABLE}` must name a backend of Keras that is installed. Received: "
            f"{_received(missing)}, and the package {missing} is not installed. "
            f"{_remedy(f'Install it (pip install {missing})')}",
            name=missing,
        ) from error
    except ValueError as error:
        name = os.environ.get(VARIABLE)
        # Keras also runs on others, for answers alone.
        if name is None or "Unable to import backend" not in str(error):
            raise
        raise ValueError(
            f"`{VARIABLE}` must be one of {', '.join(BACKENDS)}. Received: {name!r}. "
            f"{_remedy('Unset it for TensorFlow')}"
        ) from error


def _received(backend: str) -> str:
    """Return what chose the backend."""
    name = os.environ.get(VARIABLE)
    # Without the variable, Keras looks into its file, and takes TensorFlow.
    return repr(name) if name else f"no such variable, which stands for {backend!r} here"


def _remedy(first: str) -> str:
    """Return what to do, with the backends that are there."""
    there = [backend for backend in BACKENDS if find_spec(backend) is not None]
    other = f", or set {VARIABLE} to one that is installed: {', '.join(there)}" if there else ""
    return f"{first}{other}, before Python starts."

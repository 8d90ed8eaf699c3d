"""What scripts share: TensorFlow's environment, options, and errors told in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

# What TensorFlow reads when it is imported. Quiet: its log hides what a run has to say, and below
# level 3 it reports a machine without a GPU as an error. With the fast kernels on every x86
# processor. And memory is kept for the next step: to fetch it anew costs large networks a third of
# the time.
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPU_ALLOCATOR_USE_BFC": "true",
}
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"
)
# Options of several commands.
DataFolder = Annotated[
    Path | None, typer.Option(help="Folder with the data; else KERAS_SIAMESE_DATA or download.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
]


def prepare_tensorflow() -> None:
    """Set TensorFlow's environment, before it is imported; what is set already stays."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def run(main: Callable[..., None]) -> None:
    """Run a script's command. It imports TensorFlow inside its functions, and so after this."""
    prepare_tensorflow()
    typer.run(main)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let the processes that are started meanwhile compute with one thread each.

    They must inherit it: NumPy reads it when it is imported, before a process runs anything else.
    """
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def errors_told(
    name: str,
    *,
    interrupted: str | None = None,
    extra: str | None = None,
    without_tensorflow: str | None = None,
) -> Iterator[None]:
    """End the script with one line on stderr where an error is the user's to mend.

    Args:
        name: Name of the script, which the line begins with.
        interrupted: What to do after Ctrl-C; None lets the interruption through.
        extra: The package's extra that a missing module belongs to, if any.
        without_tensorflow: What to do where TensorFlow is missing, if anything else.

    Raises:
        SystemExit: With code 1 after an error, 130 after an interruption.
    """
    try:
        yield
    except (KeyboardInterrupt, ValueError, OSError, ImportError) as error:
        # Ctrl-C also shows as the failure of what it broke off, such as the release of a lock.
        if KeyboardInterrupt in map(type, (error, error.__context__)):
            if interrupted is None:
                raise
            print(f"\nInterrupted. {interrupted}", file=sys.stderr)
            raise SystemExit(130) from None
        remedy = ""
        if isinstance(error, ModuleNotFoundError) and error.name == "tensorflow":
            remedy = "; ".join([". It needs TensorFlow", *filter(None, [without_tensorflow])])
        elif isinstance(error, ImportError) and extra is not None:
            remedy = f". It needs: pip install 'keras_siamese[{extra}]'"
        print(f"{name}: {error}{remedy}", file=sys.stderr)
        raise SystemExit(1) from None

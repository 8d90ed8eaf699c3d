"""A measurement in a separate process: how it is run, and the most memory that it held."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

# What BLAS and OpenMP read when they are loaded.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def in_new_process(work: Callable[..., Any], *arguments: Any, threads: int | None = None) -> Any:
    """Call a function in a new process, which imports everything anew.

    Args:
        work: A function of a module.
        arguments: What it is called with.
        threads: How many BLAS and OpenMP may start; None for as many as they choose.

    Returns:
        What it returns.

    Raises:
        BrokenProcessPool: If the process ends before, as without memory. An error of the function
            is raised as it is.
    """
    limits = {} if threads is None else dict.fromkeys(THREADS, str(threads))
    context = multiprocessing.get_context("spawn")
    with mock.patch.dict(os.environ, limits), ProcessPoolExecutor(1, context) as pool:
        return pool.submit(work, *arguments).result()


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far, in MB of 1e6 bytes."""
    # Not getrusage, whose maximum a new process takes over from the one that started it.
    status = Path("/proc/self/status").read_text()
    kilobytes = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if kilobytes is None:
        raise SystemExit(
            "The most memory that a process held is known on Linux alone. Run it there."
        )
    return int(kilobytes[1]) * 1024 / 1e6

"""Scores every row of a part in several processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from keras_siamese import Recognizer
from reproduce import provenance
from reproduce.robustness.looks import LOOKS
from reproduce.robustness.rows import N_WAY, TRIALS, make_row
from reproduce.robustness.scoring import score_row
from reproduce.signs.domains import DOMAINS

# The rate that the shipped thresholds are taken for.
FALSE_ACCEPT_RATE = 0.01
ROWS = (*LOOKS, *DOMAINS)


def score_suite(
    part: str,
    networks: Sequence[str],
    *,
    rows: Sequence[str] = ROWS,
    trials: int = TRIALS,
    seed: int = 0,
    processes: int | None = None,
    data_dir: Path | None = None,
    on_row: Callable[[dict[str, Any]], None] = lambda row: None,
) -> dict[str, Any]:
    """Score baselines and networks on every row.

    Args:
        part: "development" or "test".
        networks: Names of shipped networks.
        rows: Looks and domains, by name.
        trials: Trials of each row.
        seed: Seed of trials and pictures.
        processes: Rows that are scored at once; None for one for each core.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.
        on_row: Called with each row, as `score_row` returns it, as soon as it is scored.

    Returns:
        A result as JSON types: the scores under `rows`, and where they come from.
    """
    start = time.perf_counter()
    processes = processes or provenance.cores()
    work = partial(
        _score, part=part, networks=tuple(networks), trials=trials, seed=seed, data_dir=data_dir
    )
    scored = []
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_one_thread) as pool:
        for row in pool.map(work, rows):
            on_row(row)
            scored.append(row)
    return {
        "suite": "robustness",
        "part": part,
        "seed": seed,
        "config": {
            "n_way": N_WAY,
            "trials": trials,
            "networks": {name: str(_network(name).preprocessing) for name in networks},
            "false_accept_rate": FALSE_ACCEPT_RATE,
            "processes": processes,
        },
        "rows": scored,
        "hardware": provenance.hardware(),
        "seconds": round(time.perf_counter() - start, 1),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
    }


def _one_thread() -> None:
    """Keep a process to one core, before anything reads these variables."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[name] = "1"


@cache
def _network(name: str) -> Recognizer:
    return Recognizer.from_preset(name, false_accept_rate=FALSE_ACCEPT_RATE)


def _score(
    name: str,
    *,
    part: str,
    networks: tuple[str, ...],
    trials: int,
    seed: int,
    data_dir: Path | None,
) -> dict[str, Any]:
    """Score one row, in a separate process."""
    row = make_row(name, part, trials=trials, seed=seed, data_dir=data_dir)
    return score_row(row, {network: _network(network) for network in networks})

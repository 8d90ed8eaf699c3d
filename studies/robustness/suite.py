"""Scores rows in several processes, and says what they are scored with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from keras_siamese import Recognizer
from keras_siamese.pretrained import pretrained_card
from reproduce import provenance
from reproduce.script import one_thread_each
from studies.robustness.looks import LOOKS
from studies.robustness.row_scores import score_row
from studies.robustness.rows import TRIALS, make_row
from studies.signs.domains import DOMAINS
from studies.signs.trials import N_WAY

# The rate that the shipped thresholds are taken for.
FALSE_ACCEPT_RATE = 0.01
ROWS = (*LOOKS, *DOMAINS)


def settings(
    part: str, networks: Sequence[str], *, trials: int = TRIALS, seed: int = 0
) -> dict[str, Any]:
    """Return all that rows of one result must share, as JSON types.

    Args:
        part: "development" or "test".
        networks: Names of shipped networks.
        trials: Trials of each row.
        seed: Seed of trials and pictures.
    """
    return {
        "suite": "robustness",
        "part": part,
        "seed": seed,
        "config": {
            "n_way": N_WAY,
            "trials": trials,
            "false_accept_rate": FALSE_ACCEPT_RATE,
            "networks": {name: _described(name) for name in networks},
        },
    }


def score_rows(
    rows: Sequence[str],
    part: str,
    networks: Sequence[str],
    *,
    trials: int = TRIALS,
    seed: int = 0,
    processes: int | None = None,
    data_dir: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """Score baselines and networks on rows.

    Args:
        rows: Looks and domains, by name.
        part: As for `settings`.
        networks: As for `settings`.
        trials: As for `settings`.
        seed: As for `settings`.
        processes: Rows that are scored at once; None for one for each core.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.

    Yields:
        Each row as `score_row` returns it, as soon as it is scored.
    """
    processes = processes or provenance.cores()
    with one_thread_each(), ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        given = (part, tuple(networks), trials, seed, data_dir)
        for done in as_completed([pool.submit(_score, row, *given) for row in rows]):
            yield done.result()


@cache
def _network(name: str) -> Recognizer:
    return Recognizer.from_preset(name, false_accept_rate=FALSE_ACCEPT_RATE)


def _described(name: str) -> dict[str, Any]:
    """Return what a network's scores depend on: reading, threshold, and hashes of its files."""
    network, card = _network(name), pretrained_card(name)
    return {
        "preprocessing": network.preprocessing.to_json(),
        "threshold": network.threshold,
        "weights": card["sha256"],
        "novelty": card["novelty"]["sha256"] if "novelty" in card else None,
    }


def _score(
    name: str,
    part: str,
    networks: tuple[str, ...],
    trials: int,
    seed: int,
    data_dir: Path | None,
) -> dict[str, Any]:
    """Score one row, in a separate process."""
    row = make_row(name, part, trials=trials, seed=seed, data_dir=data_dir)
    return score_row(row, {network: _network(network) for network in networks})

"""Scores of baselines and networks on one row, as JSON types."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_siamese import Recognizer
from keras_siamese.data import OneShotEpisodes, PairTable, ReadingWarning
from keras_siamese.data.pictures import Pictures, read_pictures
from keras_siamese.evaluation import score_episodes, score_pairs, wilson_interval
from keras_siamese.evaluation.novelty import WARN_FROM
from keras_siamese.recognizer.unusual import judge
from studies.robustness.looks import LOOKS
from studies.robustness.plain_methods import methods
from studies.robustness.rows import SuiteRow
from studies.signs.trials import pairs_of


def score_row(row: SuiteRow, networks: Mapping[str, Recognizer]) -> dict[str, Any]:
    """Score everything on a row.

    Args:
        row: Pictures and trials.
        networks: Recognizers by name, each with a threshold.

    Returns:
        `name`, `kind`, `factor` and `severity` of a look, `data`, `n_way`, `seconds`, and `scores`:
        of each method `method`, `metric`, `value`, `interval` and `n`; of networks further what
        `network_entry` adds.
    """
    start = time.perf_counter()
    scores = [one_shot(name, make(row), row.trials) for name, make in methods(row).items()]
    scores += [network_entry(name, network, row) for name, network in networks.items()]
    look = LOOKS.get(row.name)
    return {
        "name": row.name,
        "kind": row.kind,
        "factor": look.factor if look else None,
        "severity": look.severity if look else None,
        "n_way": row.trials.support.shape[1],
        "data": row.data,
        "scores": scores,
        "seconds": round(time.perf_counter() - start, 2),
    }


def one_shot(method: str, scores: np.ndarray, trials: OneShotEpisodes) -> dict[str, Any]:
    """Describe the accuracy of one method on trials."""
    result = score_episodes(scores, trials)
    return {
        "method": method,
        "metric": "one-shot accuracy",
        "value": result.accuracy,
        "interval": list(result.interval),
        "n": result.n,
    }


def network_entry(name: str, network: Recognizer, row: SuiteRow) -> dict[str, Any]:
    """Score a network on the trials, and its threshold on every query with every support image.

    A trial is an error where its query or its true class
    was refused; a pair with a refused picture is not accepted.

    Args:
        name: Name of the network.
        network: The network with its preprocessing and threshold.
        row: Pictures and trials.

    Returns:
        What `one_shot` returns, and each with `value`, `interval` and `n`: `refused`, `unlike` and
        `warned`, shares of the pictures that the reading refused, that are called unlike the
        training images, and that carry any warning; `false_accepts` and `false_rejects`; and
        `unwarned_false_accepts`, the share of different pairs that are accepted and of which
        neither picture carries a warning. Further `threshold`, and `milliseconds` to read and
        encode a picture.
    """
    if network.threshold is None:
        raise ValueError(
            f"`network` must have a threshold. Received: {name!r} without. Let `choose_threshold` "
            "find one."
        )
    start = time.perf_counter()
    with warnings.catch_warnings():
        # They are counted.
        warnings.simplefilter("ignore", ReadingWarning)
        read = read_pictures(row.pictures, network.preprocessing, on_unreadable=lambda error: None)
    pairs = pairs_of(row.trials)
    left, right = read.rows[pairs.left], read.rows[pairs.right]
    known = (left >= 0) & (right >= 0)
    probabilities = np.zeros(len(pairs))
    if known.any():
        table = PairTable(left[known], right[known], pairs.same[known])
        probabilities[known] = network.pair_probabilities(read.images, table)
    seconds = time.perf_counter() - start
    unlike, warned = _warned(network, read)
    told = warned[left] | warned[right]
    accepted = known & ~pairs.same & (probabilities >= network.threshold)
    decided = score_pairs(probabilities, pairs.same, network.threshold)
    scores = np.where(known, probabilities, -np.inf).reshape(*row.trials.queries.shape, -1)
    return {
        **one_shot(name, scores, row.trials),
        "refused": fraction(int((read.rows < 0).sum()), len(row.pictures)),
        "unlike": fraction(int(unlike.sum()), len(row.pictures)),
        "warned": fraction(int(warned[:-1].sum()), len(row.pictures)),
        "false_accepts": fraction(decided.false_accepts, decided.num_different),
        "unwarned_false_accepts": fraction(int((accepted & ~told).sum()), decided.num_different),
        "false_rejects": fraction(decided.false_rejects, decided.num_same),
        "threshold": network.threshold,
        "milliseconds": round(1000 * seconds / len(row.pictures), 2),
    }


def _warned(network: Recognizer, read: Pictures) -> tuple[np.ndarray, np.ndarray]:
    """Say which pictures that were read carry a warning.

    Returns:
        `(m,)`, bool, that of being unlike the training images; and `(m + 1,)`, bool, any warning;
        the last, False, stands for pictures that were not read.
    """
    judged = judge(read, network.encode(read.images), network.novelty)
    unlike = [said.novelty is not None and said.novelty >= WARN_FROM for said in judged]
    return np.array(unlike, bool), np.array([*(bool(s.warnings) for s in judged), False])


def fraction(count: int, n: int) -> dict[str, Any]:
    """Describe a share with its interval."""
    return {"value": count / n, "interval": list(wilson_interval(count, n)), "n": n}

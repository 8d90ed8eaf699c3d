"""What the workers of a `tf.distribute.MultiWorkerMirroredStrategy` must agree on.

Every worker runs the same loop. Weights, loss and accuracy agree by the all-reduce inside the step;
what follows sees to the rest, else one worker would wait for another that has stopped. Under any
other strategy the process is alone, and each function gives back what it got.
"""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

# Other backends than TensorFlow have no such strategy, and no TensorFlow.
if TYPE_CHECKING:
    import tensorflow as tf


def is_chief(strategy: tf.distribute.Strategy | None) -> bool:
    """Tell whether this process is the one that writes state, logs and results.

    Args:
        strategy: The strategy of the model, `model.distribute_strategy`; None where the backend
            has none.

    Returns:
        Whether the process is alone, or the chief of its cluster: the task of type `chief`, or the
        first worker where there is none.
    """
    jobs = _jobs(strategy)
    if not jobs:
        return True
    resolver = strategy.cluster_resolver  # type: ignore[union-attr]
    first = "chief" if "chief" in jobs else "worker"
    return resolver.task_type == first and resolver.task_id == 0


def gather_from_workers(strategy: tf.distribute.Strategy | None, value: float) -> np.ndarray:
    """Gather a number from every worker; each of them must call it, in the same order.

    Args:
        strategy: The strategy of the model.
        value: This worker's number.

    Returns:
        `(num_replicas,)`, float64, each worker's number once for each of its devices, the chief's
        first; `(1,)` where the process is alone.
    """
    if not _jobs(strategy):
        return np.array([value], np.float64)
    import tensorflow as tf

    return _gather(strategy)(tf.constant([value], tf.float64)).numpy()


def check_workers_agree(strategy: tf.distribute.Strategy, *facts: Any) -> None:
    """Refuse to train where the workers were not all given the same.

    Args:
        strategy: The strategy of the model.
        *facts: What must be the same, as JSON types.

    Raises:
        ValueError: In every worker, if the facts differ.
    """
    checksums = gather_from_workers(strategy, zlib.crc32(json.dumps(facts).encode()))
    differing = np.flatnonzero(checksums != checksums[0]).tolist()
    if differing:
        raise ValueError(
            "Every worker must be given the same model, data, pairs, configuration, `settings` and "
            f"saved state. Received: replicas {differing} differ from the chief's. Give each of "
            "them the same arguments, and a `run_dir` that all of them read."
        )


@functools.cache
def _gather(strategy: tf.distribute.Strategy) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the compiled exchange, traced once: TensorFlow traces an eager one at every call."""
    import tensorflow as tf

    return tf.function(lambda own: strategy.gather(strategy.run(lambda: own), axis=0))


def _jobs(strategy: tf.distribute.Strategy | None) -> dict[str, list[str]]:
    """Return the addresses of each type of task of a cluster; empty where the process is alone."""
    resolver = None if strategy is None else strategy.cluster_resolver
    return {} if resolver is None else resolver.cluster_spec().as_dict()

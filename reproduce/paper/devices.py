"""The devices of one run: one, all GPUs of this machine, or several machines."""

from __future__ import annotations

import json
import os

import tensorflow as tf

STRATEGIES = ("none", "mirrored", "multiworker")
EXAMPLE = (
    '{"cluster": {"worker": ["host0:12345", "host1:12345"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


def make_strategy(name: str) -> tf.distribute.Strategy:
    """Return the strategy in whose scope a run builds its model.

    Call it before anything else that uses TensorFlow: several workers can only be joined then. It
    returns once all of them are there.

    Args:
        name: "none" for one device, "mirrored" for all GPUs of this machine (its CPU where it has
            none), "multiworker" for the machines that the environment variable `TF_CONFIG` lists.

    Returns:
        The strategy.

    Raises:
        ValueError: If the name is not one of these, or `TF_CONFIG` does not say which machines.
    """
    if name not in STRATEGIES:
        raise ValueError(f"`strategy` must be one of {STRATEGIES}. Received: {name!r}. Choose one.")
    if name == "none":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    text = os.environ.get("TF_CONFIG", "")
    missing = _missing(text)
    if missing:
        raise ValueError(
            f"'multiworker' needs TF_CONFIG in the environment of every machine, e.g. {EXAMPLE}, "
            f"with another index on each. Missing: {missing}. Received: {text!r}. Add it."
        )
    return tf.distribute.MultiWorkerMirroredStrategy()


def _missing(text: str) -> str:
    """Say what `TF_CONFIG` lacks; empty where it is complete."""
    if not text:
        return "the variable itself"
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        return f"valid JSON ({error})"
    if not isinstance(config, dict):
        return "a JSON object"
    cluster, task = config.get("cluster"), config.get("task")
    if not isinstance(cluster, dict) or not cluster.get("worker"):
        return "the list cluster.worker of addresses"
    if not isinstance(task, dict) or "type" not in task or "index" not in task:
        return "task.type and task.index"
    tasks = cluster.get(task["type"], [])
    if task["index"] not in range(len(tasks)):
        return f"a place for task {task['index']!r} in cluster.{task['type']}"
    return ""

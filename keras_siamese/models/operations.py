"""The calls of a functional Keras model: what was called, on what, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


def call_of(tensor: Any) -> Any:
    """Return the call that gave a symbolic tensor."""
    operation, place, _ = tensor._keras_history
    return operation._inbound_nodes[place]


def output_of_call(tensor: Any) -> int:
    """Return which of its call's outputs a symbolic tensor is, from 0."""
    return tensor._keras_history.tensor_index


def calls_before(tensor: Any, stops: Sequence[Any] = ()) -> list[Any]:
    """Return the calls that a symbolic tensor comes from, but none that gave `stops` or before."""
    found: dict[int, Any] = {}
    waiting = [tensor]
    while waiting:
        tensor = waiting.pop()
        node = call_of(tensor)
        if id(node) not in found and not any(tensor is stop for stop in stops):
            found[id(node)] = node
            waiting += node.input_tensors
    return list(found.values())


def sources(tensor: Any, ends: Sequence[Any]) -> set[int]:
    """Return which of `ends` a symbolic tensor comes from, by place; behind an end, none counts."""
    used = [each for node in calls_before(tensor, ends) for each in node.input_tensors]
    return {place for place, end in enumerate(ends) if any(each is end for each in (tensor, *used))}


def is_layer(operation: Any) -> bool:
    """Say whether an operation is a layer, rather than one of keras.ops."""
    return isinstance(operation, keras.layers.Layer)


def constants(node: Any) -> list[Any]:
    """Return the numbers and arrays that a call was given next to symbolic tensors."""
    given = keras.tree.flatten([node.arguments.args, node.arguments.kwargs])
    return [each for each in given if not isinstance(each, keras.KerasTensor) and each is not None]


def alike(first: Any, second: Any) -> bool:
    """Say whether two operations without weights compute the same, given the same."""
    if first is second:
        return True
    if type(first) is not type(second) or any(getattr(op, "weights", ()) for op in (first, second)):
        return False
    if is_layer(first):
        one, other = ({**op.get_config(), "name": None} for op in (first, second))
        return same_value(one, other)
    return same_value(*map(_made_with, (first, second)))


def _made_with(operation: Any) -> dict[str, Any]:
    """Return what an operation of keras.ops was made with, such as an axis."""
    automatic = getattr(getattr(operation, "_auto_config", None), "config", None)
    # Keras's own bookkeeping starts with an underscore; it holds addresses and the graph.
    own = {key: value for key, value in vars(operation).items() if not key.startswith("_")}
    return {**(automatic or {}), **own, "name": None}


def same_value(one: Any, other: Any) -> bool:
    """Say whether two arguments of calls are the same number, array, text or structure of these."""
    if one is other:
        return True
    if type(one) is not type(other) or isinstance(one, (keras.Variable, keras.KerasTensor)):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same_value(*pair) for pair in pairs)
    if keras.ops.is_tensor(one):
        one, other = keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return bool(one == other)

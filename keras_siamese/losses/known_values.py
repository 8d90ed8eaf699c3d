"""Checks of labels and embeddings: shapes and types always, values where they can be read."""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np

from keras_siamese.compat import dtype_name, ops, to_numpy
from keras_siamese.losses.undefined import finite_rows


def label_tensor(labels: Any, rows: int | None, what: str) -> Any:
    """Make a tensor of labels, after a check of type and shape.

    Args:
        labels: One per image, `(batch,)` or `(batch, 1)`, whole numbers.
        rows: How many there must be; None where that is not known.
        what: What they belong to, for errors.

    Returns:
        A tensor `(batch,)`, of the type that the labels have.

    Raises:
        ValueError: If they are no numbers, of another shape, or too large for the backend.
    """
    labels = label_numbers(labels)
    shape = tuple(labels.shape)
    if len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
        raise ValueError(
            "`labels` must have the shape (batch,) or (batch, 1). Received: shape "
            f"{shape}. Give one whole number per image."
        )
    if None not in (shape[0], rows) and shape[0] != rows:
        raise ValueError(
            f"`labels` must hold one label per row of `{what}`. Received: {shape[0]} labels and "
            f"{rows} rows. Give as many labels as rows."
        )
    labels = _as_tensor(labels)
    if dtype_name(labels.dtype) == "bool":
        labels = ops.cast(labels, "int32")
    return labels if len(shape) == 1 else ops.squeeze(labels, axis=1)


def label_numbers(labels: Any) -> Any:
    """Check that labels are numbers, and make an array of those that are no tensor.

    Args:
        labels: Of any shape.

    Returns:
        The tensor, or an array of the type that they have.

    Raises:
        ValueError: If they are no numbers.
    """
    return numbers(
        "labels",
        labels,
        kind="whole numbers",
        remedy="Number the classes, for example with numpy.unique(labels, return_inverse=True).",
    )


def numbers(argument: str, values: Any, *, kind: str, remedy: str) -> Any:
    """Check that values are numbers, and make an array of those that are no tensor.

    Args:
        argument: Their name, for errors.
        values: Of any shape.
        kind: What they must be, for errors.
        remedy: What the errors advise.

    Returns:
        The tensor, or an array of the type that they have.

    Raises:
        ValueError: If they are no numbers.
    """
    if ops.is_tensor(values) or isinstance(values, keras.KerasTensor):
        name = dtype_name(values.dtype)
    else:
        try:
            values = np.asarray(values)
        except ValueError as error:
            raise ValueError(
                f"`{argument}` must be a list of {kind}. Received: {values!r}. {remedy}"
            ) from error
        name = values.dtype.name
    if not name.startswith(("bool", "int", "uint", "float", "bfloat")):
        raise ValueError(f"`{argument}` must be {kind}. Received: type {name}. {remedy}")
    return values


def as_int32(labels: Any) -> tuple[Any, Any]:
    """Cast labels to int32, and say which of them are the same there.

    Args:
        labels: Tensor `(batch,)`, of any type of numbers.

    Returns:
        `(batch,)`, int32, and `(batch,)`, boolean.
    """
    name = dtype_name(labels.dtype)
    narrow = ops.cast(labels, "int32")
    fits = ops.equal(ops.cast(narrow, name), labels)
    if name.startswith("u"):
        fits = ops.logical_and(fits, ops.greater_equal(narrow, 0))
    return narrow, fits


def float_rows(values: Any, what: str) -> Any:
    """Cast embeddings or similarities to float32, after a check of type and shape.

    Args:
        values: `(batch, columns)`, float.
        what: Their name, for errors.

    Returns:
        A tensor `(batch, columns)`, float32.

    Raises:
        ValueError: If they are no floats, have another shape, or an unknown number of columns.
    """
    if not (ops.is_tensor(values) or isinstance(values, keras.KerasTensor)):
        values = np.asarray(values)
    shape = tuple(values.shape)
    if len(shape) != 2 or not isinstance(shape[1], int) or shape[1] == 0:
        raise ValueError(
            f"`{what}` must have the shape (batch, columns) with a known number of columns. "
            f"Received: shape {shape}. Give one vector per image."
        )
    if "float" not in dtype_name(values.dtype):
        raise ValueError(
            f"`{what}` must be floats. Received: {dtype_name(values.dtype)}. Give what the encoder "
            "returns."
        )
    return ops.cast(ops.convert_to_tensor(values), "float32")


def are_known(*tensors: Any) -> bool:
    """Say whether values can be read: outside of compiled functions and of training steps.

    On PyTorch, a tensor that gradients flow to belongs to a training step, and so does one that is
    made while gradients are switched off. There, as in the compiled steps of the other backends,
    values are not looked at.

    Args:
        tensors: Of the backend.

    Returns:
        Whether all can be read.
    """
    if any(isinstance(tensor, keras.KerasTensor) for tensor in tensors):
        return False
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return bool(sys.modules["tensorflow"].executing_eagerly())
    if backend == "jax":
        tracer = sys.modules["jax"].core.Tracer
        return not any(isinstance(tensor, tracer) for tensor in tensors)
    if backend == "torch":
        recorded = any(tensor.requires_grad or tensor.is_meta for tensor in tensors)
        return bool(sys.modules["torch"].is_grad_enabled()) and not recorded
    return True


def check_finite_rows(values: Any, what: str) -> None:
    """Refuse embeddings or similarities that are not finite, or whose squares are not.

    Args:
        values: Tensor `(batch, columns)`, float32.
        what: Their name, for errors.

    Raises:
        ValueError: If a row holds such a number; names the first.
    """
    wrong = np.flatnonzero(~to_numpy(finite_rows(values)))
    if len(wrong):
        raise ValueError(
            f"`{what}` must be finite numbers with finite squares in float32. Received: row "
            f"{wrong[0]} with {to_numpy(values)[wrong[0]][:4].tolist()}. Lower the learning rate, "
            "or look for the layer that gives them."
        )


def whole_labels(labels: Any) -> np.ndarray:
    """Read labels and refuse those that are no whole numbers.

    Args:
        labels: Tensor `(batch,)`.

    Returns:
        Array `(batch,)`, int64.

    Raises:
        ValueError: If one has a fraction or is not finite.
    """
    array = to_numpy(labels)
    if array.dtype.kind == "f" and not np.all(np.mod(array, 1) == 0):
        wrong = array[np.mod(array, 1) != 0]
        raise ValueError(
            f"`labels` must be whole numbers. Received: {float(wrong[0])!r}. Number the classes."
        )
    return array.astype(np.int64)


def check_pairs(labels: np.ndarray) -> None:
    """Refuse a batch without two images of one class, or without two classes.

    Args:
        labels: `(batch,)`, int64.

    Raises:
        ValueError: If there is no positive or no negative pair.
    """
    classes, counts = np.unique(labels, return_counts=True)
    received = f"{len(labels)} labels of {len(classes)} classes"
    if not len(labels) or counts.max() < 2:
        raise ValueError(
            f"`labels` must hold some class twice: else there is no positive. Received: {received}."
            " Draw several images per class."
        )
    if len(classes) < 2:
        raise ValueError(
            f"`labels` must hold two classes: else there is no negative. Received: {received}. "
            "Draw several classes per batch."
        )


def _as_tensor(labels: Any) -> Any:
    tensor = ops.convert_to_tensor(labels)
    name = dtype_name(tensor.dtype)
    # JAX keeps 32 bits, in which two large labels can be equal.
    if isinstance(labels, np.ndarray) and "int" in name:
        wrong = labels[labels.astype(name) != labels]
        if len(wrong):
            raise ValueError(
                f"`labels` must fit {name}. Received: {wrong[0]}. Number the classes from 0."
            )
    return tensor


__all__ = [
    "are_known",
    "as_int32",
    "check_finite_rows",
    "check_pairs",
    "float_rows",
    "label_numbers",
    "label_tensor",
    "numbers",
    "whole_labels",
]

"""Checks of single values and of keyword arguments, from a caller or from a file.

Each check of a value raises a `ValueError` that names it, and returns it as a plain type of Python.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np

# The largest whole number of NumPy and TensorFlow.
_LARGEST = 2**63 - 1

# Takes the name of a value and the value; returns what it becomes.
Check = Callable[[str, Any], Any]


def check_whole(argument: str, value: Any, *, least: int = 0, most: int = _LARGEST) -> int:
    """Check a whole number, such as a count.

    Args:
        argument: Name of the argument, for errors.
        value: What was given; booleans and floats are no whole numbers.
        least: The least that it may be.
        most: The most that it may be.

    Returns:
        The number.

    Raises:
        ValueError: If it is no such number.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(
            f"`{argument}` must be a whole number. Received: {argument}={value!r}. Give one of at "
            f"least {least}."
        )
    if value < least:
        raise ValueError(
            f"`{argument}` must be at least {least}. Received: {argument}={value}. Give a larger "
            "number."
        )
    if value > most:
        raise ValueError(
            f"`{argument}` must be at most {most}. Received: a larger number. Give a smaller one."
        )
    return int(value)


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number.

    Args:
        value: Anything; a boolean is no number.

    Returns:
        Whether it is one that fits a float.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return False
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except (OverflowError, TypeError):
        return False


def number_pair(argument: str, value: Any) -> tuple[float, float]:
    """Check a pair of finite numbers, such as the ends of a range.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        Both.

    Raises:
        ValueError: If it is no such pair.
    """
    pair = tuple(value) if isinstance(value, list | tuple | np.ndarray) else ()
    if len(pair) != 2 or not all(map(is_number, pair)):
        raise ValueError(
            f"`{argument}` must be two finite numbers. Received: {argument}={value!r}. Give the "
            "lowest and the highest."
        )
    return pair


def check_number(
    argument: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Check a finite number.

    Args:
        argument: Name of the argument, for errors.
        value: What was given; a boolean is no number.
        above: What it must be greater than.
        least: The least that it may be.
        most: The most that it may be.
        below: What it must be smaller than.

    Returns:
        The number.

    Raises:
        ValueError: If it is no such number.
    """
    fits = (
        is_number(value)
        and (above is None or value > above)
        and (least is None or value >= least)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    if not fits:
        bounds = {"above": above, "at least": least, "at most": most, "below": below}
        told = " and ".join(
            f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None
        )
        raise ValueError(
            f"`{argument}` must be a finite number{f' {told}' if told else ''}. Received: "
            f"{argument}={value!r}. Give such a number."
        )
    return float(value)


def check_flag(argument: str, value: Any) -> bool:
    """Check a switch.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        The same.

    Raises:
        ValueError: If it is neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(
            f"`{argument}` must be True or False. Received: {argument}={value!r}. Give one of them."
        )
    return bool(value)


def check_text(argument: str, value: Any) -> str:
    """Check a text.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Returns:
        The same.

    Raises:
        ValueError: If it is no string.
    """
    if not isinstance(value, str):
        raise ValueError(f"`{argument}` must be a text. Received: {argument}={value!r}. Quote it.")
    return value


def check_choice(argument: str, value: Any, choices: Collection[str]) -> str:
    """Check a choice among names.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.
        choices: The names.

    Returns:
        The same.

    Raises:
        ValueError: If it is not one of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"`{argument}` must be one of {tuple(choices)}. Received: {argument}={value!r}. "
            "Choose from that list."
        )
    return value


def optional(check: Check) -> Check:
    """Return a check that takes None, too.

    Args:
        check: The check of other values.

    Returns:
        The check.
    """
    return lambda argument, value: None if value is None else check(argument, value)


def check_float32(layer: Any, dtype: Any) -> None:
    """Check that a layer computes in float32.

    Args:
        layer: The layer.
        dtype: The argument that it was given, for the error.

    Raises:
        ValueError: If it computes, or holds its weights, in another type.
    """
    if layer.compute_dtype != "float32" or layer.variable_dtype != "float32":
        raise ValueError(
            f"`dtype` of {type(layer).__name__} must be 'float32' or None. Received: "
            f"dtype={dtype!r}. Leave it out; inputs of other types are cast."
        )


def check_list(argument: str, value: Any, check: Check, *, length: int | None = None) -> list[Any]:
    """Check a list, and each of its values.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.
        check: The check of a value.
        length: How many there must be; None for any number.

    Returns:
        What the values become.

    Raises:
        ValueError: If it is no such list.
    """
    if not isinstance(value, list | tuple) or length not in (None, len(value)):
        count = "a list" if length is None else f"a list of {length} values"
        raise ValueError(
            f"`{argument}` must be {count}. Received: {argument}={value!r}. Give such a list."
        )
    return [check(argument, each) for each in value]


def flat_labels(labels: Any, dtype: Any = None) -> Any:
    """Return labels as a row, where they are a column as in `keras.datasets.cifar10`.

    Args:
        labels: `(n,)` or `(n, 1)`; anything else is for the caller to check.
        dtype: NumPy type of the array; None lets NumPy choose.

    Returns:
        An array, `(n,)` where such labels came; None for None.
    """
    if labels is None:
        return None
    given = np.asarray(labels, dtype)
    return given[:, 0] if given.ndim == 2 and given.shape[1] == 1 else given


def check_fields(what: str, values: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Check values by name, as a file holds them.

    Args:
        what: What they are, for errors.
        values: What was read.
        checks: The check of each value, by its name; all must be there, and no other.

    Returns:
        What they become, by name.

    Raises:
        ValueError: If one is missing or wrong, or has a name that none should have.
    """
    if not isinstance(values, Mapping) or set(values) != set(checks):
        got = sorted(map(str, values)) if isinstance(values, Mapping) else repr(values)
        raise ValueError(f"its {what} must hold {sorted(checks)}. Received: {got}")
    try:
        return {name: check(name, values[name]) for name, check in checks.items()}
    except ValueError as error:
        raise ValueError(f"of its {what}, {error}") from error


def random_generator(seed: Any) -> np.random.Generator:
    """Return a generator of random numbers.

    Args:
        seed: A whole number from 0 on; or what else `numpy.random.default_rng` takes.

    Returns:
        The generator.

    Raises:
        ValueError: If it is no seed.
    """
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`seed` must be a whole number of at least 0. Received: seed={seed!r}. Give 0."
        ) from error


def check_keywords(
    function: str, given: Iterable[str], known: Collection[str], own: Iterable[str] = ()
) -> None:
    """Refuse keyword arguments that a function does not take.

    Args:
        function: What the user called.
        given: Names that came.
        known: Names that may come.
        own: Further arguments of the function, which a misspelt name may have meant.

    Raises:
        TypeError: If a name is unknown; says which known one is close.
    """
    for name in given:
        if name not in known:
            raise TypeError(
                f"{function}() got an unexpected keyword argument {name!r}."
                f"{did_you_mean(name, [*own, *known])}"
            )


def did_you_mean(name: Any, known: Iterable[str]) -> str:
    """Suggest the known name that is closest to a misspelt one.

    Args:
        name: What came.
        known: Names that there are.

    Returns:
        A sentence that follows another, with a space before it; "" where none is close.
    """
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""

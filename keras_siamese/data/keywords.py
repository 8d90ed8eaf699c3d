"""Keyword arguments that a function hands on: unknown ones are told by the name it goes by."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Any

# What `load_folder` and `load_support` take of how a folder is laid out, next to `labels`.
FOLDER_OPTIONS = ("label_pattern", "split", "on_skipped")


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

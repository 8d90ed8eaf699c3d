"""Pictures that cannot be read: how many there are, and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_siamese.data.images.preprocessing import OnUnreadable

# Errors that one message lists.
_LISTED = 10


def sentence(text: object) -> str:
    """Return a message that another sentence can follow.

    Args:
        text: A message or an error.

    Returns:
        It, with exactly one mark at its end.
    """
    told = str(text).strip() or type(text).__name__
    return told if told.endswith((".", "!", "?")) else f"{told}."


def what_is_at(path: str | os.PathLike[str]) -> str:
    """Say what stands at a path where something else was expected.

    Args:
        path: The path.

    Returns:
        "a folder", "a file", "a dead link to 'target'" or "not there".
    """
    if os.path.isdir(path):
        return "a folder"
    if os.path.exists(path):
        return "a file"
    if os.path.islink(path):
        return f"a dead link to {os.readlink(path)!r}"
    return "not there"


def keeping(on_unreadable: OnUnreadable | None, errors: list[Exception]) -> OnUnreadable | None:
    """Return a callback that keeps each error, too.

    Args:
        on_unreadable: Called with each error; None stays None.
        errors: Gets each error.

    Returns:
        The callback.
    """
    if on_unreadable is None:
        return None
    call = on_unreadable

    def keep(error: Exception) -> None:
        errors.append(error)
        call(error)

    return keep


def all_reasons(errors: Sequence[Exception]) -> str:
    """List what cannot be read, up to ten.

    Args:
        errors: One error or more.

    Returns:
        Two clauses that end a message: how many there are, and the errors.
    """
    told = [sentence(error).rstrip(".") for error in errors[:_LISTED]]
    more = [f"and {len(errors) - _LISTED} more"] if len(errors) > _LISTED else []
    return f"{len(errors)} that cannot: {'; '.join([*told, *more])}."


def first_reason(errors: Sequence[Exception]) -> str:
    """Say why none could be read.

    Args:
        errors: One error or more.

    Returns:
        Two clauses that end a message: how many there are, and the first error.
    """
    if len(errors) == 1:
        return f"one that cannot: {sentence(errors[0])}"
    return f"{len(errors)}, none of which can; the first: {sentence(errors[0])}"

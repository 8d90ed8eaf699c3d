"""Which passes through batches are epochs of `fit`, and which are for looking or scoring.

`fit` wants another order in each epoch; `predict`, `evaluate` and a custom loop must find the
same order in every pass. Batches cannot see who takes them, so `ImageModel` says it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(eq=False)
class Passes:
    """What batches tell about their passes, as their attribute `passes`.

    Args:
        reshuffled: Whether every pass has another order, for any caller.
    """

    reshuffled: bool

    def are_epochs(self) -> bool:
        """Return whether a pass that begins now is an epoch of `fit` on these batches."""
        return _fitting in (_EVERYTHING, self)


# What `fit` is taking an epoch of at the moment: None, the `Passes` of batches, or everything,
# where they were made into something else, such as `batches.map(...)`. It is no thread's own: the
# threads of tf.data ask for it.
_EVERYTHING = object()
_fitting: Any = None


@contextmanager
def epochs_of(data: Any, callbacks: Any) -> Iterator[Any]:
    """Let passes be epochs while `fit` takes them.

    Args:
        data: What `fit` is given, of any type.
        callbacks: The callbacks that it is given, as Keras takes them.

    Yields:
        The callbacks to give to it: those callbacks themselves find the fixed order.
    """
    passes = getattr(data, "passes", None)
    now = passes if isinstance(passes, Passes) else _EVERYTHING
    first = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: _set(None))
    last = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: _set(now))
    before = _fitting
    try:
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.callbacks[:] = [first, *callbacks.callbacks, last]
            yield callbacks
        else:
            several = isinstance(callbacks, (list, tuple))
            given = callbacks if several else [] if callbacks is None else [callbacks]
            yield [first, *given, last]
    finally:
        _set(before)
        if isinstance(callbacks, keras.callbacks.CallbackList):
            for each in (first, last):
                callbacks.callbacks.remove(each)


@contextmanager
def fixed_order() -> Iterator[None]:
    """Let no pass be an epoch for a while."""
    before = _fitting
    _set(None)
    try:
        yield
    finally:
        _set(before)


def refuse_reshuffled(argument: str, data: Any) -> None:
    """Refuse batches whose passes all differ where a fixed order is needed.

    Args:
        argument: Name of the argument, for the error.
        data: What was given, of any type.

    Raises:
        ValueError: If it is such batches.
    """
    passes = getattr(data, "passes", None)
    if isinstance(passes, Passes) and passes.reshuffled:
        raise ValueError(
            f"`{argument}` must come in a fixed order, so that predictions and labels "
            "belong together. Received: pair_batches(..., shuffle=True). Leave `shuffle` out, or "
            "give shuffle=False."
        )


def _set(now: Any) -> None:
    global _fitting
    _fitting = now

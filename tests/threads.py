"""Many threads that ask while one changes what is asked."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager


@contextmanager
def short_switches():
    """Let threads take turns after a microsecond, so that none gets far before another comes."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def in_threads(calls: Iterable[Callable[[], None]]) -> None:
    """Run functions at once, and raise what the first of them raised."""
    errors: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def ask_beside(ask: Callable[[], None], change: Callable[[], None], *, readers: int = 3) -> int:
    """Ask in several threads for as long as another one changes, and count the answers.

    On a busy machine the one that changes may be done before anybody has an answer; it then changes
    again, for a minute at most.
    """
    done, answers = threading.Event(), []

    def reader() -> None:
        try:
            while not done.is_set():
                ask()
                answers.append(1)
        finally:
            done.set()

    def writer() -> None:
        limit = time.monotonic() + 60
        try:
            change()
            while not answers and not done.is_set() and time.monotonic() < limit:
                change()
        finally:
            done.set()

    with short_switches():
        in_threads([writer, *[reader] * readers])
    return len(answers)

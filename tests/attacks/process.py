"""Processes that do one thing each and may be killed; they start from one that has imported all."""

import os
import signal
import sys
import time

from tests import forked


def start(target, *arguments, log):
    """Start a function in a separate process.

    Args:
        target: The function, of a module's top level.
        *arguments: What it gets.
        log: File for what the process writes to stderr.

    Returns:
        The process.
    """
    process = forked.context().Process(target=_run, args=(target, arguments, str(log)))
    process.start()
    return process


def _run(target, arguments, log):
    # A shell's background ignores Ctrl-C, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(log, "a") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    target(*arguments)


def finish(process, log, *, timeout=600):
    """Wait for a process that must end well."""
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode == 0, f"ended with {process.exitcode}: {log.read_text()[-2000:]}"


def kill_after(process, seconds, number):
    """Send a signal after some seconds, unless the process ends before; wait for its end.

    Returns:
        Whether the signal was sent.
    """
    end = time.monotonic() + seconds
    while process.is_alive() and time.monotonic() < end:
        time.sleep(0.005)
    sent = process.is_alive()
    if sent:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            # It ended just now, before the server of the forks reported it.
            sent = False
    process.join(120)
    if process.exitcode is None:
        process.kill()
        raise AssertionError(f"still there two minutes after {number!r}")
    return sent

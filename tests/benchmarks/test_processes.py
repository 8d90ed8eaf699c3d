"""A measurement in a separate process starts from nothing, and its end is noticed."""

import os
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from benchmarks.processes import THREADS, in_new_process, peak_megabytes


def peak_with(megabytes):
    """Hold memory that is written, since untouched memory is not counted."""
    np.ones(megabytes * 10**6, np.uint8)
    return peak_megabytes()


def threads():
    return [os.environ.get(name) for name in THREADS]


def fail(error):
    raise error


def test_the_memory_of_a_process_is_its_own():
    # More than the child needs: getrusage would give it as the child's, too.
    assert peak_with(600) > 600
    assert 200 < in_new_process(peak_with, 200) < 550


def test_threads_are_limited_in_the_new_process_alone():
    before = threads()
    assert in_new_process(threads, threads=3) == ["3"] * len(THREADS)
    assert threads() == before


def test_a_process_that_fails_or_ends_is_told():
    with pytest.raises(ValueError, match="as it is"):
        in_new_process(fail, ValueError("as it is"))
    with pytest.raises(BrokenProcessPool):
        in_new_process(os._exit, 3)

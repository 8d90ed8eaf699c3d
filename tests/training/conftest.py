"""The small problem as fixtures."""

import pytest

from tests.training import small_problem


@pytest.fixture(scope="session")
def make_problem():
    """Return the function that makes data, clean and distorted pairs, and validation episodes."""
    return small_problem.make_problem


@pytest.fixture
def problem(make_problem):
    """Return a problem of the test's own."""
    return make_problem()

"""`make test-fast`: leaves out the tests that took longer than the others when they were timed.

`pytest --fast` leaves out those that tests/not_fast.txt names, by function or by file, and those
marked `slow` or `data`.
`pytest --write-not-fast` times the tests that it runs, and writes that file; names of tests that
did not run stay. With `--fast` as well, it finds what is slow then: what the tests of a file share
is made by another test where the first is left out.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("not_fast.txt")
# Seconds of a test function with all its parameters, and of what the tests of a file set up: that
# is shared, so the next test would set it up where the first is left out.
LIMIT, SETUP_LIMIT = 0.1, 1.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--fast", action="store_true", help="run the fast tests alone")
    parser.addoption("--write-not-fast", action="store_true", help=f"write {LIST.name} anew")


def pytest_configure(config: pytest.Config) -> None:
    """Time the tests where that is asked for; not in a worker, which tells its parent."""
    if config.getoption("--write-not-fast") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Timer())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not fast, without the notice that a skipped test gives."""
    if not config.getoption("--fast"):
        return
    left_out = set(LIST.read_text(encoding="utf-8").split())
    fast, others = [], []
    for item in items:
        marked = item.get_closest_marker("slow") or item.get_closest_marker("data")
        named = left_out & {_function(item.nodeid), _file(item.nodeid)}
        (others if marked or named else fast).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = fast


def _function(nodeid: str) -> str:
    """Return a test's name without its parameters."""
    return nodeid.split("[", 1)[0]


def _file(nodeid: str) -> str:
    """Return the file of a test."""
    return nodeid.split("::", 1)[0]


class _Timer:
    """Sums what tests and files took, and writes the names of those over the limits."""

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.calls: defaultdict[str, float] = defaultdict(float)
        self.setups: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.ran |= {_function(report.nodeid), _file(report.nodeid)}
        # Left out by the mark.
        if "slow" in report.keywords:
            return
        if report.when == "call":
            self.calls[_function(report.nodeid)] += report.duration
        else:
            self.setups[_file(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        names = set(LIST.read_text(encoding="utf-8").split()) - self.ran
        names |= {name for name, seconds in self.setups.items() if seconds > SETUP_LIMIT}
        names |= {name for name, seconds in self.calls.items() if seconds > LIMIT}
        names = {name for name in names if name == _file(name) or _file(name) not in names}
        LIST.write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")

"""The tests that `make test-fast` leaves out, and how they are found."""

from types import SimpleNamespace

import pytest

from tests import fast


def report(nodeid, duration, when="call", keywords=()):
    return SimpleNamespace(nodeid=nodeid, duration=duration, when=when, keywords=keywords)


def test_functions_that_take_long_and_files_that_set_up_long_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(fast, "LIST", tmp_path / "not_fast.txt")
    fast.LIST.write_text("a.py::quick\n")
    timer = fast._Timer()
    for one in (
        report("a.py::slow[1]", 0.1),
        report("a.py::slow[2]", 0.1),
        report("a.py::quick", 0.1),
        report("b.py::first", 3.0, "setup"),
        report("b.py::first", 0.4),
        report("c.py::marked", 9.0, keywords=("slow",)),
        report("c.py::marked", 9.0, "setup", keywords=("slow",)),
    ):
        timer.pytest_runtest_logreport(one)
    timer.pytest_sessionfinish()
    assert fast.LIST.read_text().split() == ["a.py::slow", "b.py"]
    # Without `slow`, another test is the first that needs what it made.
    timer = fast._Timer()
    timer.pytest_runtest_logreport(report("a.py::quick", 3.0))
    timer.pytest_sessionfinish()
    assert fast.LIST.read_text().split() == ["a.py::quick", "a.py::slow", "b.py"]


def test_what_is_named_or_marked_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(fast, "LIST", tmp_path / "not_fast.txt")
    fast.LIST.write_text("a.py::slow\nb.py\n")
    left_out = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items))
    config = SimpleNamespace(getoption=lambda name: True, hook=hook)
    items = [
        SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda name, mark=mark: name == mark)
        for nodeid, mark in (
            ("a.py::slow[1]", None),
            ("a.py::slower", None),
            ("b.py::any", None),
            ("c.py::marked", "slow"),
            ("c.py::real", "data"),
        )
    ]
    fast.pytest_collection_modifyitems(config, items)
    assert [item.nodeid for item in items] == ["a.py::slower"]
    assert len(left_out) == 4


def test_every_name_is_a_test(request):
    root = request.config.rootpath
    for name in fast.LIST.read_text(encoding="utf-8").split():
        path, _, function = name.partition("::")
        source = (root / path).read_text(encoding="utf-8")
        if function.split("::")[-1] and f"def {function.split('::')[-1]}(" not in source:
            pytest.fail(f"{fast.LIST.name} names {name}, which is gone: take it out")

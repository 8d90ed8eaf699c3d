"""Code that runs around an import: once, in order, again after a failure, and leaving no trace."""

import contextlib
import importlib
import importlib.util
import sys

import pytest

from keras_siamese.importing import around_import


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """Makes a module with some source whose import is watched; lists what happens."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    events = []

    def make(source: str, *labels: str):
        (tmp_path / "watched_module.py").write_text(source)
        importlib.invalidate_caches()
        for label in labels:

            @contextlib.contextmanager
            def context(label=label):
                events.append(f"{label} before")
                yield
                events.append(f"{label} after")

            around_import("watched_module", context)
        return events

    yield make
    sys.modules.pop("watched_module", None)


def test_code_runs_before_and_after_a_module_once(watched):
    events = watched("value = 3", "a")
    finders = len(sys.meta_path)
    module = importlib.import_module("watched_module")
    assert module.value == 3 and events == ["a before", "a after"]
    assert len(sys.meta_path) == finders - 1
    del sys.modules["watched_module"]
    importlib.import_module("watched_module")
    assert events == ["a before", "a after"]


def test_the_module_keeps_its_own_loader(watched):
    watched("value = 3", "a")
    module = importlib.import_module("watched_module")
    loader = module.__spec__.loader
    assert loader.get_source("watched_module") == "value = 3"
    assert "exec_module" not in vars(loader)


def test_two_watch_one_module(watched):
    events = watched("", "a", "b")
    importlib.import_module("watched_module")
    assert sorted(events) == ["a after", "a before", "b after", "b before"]


def test_looking_for_a_module_is_no_import(watched):
    events = watched("", "a")
    assert importlib.util.find_spec("watched_module") is not None
    assert events == []
    importlib.import_module("watched_module")
    assert events == ["a before", "a after"]


def test_an_import_that_failed_is_watched_again(watched, tmp_path):
    events = watched("raise RuntimeError('broken')", "a")
    with pytest.raises(RuntimeError, match="broken"):
        importlib.import_module("watched_module")
    assert events == ["a before"]
    (tmp_path / "watched_module.py").write_text("value = 'mended'")
    importlib.invalidate_caches()
    assert importlib.import_module("watched_module").value == "mended"
    assert events == ["a before", "a before", "a after"]


def test_a_module_that_does_not_exist_is_not_found(watched):
    watched("", "a")
    around_import("no_such_module_anywhere", contextlib.nullcontext)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module_anywhere")

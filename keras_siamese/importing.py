"""Doing something around the import of a module, whoever imports it and whenever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def around_import(name: str, context: Callable[[], AbstractContextManager[Any]]) -> None:
    """Let a module's code run inside a context, when it is first imported.

    The module keeps its own loader, and a failed import is tried in the context again.

    Args:
        name: Name of a module that is not imported yet.
        context: Makes the context manager.
    """
    sys.meta_path.insert(0, _Finder(name, context))


class _Finder(MetaPathFinder):
    """Finds one module as the finders behind it do, and has its code run inside a context."""

    def __init__(self, name: str, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self.name = name
        self.context = context

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module; None for all others."""
        if name != self.name or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._wrap(spec.loader)
                return spec
        return None

    def _wrap(self, loader: Any) -> None:
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            # Back to the loader's own method, for whoever looks at it.
            vars(loader).pop("exec_module", None)
            with self.context():
                run(module)
            sys.meta_path.remove(self)

        loader.exec_module = exec_module

"""Tests of an engine whose package is missing are skipped."""

import pytest


@pytest.fixture(autouse=True)
def packages(request):
    """Leaves out the engines whose package is missing."""
    wanted = [str(value) for value in getattr(request.node, "callspec", _NONE).params.values()]
    for engine, module in (("faiss", "faiss"), ("usearch", "usearch.index")):
        if any(value.startswith(engine) for value in wanted):
            pytest.importorskip(module, exc_type=ImportError)


class _NONE:
    params: dict = {}

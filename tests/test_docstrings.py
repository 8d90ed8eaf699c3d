"""The examples in the docstrings print what they say.

An example that needs data, a GPU or a place to write carries `# doctest: +SKIP` on its line.
"""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "keras_siamese").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_the_examples_of_a_module_print_what_they_say(path):
    parts = path.with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0

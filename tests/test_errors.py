"""Errors have one form: "`argument` must be X. Received: Y. Remedy."."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path.relative_to(ROOT) for path in (ROOT / "keras_siamese").rglob("*.py"))


def raised(source):
    """Lists line and text of each error that is raised, with `{}` for what is filled in."""
    errors = [
        (node.lineno, "".join(map(written, node.exc.args)))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]
    return [(line, text) for line, text in errors if text]


def written(text):
    """Returns the words of a string or an f-string."""
    if isinstance(text, ast.JoinedStr):
        return "".join(map(written, text.values))
    if isinstance(text, ast.Constant):
        return str(text.value)
    return "{}"


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_an_error_about_what_must_be_says_what_was_received(path):
    for line, text in raised((ROOT / path).read_text(encoding="utf-8")):
        if " must " in text or text.startswith(("`", "--")):
            assert "Received: " in text, f"{path}:{line}: {text}"


def test_the_text_of_an_error_is_found():
    code = 'def f(x):\n    raise ValueError(f"`x` must be 1. " "Received: " f"{x!r}. Give 1.")\n'
    assert raised(code) == [(2, "`x` must be 1. Received: {}. Give 1.")]

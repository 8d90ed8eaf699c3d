"""Errors have one form: "`argument` must be X. Received: Y. Remedy."."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("keras_siamese", "reproduce", "studies", "website", "benchmarks")
SOURCES = sorted(
    path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")
)

# Errors that no user reads: another place catches them, or quotes them as its reason.
CAUGHT = ("UnsupportedError", "TrialPruned", "Exit")

# A filled-in value that is, or ends with, a remedy.
REMEDIES = (
    "_REINSTALL",
    "_instead",
    "_remedy",
    "_way_out",
    "advise_shape",
    "advise_values",
    "first_reason",
    "remedy",
    "ways",
)

# Nothing came from the user: a file, a place or a state is wrong.
NOTHING_CAME = ()

# After the name or the value filled in last, and the mark that ends its sentence: two words, the
# first with a capital letter or a backtick; or a remedy that is filled in.
REMEDY = re.compile(r"(?:[.!?]['\"]?|[:;]|\{\}) (?:(?:[A-Z]\w*|`[^`]+`|\{\}`?) +\S*\w)|\{remedy\}")


def raised(source):
    """Lists line, type and text of each error, with `{}` or `{remedy}` for what is filled in."""
    errors = [
        (node.lineno, name, "".join(map(written, node.args)))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and (name := ast.unparse(node.func).rpartition(".")[2]).endswith(("Error", "Exit"))
        and not name.startswith("_")
    ]
    return [error for error in errors if error[2].strip("{}")]


def written(text):
    """Returns the words of a string or an f-string."""
    if isinstance(text, ast.JoinedStr):
        return "".join(map(written, text.values))
    if isinstance(text, ast.Constant):
        return str(text.value)
    names = {name.id for name in ast.walk(text) if isinstance(name, ast.Name)}
    return "{remedy}" if names & set(REMEDIES) else "{}"



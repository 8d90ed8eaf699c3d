"""Errors have one form: "`argument` must be X. Received: Y. Remedy."."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("keras_siamese", "reproduce", "studies", "website", "benchmarks")
SOURCES = sorted(
    path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")
)

# An exception of another name is no text for a user: a step of a search, an exit code, a reason
# for which a network goes another way.
KINDS = ("Error", "SystemExit", "BadParameter")
CAUGHT = "UnsupportedError"

# What a value that is filled in comes from, where it ends with a sentence, or is a remedy.
SENTENCES = {"all_reasons", "did_you_mean", "sentence"}
REMEDIES = {"_REINSTALL", "_instead", "_remedy", "_way_out", "advise_shape", "advise_values"}
REMEDIES |= {"first_reason", "held", "remedy", "ways"}

# The words of Python and of scikit-learn, which programs look for.
OTHERS_WORDS = ("{}() got ", "X has {} features")

# Nothing came from the user: a file, a package, an earlier run or a drawing is at fault.
NOTHING_CAME = (
    "The page needs Gradio.",
    "{} files cannot be read.",
    "There is nothing on the paper.",
    "There are {} images, which is the most.",
    "The pad is empty.",
    "The upload is gone.",
    "The tables need {}.",
    "{} of {} trainings failed.",
    "{} comes from another configuration",
    "{} holds interrupted trainings",
    "{} is no result file",
    "{} is damaged",
    "{} stands twice among the results.",
    "{} and {} are of one training",
    "The study's file {} is damaged",
)

# Behind the end of a sentence, two words, the first with a capital letter or a backtick.
REMEDY = re.compile(
    r"^\{remedy\}$|(?:[.!?]|\{sentence\}) (?:(?:[A-Z][\w']*:?|`[^`]+`) \S|\{remedy\})"
)


@functools.cache
def parsed(path):
    """Parses a source once for all tests."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def raised(tree):
    """Lists line, kind and text of each error, with braces for what is filled in."""
    return [
        (node.lineno, name, "".join(map(written, node.args)))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for name in [getattr(node.func, "id", getattr(node.func, "attr", ""))]
        if name.endswith(KINDS) and name != CAUGHT
    ]


def written(text):
    """Returns the words of a string or an f-string."""
    if isinstance(text, ast.JoinedStr):
        return "".join(map(written, text.values))
    if isinstance(text, ast.BinOp):
        return written(text.left) + written(text.right)
    if isinstance(text, ast.IfExp):
        return written(text.body)
    if isinstance(text, ast.Constant):
        return str(text.value)
    names = {name.id for name in ast.walk(text) if isinstance(name, ast.Name)}
    return "{remedy}" if names & REMEDIES else "{sentence}" if names & SENTENCES else "{}"


def is_part(text):
    """Tells whether another error quotes this one: it has no words, or continues a sentence."""
    return not re.search("[A-Za-z]", re.sub(r"\{\w*\}", "", text)) or re.match(r"[a-z]|\{\},", text)


def fault(kind, text):
    """Says what an error lacks; "" where it has the form."""
    if is_part(text) or text.startswith(OTHERS_WORDS):
        return ""
    told, received, rest = text.partition("Received: ")
    if not received:
        if " must " in text or text.startswith(("`", "--")):
            return "what was received"
        if kind in ("ValueError", "TypeError") and not text.startswith(NOTHING_CAME):
            return "what was received"
        rest = told
    return "" if REMEDY.search(rest) else "a remedy"


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_an_error_says_what_must_be_what_was_received_and_what_to_do(path):
    for line, kind, text in raised(parsed(path)):
        lack = fault(kind, text)
        assert not lack, f"{path}:{line} lacks {lack}: {text}"


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_an_error_begins_with_the_name_alone(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match("Arguments? `", node.value), f"{path}:{node.lineno}: {node.value}"


def test_each_exception_is_in_use():
    texts = [text for path in SOURCES for _, _, text in raised(parsed(path))]
    for words in OTHERS_WORDS + NOTHING_CAME:
        assert any(text.startswith(words) for text in texts), words


def test_the_text_of_an_error_is_found():
    code = (
        'def f(x):\n    raise ValueError(f"`x` must be 1. " "Received: " f"{x!r}. Give 1.")\n'
        '    return OSError("Gone: " + f"{sentence(x)} {_remedy(x)}")\n'
    )
    assert raised(ast.parse(code)) == [
        (2, "ValueError", "`x` must be 1. Received: {}. Give 1."),
        (3, "OSError", "Gone: {sentence} {remedy}"),
    ]


@pytest.mark.parametrize(
    ("text", "lack"),
    [
        ("`x` must lie in [0, 1]. Received: {}. Give the share of pairs.", ""),
        ("`x` must lie in [0, 1]. Received: {}. `load` gives one.", ""),
        ("`x` must be a file. Received: {sentence} Name another.", ""),
        ("`x` must be a file. Received: {}. {remedy}", ""),
        ("its parts must fit", ""),
        ("{} is damaged ({}). Delete it.", ""),
        ("{} is damaged ({}).", "a remedy"),
        ("`x` must lie in [0, 1]. Received: {}", "a remedy"),
        ("`x` must lie in [0, 1]. Received: {}.", "a remedy"),
        ("`x` must be a number. Received: {} NaN of {}; the weights are wrong.", "a remedy"),
        ("`x` must lie in [0, 1]. Give the share of pairs.", "what was received"),
        ("Unknown setting {}. The settings are: {}", "what was received"),
    ],
)
def test_what_an_error_lacks_is_told(text, lack):
    assert fault("ValueError", text) == lack


def test_a_missing_file_needs_a_remedy_alone():
    assert fault("OSError", "There is no file {}. Correct the path.") == ""
    assert fault("OSError", "There is no file {}.") == "a remedy"

"""Pages, and texts and comments of the code, are free of phrases that stop a reader."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = (
    "alphabet|batch|category|channel|character|class|column|core|day|drawer|drawing|epoch|file|"
    "folder|hour|image|kind|layer|letter|line|minute|network|page|picture|pixel|query|request|row|"
    "run|second|seed|set|side|step|thread|trial"
)
COUNTED = (
    "alphabets|batches|bits|bytes|characters|classes|drawers|drawings|epochs|files|filters|"
    "folders|images|labels|letters|lines|pairs|pictures|pixels|queries|rows|seconds|"
    "seeds|steps|threads|trials|units|values|words"
)
# What is not said, as a regular expression in which a blank is any white space, and what to say.
PHRASES = (
    (rf"(?<!many\s)\b({COUNTED}) (?-i:an?) ({UNITS})\b", "per: 'pairs per second'"),
    (r"\balike\b", "similar, equal, or 'in the same way'"),
    (r"\b(as|than|is|are|was|were) wanted\b", "the target, or what is needed"),
    (
        r"(?<!\S)(?!\W*there\b)\S+ (is|are|was|were) (?-i:none)\b(?! of\b)",
        "'is not one', or 'is invalid'",
    ),
    (r"\bif (it|\S+ name|a value|\S+ path) is none of\b", "'if it is not one of'"),
    (r"\bat (its|their) word\b", "calibrated, or reliable"),
    (r"\bbeforehand\b", "in advance"),
    (r"\bbeside\b", "next to, or besides"),
    (r"\bbut for\b", "except for"),
    (
        r"\bbut (got|has|holds)\b|\. Got:",
        "a full stop and 'Received:' in errors, or a new sentence",
    ),
    (r"\bby (itself|themselves)\b", "alone, or leave it out"),
    (r"\bby (two|several|other|different) hands\b", "'by two drawers'"),
    (r"\b(come|comes|came|coming) to\b", "reaches, or results in"),
    (r"\b(do|does|did|would) not compare(?=[.:;,])", "'cannot be compared'"),
    (r"\bfor itself\b", "separately"),
    (r"\bfor want of\b", "for lack of"),
    (r"\b(go|goes|going|gone|went) on\b", "continue"),
    (r"\bin (the )?place of\b", "instead of"),
    (r"\bin (its|their) place\b", "instead"),
    (r"\bin the course of\b", "during"),
    (r"\blikewise\b", "also, or what it is like"),
    (r"\bmissed (is|are)\b", "subject first: 'X was missed'"),
    (
        r"\b(all|files|names|numbers|ones|those) of (before|now)\b(?! `)",
        "earlier, original or current: 'earlier files'",
    ),
    (r"\bof (its|their|his|her|our|my|your|one's) own\b", "separate, or your"),
    (r"\b(say|says|said) of\b", "says about, or subject first: 'the card lists'"),
    (r"\bsays its\b", "subject first: 'the card lists'"),
    (r"\bso as to\b", "to"),
    (
        r"\b(began|drawn|files|load|loads|made|saved|trained|written) so"
        r"(?=[.;)]| \()",
        "'in this way'",
    ),
    (r"\bspeaks? against\b", "'reasons to doubt'"),
    (
        r"\b(is|are|was|were|be) told(?=[.;,)]| (as such|besides|of|on stderr|too)\b)",
        "'an error names', 'is reported', 'is given'",
    ),
    (r"\b(time|seconds?) of the processor\b", "processor seconds, processor time"),
    (r"\b(printed|published|validation) figures?\b", "number, result or score"),
    (r"\b(thereof|wherein|whereof|whereupon|thereupon)\b", "of it, in which"),
    (r"\bunasked\b", "by default, or without being asked"),
)
ANY = re.compile(
    "|".join(f"(?P<p{place}>{phrase})" for place, (phrase, _) in enumerate(PHRASES)).replace(
        " ", r"\s+"
    ),
    re.IGNORECASE,
)
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    ROOT / "reproduce" / "NOTES.md",
    ROOT / "studies" / "NOTES.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
SOURCES = (
    ROOT / "keras_siamese_command.py",
    *(
        path
        for folder in (
            "keras_siamese",
            "reproduce",
            "studies",
            "benchmarks",
            "examples",
            "website",
            "tests",
        )
        for path in sorted((ROOT / folder).rglob("*.py"))
        # This file lists the phrases.
        if path != Path(__file__).resolve()
    ),
)


def found(text, first_line=1):
    """Lists line, phrase and remedy of every phrase in a text."""
    return [
        (
            first_line + text.count("\n", 0, match.start()),
            " ".join(match[0].split()),
            PHRASES[int((match.lastgroup or "").removeprefix("p"))][1],
        )
        for match in ANY.finditer(text)
    ]


def of_page(text):
    """Lists what is found in a page outside its code."""
    without_code = re.sub(
        r"^```.*?^```|`[^`\n]*`",
        lambda code: "\n" * code[0].count("\n"),
        text,
        flags=re.DOTALL | re.MULTILINE,
    )
    return found(without_code)


def of_source(text):
    """Lists what is found in Python code: in docstrings, help texts, errors and comments."""
    strings = [
        (node.value, node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [each for part, line in [*strings, *comments(text)] for each in found(part, line)]


def comments(text):
    """Lists comments with their first lines; those on lines that follow each other are one."""
    parts = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, words = token.start[0], token.string.lstrip("# ")
            if parts and parts[-1][1] + parts[-1][0].count("\n") + 1 == line:
                parts[-1] = (f"{parts[-1][0]}\n{words}", parts[-1][1])
            else:
                parts.append((words, line))
    return parts


@pytest.mark.parametrize(("paths", "read"), [(PAGES, of_page), (SOURCES, of_source)])
def test_no_phrase_stops_a_reader(paths, read):
    problems = [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r}; write {remedy}"
        for path in paths
        for line, phrase, remedy in read(path.read_text(encoding="utf-8"))
    ]
    assert not problems, "\n" + "\n".join(problems)


def test_a_phrase_is_found_with_its_line():
    page = "One.\n\nIt goes\non. `goes on`\n```\ngoes on\n```\nTwo pairs a second.\n"
    assert [(line, phrase) for line, phrase, _ in of_page(page)] == [
        (3, "goes on"),
        (8, "pairs a second"),
    ]
    code = 'def f():\n    """A file of its\n    own.\n    """\n    beside = "in place of"\n'
    code += "    # It goes\n    # on.\n"
    assert sorted(of_source(code)) == [
        (2, "of its own", "separate, or your"),
        (5, "in place of", "instead of"),
        (6, "goes on", "continue"),
    ]

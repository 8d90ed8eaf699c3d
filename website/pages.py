"""The generated parts of README.md, docs/ and both NOTES.md: their marks, renewed or checked.

A mark is a comment, which no reader of the page sees:

    <!-- table: NAME --> ... <!-- end -->               a table of website/page_tables.py
    <!-- transcript: within 0.01 --> ... <!-- end -->   commands in a fence, with what they print
    98.25 %<!-- number: NAME -->                        a number of website/page_numbers.py
    4.3 and 4.0 %<!-- typed: REASON -->                 numbers that no result file holds
    <!-- typed: REASON --> ... <!-- end -->             the same for a whole part of the page

A number keeps the form that it is written in: decimals, unit, words up to twelve.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any, NamedTuple

from reproduce.results import ROOT
from reproduce.table import Result
from website.page_numbers import NUMBERS, look_up
from website.page_tables import PAGE_TABLES
from website.transcripts import Runner, differs, rerun
from website.written import VALUE, rewritten

Renew = Callable[[re.Match[str]], tuple[str, str]]

PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "reproduce" / "NOTES.md",
    ROOT / "studies" / "NOTES.md",
)
KINDS = ("table", "transcript", "number")
# A block begins and ends on lines that hold a mark alone. The body is lazy: a greedy one would join
# all tables of a page.
BLOCK = re.compile(
    r"^(?P<open><!--\s+(?P<kind>table|transcript|typed):\s+(?P<name>[^>]+?)\s+-->\n)"
    r"(?P<body>.*?)(?P<close>^<!-- end -->$)",
    re.DOTALL | re.MULTILINE,
)
# The value is optional, so that a mark without one is found, and reported, instead of passed over.
NUMBER = re.compile(rf"(?P<value>{VALUE})?(?P<mark><!--\s+number:\s+(?P<name>\S+)\s+-->)")
# One mark serves several numbers, as in "50 to 82 %" or "0.7, 0.8 and 0.9".
TYPED = re.compile(rf"{VALUE}(?:(?:,|\s+and|\s+to|\s+or)\s+{VALUE})*<!--\s+typed:[^>]+?-->")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TOLERANCE = re.compile(r"within (\d+(?:\.\d+)?)")
COMMAND = re.compile(r"^\$ keras-siamese .*$", re.MULTILINE)
CODE = r"```.*?```|`[^`]*`"
# Code, formulas, links' targets, the paper's sections, years: no numbers of a result.
NO_RESULT = CODE + r"|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|sec\. [\d.]+|Fig\. \d+|et al\. \d{4}"
# Nor versions of packages, addresses, indented code, and the names of intervals and thresholds.
NO_RESULT_EITHER = (
    NO_RESULT + r"|^ {4}.*?$|<https?://[^>]*>"
    r"|(?:Python|TensorFlow|Keras|NumPy|JAX|tf2onnx|protobuf)\s\d[\d.]*"
    r"(?:,? (?:to|or) \d[\d.]+| (?:and|or) later; \d[\d.]+)?"
    r"|95 % intervals?|1 % (?:and|or) 0\.1 %"
)
# Whole numbers without a unit are left out: most are sizes or settings, such as 105x105 or 20-way.
SHARE = r"\d+(?:,\d+)?(?:\.\d+)? ?%|\d+\.\d+|\d+(?= points?\b)"
# On every page every number of the kind must come from a result, or say why it does not.
CHECKED = {path.relative_to(ROOT).as_posix(): (SHARE, NO_RESULT_EITHER) for path in PAGES}
# A script gives all numbers of this one, the larger counts, too.
CHECKED["docs/tied-weights.md"] = (r"\d+[.,]\d+|\d{3,}|\d+ ?%", NO_RESULT)


class PageProblem(NamedTuple):
    """What is wrong on a page, at a line; `stale` is what a renewal mends."""

    page: str
    line: int
    what: str
    stale: bool

    def __str__(self) -> str:
        """Return the problem as compilers write them."""
        return f"{self.page}:{self.line}: {self.what}"


class Renewer:
    """Make the generated parts of pages anew, and collect what differs."""

    def __init__(
        self, results: list[Result], run: Runner | None = None, kinds: Iterable[str] = KINDS
    ) -> None:
        """Take what the parts are made from.

        Args:
            results: As `load_results` returns them.
            run: Takes a command of a transcript and returns what it prints.
            kinds: What to renew, of `KINDS`.
        """
        self.results, self.run, self.kinds = results, run, frozenset(kinds)
        self.problems: list[PageProblem] = []
        self._numbers: dict[str, Any] = {}

    def renewed(self, page: str, text: str) -> str:
        """Return a page with its parts made anew; what is wrong goes to `problems`.

        Args:
            page: Its name, such as "docs/beyond.md".
            text: What it holds.
        """
        before = len(self.problems)
        # Numbers first: they keep the lines, and the blocks do not.
        text = self._each(NUMBER, self._number, page, text)
        text = self._each(BLOCK, self._block, page, text)
        self._foreign(page, text)
        if page in CHECKED:
            self._unmarked(page, text)
        self.problems[before:] = sorted(self.problems[before:], key=lambda found: found.line)
        return text

    def _each(self, mark: re.Pattern[str], renew: Renew, page: str, text: str) -> str:
        """Replace each match of a mark; one that cannot be made stays and is a problem."""

        def replace(match: re.Match[str]) -> str:
            line = text.count("\n", 0, match.start()) + 1
            try:
                new, what = renew(match)
            except ValueError as error:
                # No error ends the check: one call lists what is wrong on all pages.
                self.problems.append(PageProblem(page, line, str(error), stale=False))
                return match[0]
            if new != match[0]:
                self.problems.append(PageProblem(page, line, what, stale=True))
            return new

        return mark.sub(replace, text)

    def _number(self, match: re.Match[str]) -> tuple[str, str]:
        if "number" not in self.kinds:
            return match[0], ""
        name, value = match["name"], match["value"]
        first = name.partition(".")[0]
        # A page has many numbers of one group, and some groups take seconds to compute.
        if first not in self._numbers and first in NUMBERS:
            self._numbers[first] = NUMBERS[first](self.results)
        if first not in self._numbers:
            raise ValueError(
                f"A mark must name one of {sorted(NUMBERS)}. Received: {name!r}. Correct the mark."
            )
        expected = look_up(self._numbers, name)
        phrase = phrase_around(match)
        if value is None:
            raise ValueError(
                f"A number must stand right before the mark of {name}. Received: {phrase!r}. Move "
                "the mark."
            )
        try:
            new = rewritten(value, expected)
        except ValueError as error:
            raise ValueError(f"{phrase!r}, {name}: {error}") from error
        return new + match["mark"], f"{phrase!r} says {value}; {name} is {new}"

    def _block(self, match: re.Match[str]) -> tuple[str, str]:
        kind, name = match["kind"], match["name"]
        if kind not in self.kinds:
            return match[0], ""
        if kind == "table":
            if name not in PAGE_TABLES:
                raise ValueError(
                    f"A mark must name one of {sorted(PAGE_TABLES)}. Received: {name!r}. Correct "
                    "the mark."
                )
            body = PAGE_TABLES[name](self.results).markdown() + "\n"
            what = f"the table {name} is not what the results say"
        else:
            body, what = self._transcript(name, match["body"])
        return match["open"] + body + match["close"], what

    def _transcript(self, name: str, body: str) -> tuple[str, str]:
        tolerance = TOLERANCE.fullmatch(name)
        if tolerance is None:
            raise ValueError(
                f"A transcript must say 'within 0.01' or another number. Received: {name!r}. "
                "Correct the mark."
            )
        if self.run is None:
            raise ValueError(
                "`run` must be given for transcripts. Received: None. Give a function, such as "
                "`run_command`."
            )
        now = rerun(body, self.run) + "\n"
        what = difference(body, now, float(tolerance[1]))
        # Within the tolerance the old text stays: another machine's rounding must not change pages.
        return (now if what else body), f"commands print something else: {what}"

    def _foreign(self, page: str, text: str) -> None:
        """Note comments that are no marks, and commands that no mark has run again."""
        rest = _without(BLOCK, text)
        for command in COMMAND.finditer(rest):
            what = f"no transcript mark stands before the block of {command[0]!r}"
            self._note(page, rest, command, what)
        # In code, a comment is an example and no mark.
        for mark in (re.compile(CODE, re.DOTALL), NUMBER, TYPED):
            rest = _without(mark, rest)
        for comment in COMMENT.finditer(rest):
            what = f"{comment[0]} is no mark: see website/pages.py"
            self._note(page, rest, comment, what)

    def _unmarked(self, page: str, text: str) -> None:
        """Note numbers that stand outside of the marks."""
        number, exempt = CHECKED[page]
        rest = text
        for mark in (BLOCK, NUMBER, TYPED, re.compile(exempt, re.DOTALL | re.MULTILINE)):
            rest = _without(mark, rest)
        for found in re.finditer(number, rest):
            what = f"{phrase_around(found)!r}: {found[0]} has no mark that names its result"
            self._note(page, rest, found, what)

    def _note(self, page: str, text: str, match: re.Match[str], what: str) -> None:
        line = text.count("\n", 0, match.start()) + 1
        self.problems.append(PageProblem(page, line, what, stale=False))


def difference(before: str, now: str, tolerance: float) -> str:
    """Return the first line of a transcript that differs by more than a tolerance, or ""."""
    if not differs(before, now, tolerance):
        return ""
    for old, new in zip_longest(before.splitlines(), now.splitlines(), fillvalue=""):
        if differs(old, new, tolerance):
            return f"{new!r} instead of {old!r}"
    return "another number of lines"


def phrase_around(match: re.Match[str]) -> str:
    """Return the words around a match in its paragraph, without marks."""
    # Enough words to find the sentence by a search, few enough for one line of a terminal.
    before = match.string[: match.start()].rpartition("\n\n")[2]
    after = match.string[match.end() :].partition("\n\n")[0]
    start = " ".join(COMMENT.sub("", before).split(" ")[-7:])
    end = " ".join(COMMENT.sub("", after).split(" ")[:5])
    return " ".join((start + COMMENT.sub("", match[0]) + end).split())


def _without(mark: re.Pattern[str], text: str) -> str:
    """Return a text with matches taken out, on the lines where it was."""
    # The line ends stay, so that problems in the rest have the right line. The blank keeps the
    # words around a match apart.
    return mark.sub(lambda match: " " + "\n" * match[0].count("\n"), text)

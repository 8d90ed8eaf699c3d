"""A table of results as text, and its Markdown."""

from __future__ import annotations

from typing import Any, NamedTuple

MISSING = "not run"
DASH = "–"
# The rule below the heading of a column that is set to the left or to the right.
LEFT, RIGHT = "---", "---:"
Result = dict[str, Any]


class Table(NamedTuple):
    """A table of text; a cell may hold Markdown's bold."""

    title: str
    headings: list[str]
    rows: list[list[str]]
    # Of every column but the first.
    rule: str = LEFT

    def markdown(self) -> str:
        """Return the table in Markdown, without its title.

        A column of nothing but gaps is left out; elsewhere a dash stands for what was not run.
        """
        gaps = ("", MISSING)
        kept = [
            column
            for column in range(len(self.headings))
            if not self.rows or any(row[column] not in gaps for row in self.rows)
        ]
        headings, *rows = (
            [DASH if line[column] == MISSING else line[column] for column in kept]
            for line in (self.headings, *self.rows)
        )
        rule = [LEFT, *[self.rule] * (len(kept) - 1)]
        return "\n".join("| " + " | ".join(line) + " |" for line in (headings, rule, *rows))


def pairs_seen(result: Result) -> int:
    """Return the training pairs that a run saw; 0 for one without training."""
    if "training" not in result:
        return 0
    table = result["data"]["training_pairs"]
    return result["training"]["epochs"] * (result["config"]["epoch_pairs"] or table)

"""A table of results as text, and its Markdown."""

from __future__ import annotations

from typing import Any, NamedTuple

MISSING = "not run"
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
        """Return the table in Markdown, without its title."""
        rule = [LEFT, *[self.rule] * (len(self.headings) - 1)]
        lines = [self.headings, rule, *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def pairs_seen(result: Result) -> int:
    """Return the training pairs that a run saw; 0 for one without training."""
    if "training" not in result:
        return 0
    table = result["data"]["training_pairs"]
    return result["training"]["epochs"] * (result["config"]["epoch_pairs"] or table)

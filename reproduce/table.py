"""A table of results as text, and its Markdown."""

from __future__ import annotations

from typing import Any, NamedTuple

MISSING = "not run"
Result = dict[str, Any]


class Table(NamedTuple):
    """A table of text; a cell may hold Markdown's bold."""

    title: str
    headings: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """Return the table in Markdown, without its title."""
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def pairs_seen(result: Result) -> int:
    """Return the training pairs that a run saw; 0 for one without training."""
    if "training" not in result:
        return 0
    table = result["data"]["training_pairs"]
    return result["training"]["epochs"] * (result["config"]["epoch_pairs"] or table)

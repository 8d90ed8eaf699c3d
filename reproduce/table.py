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

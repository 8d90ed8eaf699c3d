"""A Markdown extension that labels cells, so that a narrow screen can show each row as a list."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

# More columns than this do not fit a phone: docs/style.css lays them out anew.
FEW = 3
# What stands for code, formulas and links until the page is put together.
STASHED = re.compile("\x02[^\x03]*\x03")


class Labels(Treeprocessor):
    """Give each cell of a wide table its column's heading."""

    def run(self, root: Element) -> None:
        """Label the tables of a page."""
        for table in root.iter("table"):
            headings = [STASHED.sub("", "".join(head.itertext())) for head in table.iter("th")]
            if len(headings) <= FEW:
                continue
            table.set("data-columns", str(len(headings)))
            for row in table.iter("tr"):
                for heading, cell in zip(headings, row.findall("td"), strict=False):
                    cell.set("data-label", heading.strip())


class CellLabels(Extension):
    """Label the cells of wide tables."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register after the inline patterns, which fill the headings."""
        md.treeprocessors.register(Labels(md), "cell-labels", 15)

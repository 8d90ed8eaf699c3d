"""A Markdown extension that sets $formula$ and $$formula$$ as MathML, which needs no script."""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

_PARENTHESIS = r"<mo[^>]*>(?:\(|\)|&#x00028;|&#x00029;)</mo>"
_MATRIX = re.compile(rf"{_PARENTHESIS}\s*<mtable[^>]*>(.*?)</mtable>\s*{_PARENTHESIS}", re.DOTALL)


class Formula(InlineProcessor):
    """Turn one formula into MathML."""

    def __init__(self, pattern: str, md: Markdown, display: str) -> None:
        """Store how it is displayed, "inline" or "block"."""
        super().__init__(pattern, md)
        self.display = display

    # Markdown's own name for the method.
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Any, int, int]:  # type: ignore[override]  # noqa: N802
        """Return the formula's place in the text, and the formula kept from further changes."""
        mathml = round_matrices(convert(m[1].strip(), display=self.display))
        # The style sheet lets a wide formula scroll. Without a span, one alone loses its paragraph.
        kept = f'<span class="formula-{self.display}">{mathml}</span>'
        return self.md.htmlStash.store(kept), m.start(0), m.end(0)


class MathML(Extension):
    """Formulas between dollar signs; a dollar before a space or a digit starts no formula."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register before backslashes and underscores mean anything else."""
        # A higher number goes first. Markdown's own patterns are code at 190, where a dollar is a
        # dollar, and backslashes at 180. $$ comes before $, which would match in it.
        md.inlinePatterns.register(Formula(r"\$\$(.+?)\$\$", md, "block"), "formula-block", 186)
        md.inlinePatterns.register(
            Formula(r"(?<!\$)\$(?!\s)([^$\n]+?)(?<!\s)\$(?!\d)", md, "inline"), "formula", 185
        )


def round_matrices(mathml: str) -> str:
    """Take a matrix's parentheses out and mark it, so that the style sheet draws them.

    Without a font for mathematics, which many machines lack, parentheses do not grow.
    """
    return _MATRIX.sub(r'<mtable class="matrix">\1</mtable>', mathml)

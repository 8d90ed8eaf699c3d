"""What MkDocs gets besides mkdocs.yml: formulas, labels of cells, and README.md as a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from website.cells import CellLabels  # noqa: E402
from website.mathml import MathML  # noqa: E402

# Pages whose text is a file of the repository outside the pages.
TOLD_BY = {"index.md": "README.md", "changelog.md": "CHANGELOG.md"}
# The first group takes code out of the search: there a blank must stay a blank.
PER_CENT = re.compile(
    r"(?P<code>^```.*?^```|^ {4}.*?$|`[^`]*`)|(?<=\d) %", re.DOTALL | re.MULTILINE
)
# A colon in the target is that of an address, such as https:, which stays as it is.
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:]+)(#[^)]*)?\)")


def on_config(config: Any) -> Any:
    """Add the formulas, and the labels of cells."""
    config.markdown_extensions += [MathML(), CellLabels()]
    return config


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Put README.md and CHANGELOG.md on their pages, and take comments out.

    A comment at the start of a line would end the paragraph there. A line does not break before a
    per cent sign.
    """
    told_by = TOLD_BY.get(page.file.src_uri)
    if told_by:
        markdown = for_the_site((ROOT / told_by).read_text(encoding="utf-8"))
    markdown = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    return PER_CENT.sub(lambda found: found[0] if found["code"] else "&nbsp;%", markdown)


def for_the_site(markdown: str) -> str:
    """Return a page of the repository's top folder as the site shows it.

    A link to a page or a figure of docs/ leads there. One to a file that the site lacks becomes
    plain text.
    """
    pages = {source: page for page, source in TOLD_BY.items()}

    def lead(link: re.Match[str]) -> str:
        picture, text, target, place = link.groups()
        if target.startswith("docs/"):
            return f"{picture}[{text}]({target.removeprefix('docs/')}{place or ''})"
        return f"[{text}]({pages[target]}{place or ''})" if target in pages else text

    return LINK.sub(lead, markdown)

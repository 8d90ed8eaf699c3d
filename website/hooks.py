"""What MkDocs is told besides mkdocs.yml: formulas, and the changelog of the repository."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from website.mathml import MathML  # noqa: E402


def on_config(config: Any) -> Any:
    """Add the formulas."""
    config.markdown_extensions.append(MathML())
    return config


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Put CHANGELOG.md, which lies outside the pages, on its page, and take comments out.

    A comment at the start of a line would end the paragraph there.
    """
    if page.file.src_uri == "changelog.md":
        return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)

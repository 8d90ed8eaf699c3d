"""Check a built site: every link inside it leads somewhere, and no page fetches from elsewhere.

python website/links.py build/site
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# A browser follows these on its own; it follows <a href> only when asked to.
FETCHED = {
    "img": "src",
    "script": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "video": "src",
}
STYLE_URL = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)")


class Page(HTMLParser):
    """The links, fetched addresses and anchors of one page."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        address = values.get(FETCHED.get(tag, ""), "")
        # A page names its own address and its neighbours' without fetching them.
        if address and values.get("rel") not in ("canonical", "prev", "next"):
            self.fetched.append(address)


def problems(site: Path) -> list[str]:
    """Return one line for every dead link and for every address outside the site.

    Args:
        site: Folder of the built site.

    Raises:
        ValueError: If the folder holds no page.
    """
    pages = {
        path.resolve(): Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")
    }
    if not pages:
        raise ValueError(f"`site` must hold HTML pages. Received: {str(site)!r}. Build it first.")
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for address in page.fetched:
            if urlsplit(address).netloc:
                found.append(f"{name}: fetches {address}")
        for address in [*page.links, *page.fetched]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            # The page for wrong addresses is written for the top of a server.
            if name.name == "404.html" and parts.path.startswith("/"):
                target = site.resolve() / unquote(parts.path).lstrip("/")
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                found.append(f"{name}: dead link {address}")
            elif parts.fragment and target in pages:
                anchors = pages[target].anchors
                if unquote(parts.fragment) not in anchors and parts.fragment != "__comments":
                    found.append(f"{name}: no such place {address}")
    for style in site.rglob("*.css"):
        for address in STYLE_URL.findall(style.read_text(encoding="utf-8")):
            found.append(f"{style.relative_to(site)}: fetches {address}")
    return sorted(found)


def main(arguments: list[str]) -> int:
    """Print the problems; return the exit status."""
    found = problems(Path(arguments[0]))
    print("\n".join(found) or "links: none dead, nothing fetched from elsewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

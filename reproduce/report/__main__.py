"""Write the tables of README.md, docs/ and NOTES.md from the JSON results; no number is typed.

python -m reproduce.report            renews the tables
python -m reproduce.report --check    exits with 1 where a table is not what the results say
"""

from __future__ import annotations

import argparse
import re
import sys

from reproduce.report.tables import PAGE_TABLES
from reproduce.results import RESULTS, ROOT, load_results

WITH_TABLES = (
    *("beyond", "model-card", "reproduction", "robustness", "serving", "speed", "stacks"),
)
PAGES = (
    *(ROOT / "README.md", ROOT / "reproduce" / "NOTES.md"),
    *(ROOT / "docs" / f"{name}.md" for name in WITH_TABLES),
)
BLOCK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(text: str) -> str:
    """Return a page with its tables made anew.

    Raises:
        ValueError: If the page asks for a table that nobody makes.
    """
    results = load_results(RESULTS)

    def fill(block: re.Match[str]) -> str:
        if block[2] not in PAGE_TABLES:
            raise ValueError(f"No table is called {block[2]!r}; there are {sorted(PAGE_TABLES)}.")
        return f"{block[1]}{PAGE_TABLES[block[2]](results).markdown()}\n{block[3]}"

    return BLOCK.sub(fill, text)


def main(arguments: list[str] | None = None) -> int:
    """Renew or check the pages; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, tell what is stale")
    check = parser.parse_args(arguments).check
    stale = []
    for page in PAGES:
        text = page.read_text()
        new = renewed(text)
        if new != text:
            stale.append(page.name)
            if not check:
                page.write_text(new)
    if stale:
        print(f"{'Stale' if check else 'Renewed'}: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

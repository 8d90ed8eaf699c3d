"""Write the figures of docs/tied-weights.md from the script's results; none there is typed.

python website/inject.py            renews the figures
python website/inject.py --check    exits with 1 where a figure is not what the results say, or is
                                    typed

Renew the results themselves with python examples/tied_weights.py --data FOLDER. On the page,
<!--f PATH FORMAT-->...<!--/--> holds one figure, <!--table NAME--> ... <!--/--> a table.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from website.tables import TABLES  # noqa: E402

PAGE = ROOT / "docs" / "tied-weights.md"
RESULTS = ROOT / "examples" / "results"
DRAWN = RESULTS / "tied_weights.svg"
SHOWN = ROOT / "docs" / "figures" / "tied-weights.svg"
MARKER = re.compile(r"(<!--(f|table) ([^>]+?)-->)(.*?)(<!--/-->)", re.DOTALL)
# Code, formulas, links' targets, the paper's sections, years and names of files hold no figures.
NOT_FIGURES = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|sec\. [\d.]+|Fig\. \d+|et al\. \d{4}",
    re.DOTALL,
)
TYPED = re.compile(r"\d+[.,]\d+|\d{3,}|\d+ ?%")


def load_figures() -> dict[str, Any]:
    """Read the script's results, those on Omniglot under `omniglot`."""
    figures = json.loads((RESULTS / "tied_weights.json").read_text(encoding="utf-8"))
    path = RESULTS / "tied_weights_omniglot.json"
    return {**figures, "omniglot": json.loads(path.read_text(encoding="utf-8"))}


def look_up(figures: Any, path: str) -> Any:
    """Return the figure at a path such as `copies.runs.own.apart` or `a.0.b`.

    Raises:
        ValueError: If there is none.
    """
    found = figures
    for part in path.split("."):
        try:
            found = found[int(part)] if isinstance(found, list) else found[part.replace("_", " ")]
        except (KeyError, IndexError, ValueError, TypeError):
            try:
                found = found[part]
            except (KeyError, TypeError):
                raise ValueError(f"{path!r} names no figure: nothing at {part!r}.") from None
    return found


def shown(value: Any, form: str) -> str:
    """Return a figure as the page shows it.

    Args:
        value: Number, list of two (an interval) or matrix.
        form: "power" for a power of ten, "points" for percentage points, "matrix", "interval" of
            fractions, or a format of Python's such as ".1%".
    """
    if form == "matrix":
        rows = r" \\ ".join(" & ".join(_trimmed(cell) for cell in row) for row in value)
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
    if form == "interval":
        return f"{value[0]:.1%} to {value[1]:.1%}".replace("%", "&nbsp;%")
    if form == "points":
        return f"{100 * value:.1f}"
    if form == "power":
        if value == 0:
            return "0"
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}·10<sup>{int(exponent)}</sup>".replace("-", "−")
    return format(value, form).replace("%", "&nbsp;%").replace("-", "−")


def _trimmed(number: float) -> str:
    """Return a number of a matrix with at most four decimals and no needless zero."""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def injected(page: str, figures: dict[str, Any]) -> str:
    """Return the page with every figure and table renewed."""

    def renew(match: re.Match[str]) -> str:
        opening, kind, what, _, closing = match.groups()
        if kind == "table":
            return f"{opening}\n\n{TABLES[what](figures, shown)}\n\n{closing}"
        *paths, form = what.split()
        text = shown(look_up(figures, paths[0]), form)
        if form == "matrix":
            # Whole formulas stand between the marks, for a comment has no place in one.
            names = paths[1] if len(paths) > 1 else ""
            text = f"${names}{text}$"
        return f"{opening}{text}{closing}"

    return MARKER.sub(renew, page)


def typed_figures(page: str) -> list[str]:
    """Return the figures on the page that stand outside the marks."""
    rest = NOT_FIGURES.sub(" ", MARKER.sub(" ", page))
    return TYPED.findall(rest)


def main(arguments: list[str] | None = None) -> int:
    """Renew or check the page; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    options = parser.parse_args(arguments)
    page = PAGE.read_text(encoding="utf-8")
    new = injected(page, load_figures())
    typed = typed_figures(page)
    if options.check:
        same = page == new and SHOWN.read_bytes() == DRAWN.read_bytes()
        if not same:
            print(f"{PAGE.name} is not what the results say: run python website/inject.py")
        if typed:
            print(f"{PAGE.name} holds typed figures: {typed}")
        return 0 if same and not typed else 1
    PAGE.write_text(new, encoding="utf-8")
    shutil.copyfile(DRAWN, SHOWN)
    return 0


if __name__ == "__main__":
    sys.exit(main())

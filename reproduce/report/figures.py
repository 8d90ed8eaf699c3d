"""Draw the figures of the reproduction from JSON alone; needs no model and no data.

python -m reproduce.report.figures       writes docs/figures/reproduction/*.png
    --results DIR --output DIR           reads DIR/*.json and DIR/figures/*.json
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from reproduce.report.plots import accuracies, curves, images
from reproduce.report.plots.sources import Plot, Sources, gather, load_data
from reproduce.report.plots.style import SETTINGS, png
from reproduce.results import RESULTS, ROOT, load_results

OUTPUT = ROOT / "docs" / "figures" / "reproduction"


class Drawn(NamedTuple):
    """A figure that was drawn: PNG, title, caption and where it comes from."""

    png: bytes
    title: str
    caption: str
    origin: str


# Each gives None where its data is missing.
FIGURES: dict[str, Callable[[Sources], Plot | None]] = {
    "table1": accuracies.table1,
    "per-alphabet": accuracies.per_alphabet,
    "learning-curves": curves.learning_curves,
    "roc": curves.roc,
    "fig1-trial": images.trial,
    "fig5-distortions": images.distortions,
    "fig6-samples": images.samples,
    "fig7-filters": images.filters,
    "map": images.embedding_map,
}


def draw_all(sources: Sources) -> tuple[dict[str, Drawn], list[str]]:
    """Draw every figure whose data is there.

    Args:
        sources: Results and figure data.

    Returns:
        The figures by name, and the names of those left out.
    """
    import matplotlib

    drawn = {}
    with matplotlib.rc_context(SETTINGS):
        for name, draw in FIGURES.items():
            made = draw(sources)
            if made is not None:
                origin = sources.origin(made.files)
                drawn[name] = Drawn(png(made.figure), made.title, made.caption, origin)
    return drawn, [name for name in FIGURES if name not in drawn]


def read_sources(folder: Path) -> Sources:
    """Read the results of a folder, and the figure data in its folder `figures`."""
    return gather(load_results(folder), load_data(folder / "figures"))


def main(arguments: list[str] | None = None) -> None:
    """Draw the figures; name those left out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of result files")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the pictures")
    options = parser.parse_args(arguments)
    drawn, left_out = draw_all(read_sources(options.results))
    options.output.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        (options.output / f"{name}.png").write_bytes(figure.png)
    print(f"Drawn: {', '.join(drawn) or 'none'}")
    if left_out:
        print(f"Left out, for lack of data: {', '.join(left_out)}")


if __name__ == "__main__":
    main()

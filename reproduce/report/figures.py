"""Draw the figures of the reproduction from JSON alone; needs no model and no data.

python -m reproduce.report.figures       writes docs/figures/reproduction/*.png
    --results DIR --output DIR           reads DIR/*.json and DIR/figures/*.json
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reproduce.report.beyond_tables import load_beyond, load_mistakes
from reproduce.report.plots import captions, curves, images, scores
from reproduce.report.plots.sources import Sources, gather, load_data
from reproduce.report.plots.style import SETTINGS, png
from reproduce.results import RESULTS, ROOT, load_results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OUTPUT = ROOT / "docs" / "figures" / "reproduction"


class Kind(NamedTuple):
    """A figure: its title, what draws it (None where its data is missing), and its caption."""

    title: str
    draw: Callable[[Sources], Figure | None]
    caption: Callable[[Sources], str]
    origin: Callable[[Sources], str]


class Drawn(NamedTuple):
    """A figure that was drawn: PNG, title, caption and where it comes from."""

    png: bytes
    title: str
    caption: str
    origin: str


FIGURES = {
    "table1": Kind(
        "Verification next to the paper's (table 1)",
        scores.table1, captions.table1, captions.origin_of_table1,
    ),
    "per-alphabet": Kind(
        "One-shot accuracy by alphabet",
        scores.per_alphabet, captions.per_alphabet, captions.origin_of_result,
    ),
    "learning-curves": Kind(
        "Learning curves",
        curves.learning_curves, captions.learning_curves, captions.origin_of_results,
    ),
    "roc": Kind(
        "Verification at every threshold",
        curves.roc, captions.roc, captions.origin_of_curves,
    ),
    "fig1-trial": Kind(
        "One trial (Fig. 1)",
        images.trial, captions.trial, captions.origin_of_data,
    ),
    "fig5-distortions": Kind(
        "Affine distortions (Fig. 5)",
        images.distortions, captions.distortions, captions.origin_of_data,
    ),
    "fig6-samples": Kind(
        "Characters of the data (Fig. 6)",
        images.samples, captions.samples, captions.origin_of_data,
    ),
    "fig7-filters": Kind(
        "Filters of the first layer (Fig. 7)",
        images.filters, captions.filters, captions.origin_of_data,
    ),
    "map": Kind(
        "Map of an unseen alphabet",
        images.embedding_map, captions.embedding_map, captions.origin_of_data,
    ),
}  # fmt: skip


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
        for name, kind in FIGURES.items():
            figure = kind.draw(sources)
            if figure is not None:
                caption, origin = kind.caption(sources), kind.origin(sources)
                drawn[name] = Drawn(png(figure), kind.title, caption, origin)
    return drawn, [name for name in FIGURES if name not in drawn]


def read_sources(folder: Path) -> Sources:
    """Read the results of a folder, and the figure data in its folder `figures`."""
    return gather(load_results(folder), load_data(folder / "figures"))


def draw_beyond(folder: Path) -> dict[str, bytes]:
    """Draw the networks beyond the paper, as PNGs by name, as far as there are results.

    `beyond` is accuracy over minutes of those trained on all background alphabets, whose processor
    time was measured; `mistakes` the official trials that the network that ships fails.
    """
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        shown = [
            result
            for result in load_beyond(folder)
            if "processor_seconds" in result and result["recipe"]["background"] == "background"
        ]
        found = load_mistakes(folder)
        drawn = {
            "beyond": curves.accuracy_over_minutes(shown),
            "mistakes": images.failed_trials(found["failed"]) if found else None,
        }
        return {name: png(figure) for name, figure in drawn.items() if figure is not None}


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
    drawn_beyond = draw_beyond(options.results / "beyond")
    for name, picture in drawn_beyond.items():
        (options.output / f"{name}.png").write_bytes(picture)
    print(f"Drawn: {', '.join([*drawn, *drawn_beyond]) or 'none'}")
    if left_out:
        print(f"Left out, for lack of data: {', '.join(left_out)}")


if __name__ == "__main__":
    main()

"""Draw the figures of the networks beyond the paper from JSON alone.

python -m studies.beyond.beyond_figures    writes docs/figures/beyond/*.png
    --results DIR --output DIR           reads DIR/*.json and DIR/mistakes/omniglot.json
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_siamese.plots.tiles import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    add_tile,
    checked_tiles,
    figure_of,
    sheet,
)
from reproduce.paper.figure_data import png_pixels
from reproduce.report.plots.style import SETTINGS, colors_of, percent_axis, png, report_figure
from reproduce.results import ROOT
from studies.beyond.beyond_tables import FOLDER, load_beyond, load_mistakes, processor_minutes
from studies.literature import OFFICIAL_RUNS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OUTPUT = ROOT / "docs" / "figures" / "beyond"
# Minutes of training.
TICKS = (2, 5, 10, 20, 50, 100, 200)
# The failed trials: rows with their colours, and columns.
ROWS = {"query": INK, "true": GREEN, "answered": ORANGE}
COLUMNS = 10
# In tiles: room for the names of the rows, for a column's heading, and from tile to tile.
LEFT, TOP, STEP = 0.95, 0.5, 1.12


def accuracy_over_minutes(results: list[dict[str, Any]]) -> Figure | None:
    """Draw each network's accuracy on the official runs over what its training took.

    Args:
        results: Results of `studies.beyond.train_pretrained` that hold nothing out, one a seed.

    Returns:
        The figure; None where there is no result.
    """
    if not results:
        return None
    figure = report_figure(4.4)
    panel = figure.subplots()
    minutes = [processor_minutes(result) for result in results]
    # A dot at the edge would be cut.
    left, right = 0.8 * min(TICKS[0], *minutes), max(TICKS[-1], 1.2 * max(minutes))
    for name, accuracy in OFFICIAL_RUNS.items():
        panel.axhline(accuracy, color=GREY, lw=1, ls=(0, (4, 4)))
        panel.text(right, accuracy, f" {name} {accuracy:.2%}", color=INK, va="center", fontsize=8)
    colors = colors_of([result["recipe"]["name"] for result in results])
    for place, result in zip(minutes, results, strict=True):
        entry, color = result["scores"][0], colors[result["recipe"]["name"]]
        panel.plot([place, place], entry["interval"], color=color, lw=2, alpha=0.3)
        panel.plot(place, entry["value"], "o", color=color, ms=6)
    for name, color in colors.items():
        panel.plot([], [], "o", color=color, ms=6, label=name)
    panel.legend(
        title="recipe", loc="lower right", facecolor="white", edgecolor="none", framealpha=1
    )
    panel.set_xscale("log")
    panel.set_xticks(TICKS, [f"{minutes:g}" for minutes in TICKS])
    panel.xaxis.set_minor_formatter(lambda value, _: "")
    lows = [result["scores"][0]["interval"][0] for result in results]
    panel.set(
        xlim=(left, right),
        ylim=(min(*OFFICIAL_RUNS.values(), *lows) - 0.01, 1.0),
        xlabel="minutes of training (processor time of all cores)",
        ylabel="official runs, 400 trials",
    )
    percent_axis(panel.yaxis)
    return figure


def draw_failed_trials(failed: list[dict[str, Any]]) -> Figure | None:
    """Draw each failed trial as a column: the query, its true class, the answer.

    Args:
        failed: What `studies.beyond.failed_trials.collect_failed_trials` found under `failed`.

    Returns:
        The figure; None where no trial failed.
    """
    if not failed:
        return None
    height = TOP + STEP * len(ROWS)
    bands = -(-len(failed) // COLUMNS)
    axes = sheet(None, LEFT + STEP * min(len(failed), COLUMNS), height * bands)
    for number, trial in enumerate(failed):
        band, column = divmod(number, COLUMNS)
        x, y = LEFT + STEP * column, height * band
        told = f"run {trial['run']}\n{trial['margin']:.1f} behind"
        axes.text(x + 0.5, y + TOP / 2, told, ha="center", va="center", fontsize=8, color=INK)
        for row, (name, color) in enumerate(ROWS.items()):
            top = y + TOP + STEP * row
            image = checked_tiles(name, png_pixels(trial["images"][name])[None])[0]
            add_tile(axes, image, x, top).set(edgecolor=color, linewidth=1.5)
            if column == 0:
                axes.text(0, top + 0.5, name, va="center", fontsize=9, color=color)
    return figure_of(axes)


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
            "beyond": accuracy_over_minutes(shown),
            "mistakes": draw_failed_trials(found["failed"]) if found else None,
        }
        return {name: png(figure) for name, figure in drawn.items() if figure is not None}


def main(arguments: list[str] | None = None) -> None:
    """Draw the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=FOLDER, help="folder of result files")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the pictures")
    options = parser.parse_args(arguments)
    drawn = draw_beyond(options.results)
    options.output.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn.items():
        (options.output / f"{name}.png").write_bytes(picture)
    print(f"Drawn: {', '.join(drawn) or 'none'}")


if __name__ == "__main__":
    main()

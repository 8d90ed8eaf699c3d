"""The official trials that the network that ships fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_siamese.plots.tiles import GREEN, INK, ORANGE, add_tile, checked_images, figure_of, sheet
from reproduce.paper.figure_data import decode_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROWS = {"query": INK, "true": GREEN, "answered": ORANGE}
COLUMNS = 10
# In tiles: room for the names of the rows, for a column's heading, and from tile to tile.
LEFT, TOP, STEP = 0.95, 0.5, 1.12


def failed_trials(failed: list[dict[str, Any]]) -> Figure | None:
    """Draw each failed trial as a column: the query, its true class, the answer.

    Args:
        failed: What `reproduce.mistakes.collect` found under `failed`.

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
            image = checked_images(name, decode_png(trial["images"][name])[None])[0]
            add_tile(axes, image, x, top).set(edgecolor=color, linewidth=1.5)
            if column == 0:
                axes.text(0, top + 0.5, name, va="center", fontsize=9, color=color)
    return figure_of(axes)

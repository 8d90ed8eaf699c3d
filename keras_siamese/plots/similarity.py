"""Figure of the probabilities between two sets of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.plots.tiles import GREEN, GREY, INK, add_tile, checked_tiles, figure_of, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In tiles: left and top edge of the cells, next to the images of the margins.
MARGIN = 1.25
# Cells are numbered up to this many in a row or column; further ones would be too small to read.
MOST_NUMBERED = 14
# A scale of colours stands in for the numbers: its gap and its width, with the labels, in cells.
SCALE_GAP, SCALE_WIDTH = 0.03, 0.12


def plot_similarity(
    rows: np.ndarray,
    columns: np.ndarray,
    probabilities: np.ndarray,
    *,
    same: np.ndarray | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw the probability that each image of one set shows the class of each of another.

    The images stand at the left and on top. The darker a cell, the likelier the two are of one
    class; the highest number of a row is bold. `same` frames the cells that are truly the same.

    Args:
        rows: `(n, height, width, channels)`, 1 or 3 channels, uint8, ink 255, or float in [0, 1].
        columns: `(m, height, width, channels)`, as `rows`.
        probabilities: `(n, m)`, float in [0, 1], as `OneShotClassifier.similarities` gives them
            with one support image per class.
        same: `(n, m)`, bool, which cells show one class; None frames none.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If an argument has another shape or range.
        ImportError: If matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_similarity
        >>> images = np.random.default_rng(0).random((5, 8, 8, 1))
        >>> figure = plot_similarity(images[:2], images[2:], np.full((2, 3), 0.5))
        >>> figure.savefig("similarity.png")
    """
    left, top = checked_tiles("rows", rows), checked_tiles("columns", columns)
    shape = len(left), len(top)
    values = np.asarray(probabilities, float)
    if values.shape != shape or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"`probabilities` must be numbers in [0, 1] of shape {shape}, one for each image of "
            f"`rows` and each of `columns`. Received: shape {values.shape} from {values.min()} to "
            f"{values.max()}. Apply the sigmoid to logits."
        )
    framed = np.zeros(shape, bool) if same is None else np.asarray(same)
    if framed.shape != shape or framed.dtype != bool:
        raise ValueError(
            f"`same` must be booleans of shape {shape}, as `probabilities`. Received: "
            f"{framed.dtype} of shape {framed.shape}. Compare the labels: a[:, None] == b."
        )
    numbered = max(shape) <= MOST_NUMBERED
    room = 0 if numbered else (SCALE_GAP + SCALE_WIDTH) * shape[1]
    axes = sheet(axes, MARGIN + shape[1] + room + 0.05, MARGIN + shape[0] + 0.05)
    for row, image in enumerate(left):
        add_tile(axes, image, 0.04, MARGIN + row + 0.04, side=0.92)
    for column, image in enumerate(top):
        add_tile(axes, image, MARGIN + column + 0.04, 0.04, side=0.92)
    extent = (MARGIN, MARGIN + shape[1], MARGIN + shape[0], MARGIN)
    axes.imshow(values, extent=extent, cmap="Blues", vmin=0, vmax=1)
    if numbered:
        _numbers(axes, values)
    else:
        _scale(axes, shape)
    _frames(axes, framed)
    # Images laid on axes move their limits.
    axes.set(xlim=(0, MARGIN + shape[1] + room + 0.05), ylim=(MARGIN + shape[0] + 0.05, 0))
    return figure_of(axes)


def _numbers(axes: Axes, values: np.ndarray) -> None:
    """Write every probability into its cell, in percent."""
    size = float(np.clip(90 / max(values.shape), 6, 11))
    axes.text(0.5, 0.5, "in %", ha="center", va="center", fontsize=min(size, 9), color=GREY)
    for (row, column), value in np.ndenumerate(values):
        axes.text(
            MARGIN + column + 0.5,
            MARGIN + row + 0.5,
            f"{100 * value:.0f}",
            ha="center",
            va="center",
            fontsize=size,
            color="white" if value > 0.6 else INK,
            weight="bold" if value == values[row].max() else "normal",
        )


def _scale(axes: Axes, shape: tuple[int, int]) -> None:
    """Draw which colour is which probability, right of the cells."""
    unit = shape[1]
    x, height = MARGIN + unit * (1 + SCALE_GAP), shape[0]
    extent = (x, x + 0.03 * unit, MARGIN + height, MARGIN)
    axes.imshow(np.linspace(1, 0, 64)[:, None], extent=extent, cmap="Blues", vmin=0, vmax=1)
    for value in (0.0, 0.5, 1.0):
        place = (x + 0.04 * unit, MARGIN + height * (1 - value))
        axes.text(*place, f"{value:.0%}", va="center", fontsize=9, color=INK)


def _frames(axes: Axes, framed: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    for row, column in np.argwhere(framed):
        corner = (MARGIN + column + 0.04, MARGIN + row + 0.04)
        axes.add_patch(
            Rectangle(corner, 0.92, 0.92, fill=False, edgecolor=GREEN, linewidth=2.2, label="same")
        )

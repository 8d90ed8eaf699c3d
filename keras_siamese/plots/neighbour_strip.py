"""Figure of an image and the images that are most like it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.plots.tiles import GREEN, INK, ORANGE, add_tile, checked_tiles, figure_of, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 1.1
# Room left of the neighbours, and under the images for the text, in tiles.
_GAP, _TEXT = 0.25, 0.62
_LINE_LENGTH, _MOST_LINES = 14, 2
# Of more, a line of a name would be wider than its image.
_MOST_IN_ROW = 6


def plot_neighbours(
    image: np.ndarray,
    neighbours: np.ndarray,
    names: Sequence[str] | None = None,
    scores: Sequence[float] | np.ndarray | None = None,
    *,
    same: np.ndarray | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw an image and its neighbours as a strip, in the order in which they are given.

    A strip of more than six neighbours is wrapped into rows of about the same length. The figure
    grows in height, so that each image stays large enough to be seen.

    Args:
        image: `(height, width, channels)`, 1 or 3 channels, uint8, ink 255, or float in [0, 1].
        neighbours: `(n, height, width, channels)`, as `image`.
        names: `(n,)`, strings such as `EmbeddingIndex.search` gives, written below; None for none.
            Of a long name the end is kept.
        scores: `(n,)`, float, written above the names; None for none.
        same: `(n,)`, bool, which neighbours show the same class as `image`: green frames, and
            orange ones for the others; None for no frames.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If an argument has another shape or range.
        ImportError: If matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.plots import plot_neighbours
        >>> images = np.random.default_rng(0).random((4, 8, 8, 1))
        >>> figure = plot_neighbours(images[0], images[1:], ["a", "b", "c"], [0.9, 0.4, 0.2])
        >>> figure.savefig("neighbours.png")
    """
    query = checked_tiles("image", np.asarray(image)[None])[0]
    tiles = checked_tiles("neighbours", neighbours)
    count = len(tiles)
    values = None if scores is None else np.asarray(scores, float)
    if values is not None and values.shape != (count,):
        raise ValueError(
            f"`scores` must be {count} numbers, one for each of `neighbours`. Received: shape "
            f"{values.shape}. Give those of this image alone."
        )
    if names is not None and (isinstance(names, str) or len(names) != count):
        raise ValueError(
            f"`names` must be {count} strings, one for each of `neighbours`. Received: "
            f"{1 if isinstance(names, str) else len(names)}. Give those of this image alone."
        )
    framed = None if same is None else np.asarray(same)
    if framed is not None and (framed.shape != (count,) or framed.dtype != bool):
        raise ValueError(
            f"`same` must be {count} booleans, one for each of `neighbours`. Received: "
            f"{framed.dtype} of shape {framed.shape}. Compare the labels: labels[rows] == label."
        )
    left, down = STEP + _GAP, 1.08 + _TEXT
    rows = math.ceil(count / _MOST_IN_ROW)
    columns = math.ceil(count / rows)
    width, height = left + STEP * columns, down * rows
    axes = sheet(axes, width, height)
    add_tile(axes, query, 0.04, 0.04)
    axes.text(0.54, 1.12, "image", ha="center", va="top", fontsize=8, color=INK)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        x, y = left + STEP * column, down * row
        frame = add_tile(axes, tile, x, y + 0.04)
        if framed is not None:
            frame.set(edgecolor=GREEN if framed[place] else ORANGE, linewidth=2.2)
            frame.set_label("same" if framed[place] else "different")
        lines = [] if values is None else [f"{values[place]:.3g}"]
        lines += [] if names is None else _wrapped(str(names[place]))
        axes.text(x + 0.5, y + 1.12, "\n".join(lines), ha="center", va="top", fontsize=7, color=INK)
    # Images laid on axes move their limits.
    axes.set(xlim=(0, width), ylim=(height, 0))
    return figure_of(axes)


def _wrapped(name: str) -> list[str]:
    """Return a name in short lines; of a long one the end, which tells files of a folder apart."""
    most = _LINE_LENGTH * _MOST_LINES
    kept = name if len(name) <= most else "…" + name[1 - most :]
    return textwrap.wrap(kept, _LINE_LENGTH) or [""]

"""Figure of the affine distortions of one image (Koch et al. 2015, Fig. 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.data import AffineRanges, distort, draw_transforms
from keras_siamese.plots.tiles import BLUE, add_tile, check_counts, checked_tiles, figure_of, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 1.08


def plot_distortions(
    image: np.ndarray,
    *,
    seed: int,
    rows: int = 5,
    columns: int = 5,
    ranges: AffineRanges | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw an image, framed at the top left, and random affine distortions of it.

    Source: Koch et al. 2015, Fig. 5 and sec. 3.2, "Affine distortions".

    Args:
        image: `(height, width, channels)`, 1 or 3 channels, uint8, ink 255, or float in [0, 1].
        seed: Seed of the distortions.
        rows: Rows of the grid.
        columns: Columns of the grid.
        ranges: Ranges of the transforms; the paper's by default.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If the image has another shape or range, or a count is below 1.
        ImportError: If matplotlib is missing.

    Example:
        >>> from keras_siamese import make_glyphs
        >>> from keras_siamese.plots import plot_distortions
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=1, num_drawers=1)
        >>> figure = plot_distortions(glyphs.images[0], seed=0)
        >>> figure.savefig("distortions.png")
    """
    original = checked_tiles("image", np.asarray(image)[None])
    check_counts(rows=rows, columns=columns)
    axes = sheet(axes, STEP * columns, STEP * rows)
    count = rows * columns - 1
    size = (original.shape[1], original.shape[2])
    transforms = draw_transforms(count, size, np.random.default_rng(seed), ranges)
    copies = np.repeat(original.astype(np.float32), count, axis=0)
    # Interpolation leaves values that miss the range by rounding.
    distorted = distort(copies, transforms).clip(0, 1) if count else copies
    for place, tile in enumerate([original[0], *distorted]):
        row, column = divmod(place, columns)
        frame = add_tile(axes, tile, 0.04 + STEP * column, 0.04 + STEP * row)
        if place == 0:
            frame.set(edgecolor=BLUE, linewidth=2.2, label="original")
    return figure_of(axes)

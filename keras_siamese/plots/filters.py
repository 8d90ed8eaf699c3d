"""Figure of the filters of a first layer (Koch et al. 2015, Fig. 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from keras_siamese.plots.tiles import add_tile, check_counts, figure_of, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 1.08


def first_kernel(model: keras.Model) -> np.ndarray | None:
    """Return the filters of a model's first convolution.

    Args:
        model: Siamese network, or its encoder.

    Returns:
        `(height, width, channels, n)`, float32, or None where no layer is a convolution.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            return layer.get_weights()[0]
        if isinstance(layer, keras.Model):
            return first_kernel(layer)
    return None


def plot_filters(
    filters: keras.Model | np.ndarray,
    *,
    num_filters: int = 32,
    columns: int = 8,
    axes: Axes | None = None,
) -> Figure:
    """Draw the first filters of a first layer: positive weights red, negative ones blue.

    Source: Koch et al. 2015, Fig. 7. White is zero, and all filters share one scale, so that a
    weak filter looks weak. Several channels are averaged.

    Args:
        filters: Siamese network or encoder whose first convolution is drawn, or a kernel
            `(height, width, channels, n)`, float.
        num_filters: Number of filters, from the first on; where there are fewer, all of them.
        columns: Columns of the grid.
        axes: Matplotlib axes to draw in; None for a new figure.

    Returns:
        The figure drawn in.

    Raises:
        ValueError: If there is no convolution, the kernel has another shape or is not finite, or a
            count is below 1.
        ImportError: If matplotlib is missing.

    Example:
        >>> from keras_siamese import reduced_encoder
        >>> from keras_siamese.plots import plot_filters
        >>> figure = plot_filters(reduced_encoder(units=8))
        >>> figure.savefig("filters.png")
    """
    check_counts(num_filters=num_filters, columns=columns)
    kernel = first_kernel(filters) if isinstance(filters, keras.Model) else np.asarray(filters)
    if kernel is None:
        raise ValueError(
            "`filters` must be a model with a convolution. Received: a model without any. Give a "
            "convolutional one: a dense first layer has no filters to draw."
        )
    if kernel.ndim != 4 or not kernel.size or not np.isfinite(kernel).all():
        raise ValueError(
            "`filters` must be a finite kernel of shape (height, width, channels, n). Received: "
            f"shape {kernel.shape}. Take the weights of a Conv2D layer."
        )
    # (n, height, width, 1)
    shown = np.moveaxis(kernel[..., :num_filters].mean(axis=2), -1, 0)[..., None]
    limit = float(np.abs(shown).max()) or 1.0
    rows = -(-len(shown) // columns)
    axes = sheet(axes, STEP * min(columns, len(shown)), STEP * rows)
    for place, tile in enumerate(shown):
        row, column = divmod(place, columns)
        x, y = 0.04 + STEP * column, 0.04 + STEP * row
        add_tile(axes, tile, x, y, cmap="RdBu_r", vmin=-limit, vmax=limit)
    return figure_of(axes)

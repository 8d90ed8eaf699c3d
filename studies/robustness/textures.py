"""Irregularities of surfaces: grain of paper and pencil, fibres of wood."""

from __future__ import annotations

import numpy as np

# Cells of a texture before it repeats.
_CELLS = 96


def texture(
    points: np.ndarray, cell: float | tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Return smooth random values that belong to the surface, so they tilt and scale with it.

    Args:
        points: `(2, ...)`, float64: the point of the surface at each pixel.
        cell: Size of the irregularities, in the unit of the points; one for each of the two axes
            gives fibres.
        rng: Draws the values.

    Returns:
        `(...)`, float64, mean 0; at the cells' middles of standard deviation 1.
    """
    from scipy.ndimage import map_coordinates

    values = rng.standard_normal((_CELLS, _CELLS))
    across, along = cell if isinstance(cell, tuple) else (cell, cell)
    places = np.stack([points[0] / across, points[1] / along])
    return map_coordinates(values, places, order=1, mode="grid-wrap")

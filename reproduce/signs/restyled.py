"""Icons as another set would draw them: solid ones of outlines, and outlines of solid ones."""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi

# Share of a silhouette that is ink: below, an icon is drawn in outline; above, it is solid.
OUTLINE, SOLID = 0.6, 0.75
# Least share of a silhouette that is not ink, for a solid icon to look unlike its outline.
LEAST_FILL = 0.15


def restyled(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Draw an icon in the other style.

    An outline becomes solid: its silhouette is filled, and its inner lines are left open. A solid
    icon becomes the line along its edges.

    Args:
        picture: `(height, width, 3)`, uint8, dark on white.
        rng: Where widths of lines are drawn from.

    Returns:
        `(height, width, 3)`, uint8, dark on white; None for an icon of neither style, such as a
        plain arrow.
    """
    dark = np.pad(255 - picture.min(axis=2), 1)
    ink = dark >= 128
    silhouette = ndi.binary_fill_holes(ink)
    if not ink.any():
        return None
    share = ink.sum() / silhouette.sum()
    side = max(picture.shape[:2])
    if share >= SOLID and _half_width(ink) > 0.08 * side:
        width = rng.uniform(0.05, 0.09) * side
        drawn = ink & (ndi.distance_transform_edt(ink) <= width)
    elif share <= OUTLINE and 1 - share >= LEAST_FILL:
        # The outer line becomes part of the body; the lines inside it are cut out.
        depth = ndi.distance_transform_edt(silhouette)
        stroke = 2 * _half_width(ink)
        body = silhouette & ~(ink & (depth > 1.6 * stroke))
        drawn = ndi.binary_opening(body, iterations=1)
    else:
        return None
    smooth = ndi.gaussian_filter(drawn[1:-1, 1:-1].astype(np.float32), 0.6)
    return np.repeat(np.rint(255 * (1 - smooth)).astype(np.uint8)[..., None], 3, axis=2)


def _half_width(ink: np.ndarray) -> float:
    """Return half the width of most of the ink's strokes, in pixels."""
    inside = ndi.distance_transform_edt(ink)
    ridge = inside[(inside == ndi.maximum_filter(inside, 3)) & ink]
    return float(np.median(ridge))

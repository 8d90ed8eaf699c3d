"""What a pen leaves on paper: where, how wide, how dark and how evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.robustness.textures import texture

# Side of the field that Omniglot's drawings fill, in its pixels.
FIELD = 105
# Depth of the middle of Omniglot's strokes, in its pixels.
DEEPEST = 2.5


@dataclass(frozen=True)
class Pen:
    """A pen, pencil or stylus.

    Attributes:
        color: Red, green and blue of its ink, levels 0 to 255.
        width: Width of its strokes in Omniglot's pixels; None leaves the drawing's own, of 3 to 5.
        strength: How much of the paper the ink covers at most, in (0, 1].
        unevenness: How much of the strength comes and goes along the strokes, in [0, 1].
        grain: How much of the strength the tooth of the paper takes away in spots, in [0, 1].
    """

    color: tuple[float, float, float] = (0, 0, 0)
    width: float | None = None
    strength: float = 1.0
    unevenness: float = 0.0
    grain: float = 0.0


def stroke_depth(drawing: np.ndarray, width: float | None) -> np.ndarray:
    """Return how deep inside the strokes each pixel lies.

    A photograph resolves more than the drawing's pixels, so its strokes have smooth edges: depth,
    unlike ink, can be interpolated between pixels without steps.

    Args:
        drawing: `(105, 105)`, bool, ink True; some ink.
        width: Width of the strokes in pixels, drawn anew about their middle lines; None leaves
            them as they are.

    Returns:
        `(105, 105)`, float64, pixels to the edge of the nearest stroke, negative outside.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter
    from skimage.morphology import skeletonize

    # The edge runs half a pixel from the middle of the last pixel of either side.
    depth = distance_transform_edt(drawing) - distance_transform_edt(~drawing)
    depth = depth - 0.5 * np.sign(depth)
    if width is not None:
        redrawn = width / 2 - distance_transform_edt(~skeletonize(drawing))
        # A filled dot has no middle line worth the name: what is deeper than a stroke stays.
        depth = np.maximum(redrawn, depth - DEEPEST)
    return gaussian_filter(depth, 0.7)


def coverage(
    pen: Pen,
    depth: np.ndarray,
    points: np.ndarray,
    pixels_per_unit: np.ndarray | float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return how much of each pixel of a picture the ink covers.

    Args:
        pen: The pen.
        depth: What `stroke_depth` returns.
        points: `(2, height, width)`, float64: row and column of the drawing that each pixel shows.
        pixels_per_unit: Pixels of the picture for one of the drawing.
        rng: Draws unevenness and grain.

    Returns:
        `(height, width)`, float64, [0, 1].
    """
    from scipy.ndimage import map_coordinates

    # Outside of its field the drawing continues as paper: "nearest" would draw ink at the field's
    # border on to infinity.
    deep = map_coordinates(depth, points, order=1, mode="constant", cval=-float(FIELD))
    ink: np.ndarray = np.clip(0.5 + deep * pixels_per_unit, 0, 1) * pen.strength
    # Most of a picture is without ink.
    covered = ink > 0
    where = points[:, covered]
    for share, cell in ((pen.unevenness, 9.0), (pen.grain, 0.9)):
        if share:
            ink[covered] *= 1 - share * np.clip(0.5 + 0.6 * texture(where, cell, rng), 0, 1)
    return ink

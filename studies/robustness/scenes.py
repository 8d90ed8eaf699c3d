"""A drawing on a sheet, under a light, before a camera: the picture that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from studies.robustness.cameras import Camera, expose
from studies.robustness.lights import Light, paper_brightness
from studies.robustness.pens import FIELD, Pen, coverage, stroke_depth
from studies.robustness.poses import Pose, homography, placed, through
from studies.robustness.sheets import Sheet, Tabletop, paper_colors, sheet_coverage, table_colors

# The table begins at least this far from the ink, in shorter sides of the picture.
_TABLE_GAP = 0.02


@dataclass(frozen=True)
class Scene:
    """All that a picture depends on, except for the drawing and chance."""

    pen: Pen = field(default_factory=Pen)
    sheet: Sheet = field(default_factory=Sheet)
    pose: Pose = field(default_factory=Pose)
    light: Light = field(default_factory=Light)
    camera: Camera = field(default_factory=Camera)


def photograph(drawing: np.ndarray, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Return the picture of a drawing in a scene.

    Pen and rules belong to the sheet: they turn, tilt and lie in the shadow with it.

    Args:
        drawing: `(105, 105)`, bool, ink True, as Omniglot's.
        scene: The scene.
        rng: Draws textures and noise.

    Returns:
        `(height, width, 3)`, uint8, of the size that the scene's camera has.

    Raises:
        ValueError: If the drawing is no such array, or has no ink.
    """
    if drawing.shape != (FIELD, FIELD) or drawing.dtype != bool or not drawing.any():
        raise ValueError(
            f"`drawing` must be a bool array of shape ({FIELD}, {FIELD}) with some ink, True. "
            f"Received: {drawing.dtype} of shape {drawing.shape} with {np.count_nonzero(drawing)} "
            "pixels of ink. Take `images[i, ..., 0] > 0` of `load_omniglot`."
        )
    shape = (scene.camera.height, scene.camera.width)
    short = min(shape)
    places = (np.indices(shape) - (np.array(shape)[:, None, None] - 1) / 2) / short
    depth = stroke_depth(drawing, scene.pen.width)
    middle, size = placed(scene.pose, _ink_box(depth), shape)
    points = through(np.linalg.inv(homography(scene.pose)), places)
    on_drawing = (points - middle[:, None, None]) / size * FIELD + (FIELD - 1) / 2
    levels = paper_colors(scene.sheet, points, 1 / short, rng)
    ink = coverage(scene.pen, depth, on_drawing, size * short / FIELD, rng)[..., None]
    levels += ink * (np.array(scene.pen.color, float) - levels)
    table = scene.sheet.table
    if table is not None:
        edge = _edge(table, middle, size, _ink_box(depth), shape)
        paper = sheet_coverage(edge, points, 1 / short)
        off = paper < 1
        share = paper[off][:, None]
        levels[off] = share * levels[off] + (1 - share) * table_colors(table, points[:, off], rng)
    return expose(scene.camera, levels * paper_brightness(scene.light, places), rng)


def seeded(*numbers: int) -> np.random.Generator:
    """Return a generator that depends on every one of some whole numbers from 0."""
    return np.random.default_rng(list(numbers))


def _ink_box(depth: np.ndarray) -> tuple[float, float, float, float]:
    """Return top, left, bottom and right of the ink, as fractions of the field from its middle."""
    rows, columns = (np.flatnonzero((depth > -0.5).any(axis=axis)) for axis in (1, 0))
    ends: Sequence[float] = (rows[0] - 0.5, columns[0] - 0.5, rows[-1] + 0.5, columns[-1] + 0.5)
    top, left, bottom, right = ((end - (FIELD - 1) / 2) / FIELD for end in ends)
    return top, left, bottom, right


def _edge(
    table: Tabletop,
    middle: np.ndarray,
    size: float,
    box: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> tuple[float, float, float]:
    """Return the sheet's edge as `sheet_coverage` takes it, beyond all ink."""
    row, column = np.sin(np.deg2rad(table.side)), np.cos(np.deg2rad(table.side))
    half = np.array(shape) / min(shape) / 2
    # Whichever of the picture's sides it is that the table is at.
    reach = half[0] if abs(row) > abs(column) else half[1]
    top, left, bottom, right = box
    ink = max(
        row * (middle[0] + size * y) + column * (middle[1] + size * x)
        for y in (top, bottom)
        for x in (left, right)
    )
    return row, column, max(reach - table.depth, ink + _TABLE_GAP)

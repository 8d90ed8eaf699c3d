"""What a drawing lies on: a sheet of paper with its rules, the table next to it, or a screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.robustness.textures import texture

Color = tuple[float, float, float]
WHITE: Color = (255, 255, 255)


@dataclass(frozen=True)
class Rules:
    """Printed lines; lengths are fractions of the picture's shorter side.

    Attributes:
        spacing: From one line to the next.
        width: Width of a line.
        color: Red, green and blue, levels 0 to 255.
        squared: Whether lines run both ways.
        offset: Where the first line lies, as a fraction of the spacing, one for each way.
    """

    spacing: float
    width: float
    color: Color
    squared: bool = False
    offset: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Tabletop:
    """What is seen next to the sheet.

    Attributes:
        color: Red, green and blue, levels 0 to 255.
        wooden: Whether it has fibres.
        side: Side of the sheet that ends in view, by the angle in degrees of what points there: 0
            for the right, 90 for the bottom. The sheet's edge is straight.
        depth: How far its edge lies inside the picture, as a fraction of the shorter side.
    """

    color: Color
    wooden: bool
    side: float
    depth: float


@dataclass(frozen=True)
class Sheet:
    """Paper or a screen.

    Attributes:
        color: Red, green and blue, levels 0 to 255.
        roughness: Standard deviation of the paper's own texture, in levels.
        rules: Its printed lines, if any.
        table: What is seen next to it, if anything.
    """

    color: Color = WHITE
    roughness: float = 0.0
    rules: Rules | None = None
    table: Tabletop | None = None


def paper_colors(
    sheet: Sheet, points: np.ndarray, pixel: float, rng: np.random.Generator
) -> np.ndarray:
    """Return the colours of an empty sheet.

    Args:
        sheet: The sheet.
        points: `(2, height, width)`, float64: row and column of the sheet at each pixel, in shorter
            sides of the picture, from the middle of the view.
        pixel: Side of a pixel, in the same unit.
        rng: Draws the paper's texture.

    Returns:
        `(height, width, 3)`, float64, levels.
    """
    paper = np.broadcast_to(np.array(sheet.color, float), (*points.shape[1:], 3)).copy()
    if sheet.roughness:
        paper += sheet.roughness * texture(points, 1.5 * pixel, rng)[..., None]
    if sheet.rules:
        line = _lines(sheet.rules, points, pixel)[..., None]
        paper += line * (np.array(sheet.rules.color, float) - paper)
    return paper


def table_colors(table: Tabletop, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the colours of the table.

    Args:
        table: The table.
        points: `(2, n)`, float64, as for `paper_colors`, of the pixels that show it.
        rng: Draws the fibres.

    Returns:
        `(n, 3)`, float64, levels.
    """
    plain = np.broadcast_to(np.array(table.color, float), (points.shape[1], 3))
    if not table.wooden:
        return plain
    fibres = 0.14 * texture(points, (0.012, 0.4), rng) + 0.1 * texture(points, (0.06, 0.9), rng)
    return plain * (1 + fibres[:, None])


def sheet_coverage(
    edge: tuple[float, float, float], points: np.ndarray, pixel: float
) -> np.ndarray:
    """Return how much of each pixel lies on the sheet.

    Args:
        edge: Row and column of the unit vector that points off the sheet, and the edge's distance
            from the middle of the view along it.
        points: As for `paper_colors`.
        pixel: As for `paper_colors`.

    Returns:
        `(height, width)`, float64, [0, 1].
    """
    row, column, distance = edge
    inside = distance - (row * points[0] + column * points[1])
    return np.clip(0.5 + inside / pixel, 0, 1)


def _lines(rules: Rules, points: np.ndarray, pixel: float) -> np.ndarray:
    """Return how much of each pixel is covered by a line, `(height, width)`, [0, 1]."""
    covered = np.zeros(points.shape[1:])
    for axis in (0, 1) if rules.squared else (0,):
        phase = points[axis] / rules.spacing - rules.offset[axis]
        away = np.abs(phase - np.round(phase)) * rules.spacing
        # A line narrower than a pixel is as wide and paler.
        cover = np.clip(0.5 + (rules.width / 2 - away) / pixel, 0, 1)
        covered = np.maximum(covered, cover * min(1.0, rules.width / pixel))
    return covered

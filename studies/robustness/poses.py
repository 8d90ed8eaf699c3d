"""Where a drawing lies in a picture, and from where the camera looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# From the camera to the sheet, in shorter sides of the picture: a phone's main camera.
DISTANCE = 1.4
# Tries to bring the ink into view; each move changes the perspective a little.
_TRIES = 8


@dataclass(frozen=True)
class Pose:
    """How a drawing lies in the picture.

    Attributes:
        size: Side of the drawing's field of 105 pixels, in shorter sides of the picture.
        turn: Angle in degrees that the sheet is turned, clockwise.
        pitch: Angle in degrees that the camera looks from below or above.
        yaw: Angle in degrees that the camera looks from the left or right.
        place: Row and column of the middle of the ink, as fractions of the room that there is for
            it, in [0, 1]; None leaves the drawing's field in the middle.
        margin: How far ink keeps from the picture's border at least, in shorter sides.
    """

    size: float = 1.0
    turn: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.0
    place: tuple[float, float] | None = None
    margin: float = 0.02


def homography(pose: Pose) -> np.ndarray:
    """Return where the points of the sheet are seen.

    Args:
        pose: The pose.

    Returns:
        `(3, 3)`, float64: maps (column, row, 1) of the sheet to homogeneous (column, row) of the
        picture, both in shorter sides from the middle.
    """
    from scipy.spatial.transform import Rotation

    # Sines and cosines of right angles would leave 1e-17 where 0 is meant; no harm.
    rotation = Rotation.from_euler("zyx", [pose.turn, pose.yaw, pose.pitch], degrees=True)
    columns = rotation.as_matrix()[:, :2]
    return np.array(
        [
            [DISTANCE * columns[0, 0], DISTANCE * columns[0, 1], 0],
            [DISTANCE * columns[1, 0], DISTANCE * columns[1, 1], 0],
            [columns[2, 0], columns[2, 1], DISTANCE],
        ]
    )


def through(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Map points by a homography.

    Args:
        matrix: `(3, 3)`, as `homography`.
        points: `(2, ...)`, float64, rows and columns.

    Returns:
        `(2, ...)`, float64, rows and columns.
    """
    row, column = points
    x, y, w = (a * column + b * row + c for a, b, c in matrix)
    return np.stack([y / w, x / w])


def placed(
    pose: Pose, box: tuple[float, float, float, float], shape: tuple[int, int]
) -> tuple[np.ndarray, float]:
    """Return where on the sheet the drawing's field lies, so that the picture shows all its ink.

    Args:
        pose: The pose.
        box: Top, left, bottom and right of the ink, as fractions of the field from its middle.
        shape: Height and width of the picture in pixels.

    Returns:
        `(2,)`, row and column of the field's middle on the sheet, in shorter sides from the middle
        of the view; and the side of the field: the pose's size, less where the ink does not fit.
    """
    half = np.array(shape) / min(shape) / 2
    top, left, bottom, right = box
    corners = np.array([[top, top, bottom, bottom], [left, right, left, right]])
    matrix, middle, size = homography(pose), np.zeros(2), pose.size
    for attempt in range(_TRIES):
        seen = through(matrix, middle[:, None] + size * corners)
        low, high = seen.min(axis=1), seen.max(axis=1)
        room = 2 * (half - pose.margin) - (high - low)
        if (room < 0).any():
            size *= 0.97 * float(((2 * (half - pose.margin)) / (high - low)).min())
            continue
        wanted = np.clip(low, pose.margin - half, pose.margin - half + room)
        if pose.place is not None:
            wanted = pose.margin - half + room * np.array(pose.place)
        if attempt and np.abs(wanted - low).max() < 1e-3:
            break
        # By its middle point, back to the sheet.
        target = (wanted - low + (low + high) / 2)[:, None]
        now = ((low + high) / 2)[:, None]
        back = np.linalg.inv(matrix)
        middle = middle + (through(back, target) - through(back, now))[:, 0]
    return middle, size

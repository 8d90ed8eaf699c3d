"""Turning and mirroring as affine transforms, and one transform after another (NumPy)."""

from __future__ import annotations

import numpy as np


def square_symmetries(image_size: tuple[int, int]) -> np.ndarray:
    """Return the symmetries of the square: every turn and mirroring that keeps an image's shape.

    They take pixels to pixels, so that nothing is interpolated.

    Args:
        image_size: `(height, width)` of the images in pixels.

    Returns:
        `(8, 6)`, float32, output-to-input rows as in `draw_transforms`: the identity first, then
        mirrored left to right, top to bottom and both, then the same four of the image with rows
        and columns exchanged. Images that are not square have the first four alone, `(4, 6)`.
    """
    height, width = image_size
    right, bottom = width - 1, height - 1
    upright = [
        (1, 0, 0, 0, 1, 0),
        (-1, 0, right, 0, 1, 0),
        (1, 0, 0, 0, -1, bottom),
        (-1, 0, right, 0, -1, bottom),
    ]
    exchanged = [
        (0, 1, 0, 1, 0, 0),
        (0, 1, 0, -1, 0, bottom),
        (0, -1, right, 1, 0, 0),
        (0, -1, right, -1, 0, bottom),
    ]
    return np.array(upright + exchanged if height == width else upright, np.float32)


def chain(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Compose transforms of images: `first` acts on the image, `then` on what comes of it.

    Args:
        first: `(..., 6)`, output-to-input rows as in `draw_transforms`.
        then: `(..., 6)`, such rows; the shapes broadcast.

    Returns:
        `(..., 6)`, float32, rows of the one transform that does both.
    """
    # Output to input: `then` tells where a pixel stood before it, `first` where that one stood.
    matrices = _matrices(first) @ _matrices(then)
    return matrices[..., :2, :].reshape(*matrices.shape[:-2], 6).astype(np.float32)


def _matrices(rows: np.ndarray) -> np.ndarray:
    """Return `(..., 3, 3)`, the rows with the one of homogeneous coordinates."""
    matrices = np.zeros((*rows.shape[:-1], 3, 3))
    matrices[..., :2, :] = rows.reshape(*rows.shape[:-1], 2, 3)
    matrices[..., 2, 2] = 1
    return matrices

"""Drawing of curves with a round pen, anti-aliased."""

import numpy as np


def bezier(strokes: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Compute points of cubic Bezier curves.

    Args:
        strokes: `(..., 4, 2)`, float64, control points.
        times: `(t,)`, float64, [0, 1], where along the curve.

    Returns:
        `(..., t, 2)`, float64.
    """
    rest = 1.0 - times
    basis = np.stack([rest**3, 3 * rest**2 * times, 3 * rest * times**2, times**3], axis=1)
    return basis @ strokes


def draw_strokes(
    strokes: np.ndarray, image: np.ndarray, radius: np.ndarray, *, size: int
) -> np.ndarray:
    """Draw strokes into square images.

    A pixel's ink is the share that the pen covers of it, taken as linear in the distance of its
    centre from the curve over one pixel at the pen's edge.

    Args:
        strokes: `(s, 4, 2)`, float64, control points (x, y) of cubic Bezier curves; image sides,
            with the origin in the middle and y downwards. What lies outside is cut off.
        image: `(s,)`, int, the image that each stroke belongs to.
        radius: `(n,)`, float64, radius of each image's pen in image sides.
        size: Side of the images in pixels.

    Returns:
        `(n, size, size, 1)`, uint8, ink 255 and paper 0.
    """
    pixels = np.zeros(len(radius) * size * size, np.uint8)
    # Twice as many samples as pixels along a side leave no gaps on the longest strokes.
    times = np.linspace(0.0, 1.0, 2 * size)
    reach = int(np.ceil(radius.max(initial=0.0) * size + 0.5))
    # Chunks bound the memory: every sample is an entry of a few arrays.
    for start in range(0, len(strokes), 2048):
        part = slice(start, start + 2048)
        points = (bezier(strokes[part], times) + 0.5) * size - 0.5
        x, y = points[..., 0].ravel(), points[..., 1].ravel()
        owner = np.repeat(image[part], len(times))
        edge = radius[owner] * size + 0.5
        column, row = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
        for i in range(-reach, reach + 1):
            for j in range(-reach, reach + 1):
                distance = np.hypot(row + i - y, column + j - x)
                ink = np.clip(edge - distance, 0.0, 1.0)
                inside = (0 <= row + i) & (row + i < size) & (0 <= column + j) & (column + j < size)
                hit = np.flatnonzero(inside & (ink > 0.0))
                place = (owner[hit] * size + row[hit] + i) * size + column[hit] + j
                np.maximum.at(pixels, place, np.rint(255.0 * ink[hit]).astype(np.uint8))
    return pixels.reshape(len(radius), size, size, 1)

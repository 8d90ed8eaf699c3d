"""Where a small sign is in a picture of it on plain paper."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.drawing.canvas import Operations, frame

# A picture is looked at in this many rows and columns, whatever its size and shape.
SIDE = 128
# Width of the margin that must show paper alone, in pixels of these; by how much what differs from
# paper does so, of levels in [0, 1]; and the share of the margin that may.
_MARGIN, _DIFFERENT, _STAINS = 2, 24.5 / 255, 0.03
# A sign whose longer side has a smaller share of the picture's is cropped, so that it has the
# second share; but to no fewer pixels.
_SMALL, _FILLED, _LEAST = 0.6, 0.65, 4.0


class Window(NamedTuple):
    """The part of a picture that shows its sign, in pixels, float32 scalars of whole numbers.

    Attributes:
        top: First row.
        bottom: Row after the last.
        left: First column.
        right: Column after the last.
    """

    top: Any
    bottom: Any
    left: Any
    right: Any


def sign_window(channels: list[Any], height: Any, width: Any, ops: Operations) -> Window:
    """Find a sign that is small in its picture, such as an icon on a large page.

    Paper is what the margin shows where it has one colour; light may fall off evenly along each
    side. What differs from it is the sign.

    Args:
        channels: Of each colour `(128, 128)`, float32, [0, 1], the whole picture, stretched.
        height: Height of the picture before, float32 scalar.
        width: Its width.
        ops: The operations.

    Returns:
        A square around the sign, as far as the picture has it; the whole picture where the sign
        is not small, or the margin shows more than paper, as in a photograph.
    """
    margin = ops.constant(frame(_MARGIN, SIDE))
    different = ops.number(_away_from_paper(channels, ops) > _DIFFERENT)
    plain = ops.total(different * margin) <= _STAINS * float(frame(_MARGIN, SIDE).sum())
    sign = different * (1.0 - margin)
    top, bottom = _ends(ops.largest(sign, 1) > 0, height, ops)
    left, right = _ends(ops.largest(sign, 0) > 0, width, ops)
    longer = ops.higher(bottom - top, right - left)
    cropped = plain & (ops.total(sign) > 0) & (longer < _SMALL * ops.higher(height, width))
    half = ops.higher(longer / _FILLED, _LEAST) / 2

    def ends(middle: Any, length: Any) -> tuple[Any, Any]:
        first, last = ops.higher(middle - half, 0.0), ops.lower(middle + half, length)
        start = ops.where(cropped, ops.whole(first), 0.0)
        return start, ops.where(cropped, ops.whole(last), length)

    return Window(*ends((top + bottom) / 2, height), *ends((left + right) / 2, width))


def _away_from_paper(channels: list[Any], ops: Operations) -> Any:
    """Return how much each pixel differs from paper, `(128, 128)`, in the colour that does most."""
    away = ops.constant(np.zeros((SIDE, SIDE), np.float32))
    for channel in channels:
        paper = sum(
            ops.total(ops.constant(weights) * channel) * ops.constant(slope)
            for weights, slope in zip(*_plane(), strict=True)
        )
        away = ops.higher(away, ops.higher(channel - paper, paper - channel))
    return away


def _ends(there: Any, length: Any, ops: Operations) -> tuple[Any, Any]:
    """Return where a vector is first and last true, in pixels of an axis of the picture."""
    scale = length / float(SIDE)
    return ops.first(there) * scale, (SIDE - ops.first(there[::-1])) * scale


@cache
def _plane() -> tuple[np.ndarray, np.ndarray]:
    """Return what fits a plane to the margin by least squares.

    Returns:
        `(3, 128, 128)`, float32, the weights of each pixel in each coefficient; and of the same
        shape what the coefficients are multiplied with: 1, and the place along each axis.
    """
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    slopes = np.stack([np.ones_like(rows), rows, columns])
    margin = frame(_MARGIN, SIDE) > 0
    weights = np.zeros_like(slopes)
    weights[:, margin] = np.linalg.pinv(slopes[:, margin].T)
    return weights.astype(np.float32), slopes.astype(np.float32)

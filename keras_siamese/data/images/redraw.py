"""A person's drawing made into one like Omniglot's: as large, as central, and with the same pen."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.resampling import resize_images

# Side of Omniglot's images, in pixels.
SIDE = 105
# Measured on every fifth drawing of the background set: the longer side of the ink's bounding box
# has a median of 69 pixels of 105 (5 % have less than 44, 5 % more than 88), its centre lies within
# 6 pixels of the middle, and nearly all strokes are 5 pixels wide.
LONGER_SIDE = 69
PEN_WIDTH = 5
# A dot is a dot, however it is drawn: nothing is made more than this many times as large.
MAX_ENLARGEMENT = 2.5
# Pixels for one of Omniglot's while the strokes are thinned, so that they stay smooth.
_FINE = 3
# Longest side, in pixels, of a drawing; larger ones are reduced first. Ten times Omniglot's side is
# fine enough, where thinning millions of pixels takes minutes.
_LARGEST_DRAWING = 1050


def redraw_like_omniglot(grey: np.ndarray, *, dark_ink: bool = False) -> np.ndarray:
    """Draw a drawing again as Omniglot's drawers would have.

    Otsu's threshold separates the ink from the paper, so that the grey paper of a photograph is
    paper; where most is dark, the bright part is the ink, unless `dark_ink`. Its bounding box is
    brought to the middle and to a longer side of 69 pixels, with the proportions kept. The strokes
    are thinned to lines and drawn with a pen of 5 pixels.

    Args:
        grey: `(height, width)`, uint8, [0, 255], paper bright.
        dark_ink: Whether the ink is known to be the dark part, however much of it there is.

    Returns:
        `(105, 105, 1)`, uint8, ink 255 and paper 0 and nothing between, as in Omniglot.

    Raises:
        ValueError: If the paper is blank.
    """
    from scipy.ndimage import distance_transform_edt
    from skimage.morphology import skeletonize
    from skimage.transform import warp

    ink = _ink(_reduced(grey), dark_ink)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    centre = np.array([columns[0] + columns[-1], rows[0] + rows[-1]]) / 2
    # The pen's width is taken off both sides: what is brought to size is the middle of the lines.
    longer = max(np.ptp(rows), np.ptp(columns)) + 1 - _pen_width(ink)
    target = (LONGER_SIDE - PEN_WIDTH) * _FINE
    largest = MAX_ENLARGEMENT * SIDE * _FINE / max(ink.shape)
    scale = min(target / max(longer, 1), largest)
    side = SIDE * _FINE
    middle = (side - 1) / 2
    # Maps (x, y) of the result to (x, y) of the drawing.
    matrix = np.array(
        [
            [1 / scale, 0, centre[0] - middle / scale],
            [0, 1 / scale, centre[1] - middle / scale],
            [0, 0, 1],
        ]
    )
    fine = warp(_thickened(ink, scale), matrix, output_shape=(side, side), order=1) >= 0.5
    # The middle of each block of pixels stands for it.
    reach = distance_transform_edt(~skeletonize(fine))[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE]
    drawn: np.ndarray = np.where(reach <= PEN_WIDTH * _FINE / 2, 255, 0).astype(np.uint8)
    return drawn[..., None]


def _reduced(grey: np.ndarray) -> np.ndarray:
    reduction = _LARGEST_DRAWING / max(grey.shape)
    if reduction >= 1:
        return grey
    height, width = (max(1, round(side * reduction)) for side in grey.shape)
    return resize_images(grey[None, ..., None], (height, width))[0, ..., 0]


def _ink(grey: np.ndarray, dark_ink: bool) -> np.ndarray:
    """Say where there is ink, `(height, width)`, bool."""
    from skimage.filters import threshold_otsu

    # What a camera's noise or a scanner's dust leaves on blank paper is no drawing.
    if int(grey.max()) - int(grey.min()) < 64:
        raise ValueError("There is nothing on the paper. Draw with dark strokes.")
    ink: np.ndarray = grey <= threshold_otsu(grey)
    return ~ink if ink.mean() > 0.5 and not dark_ink else ink


def _pen_width(ink: np.ndarray) -> float:
    """Measure the width of the strokes in pixels: twice the median depth of their middle lines."""
    from scipy.ndimage import distance_transform_edt
    from skimage.morphology import skeletonize

    return float(2 * np.median(distance_transform_edt(ink)[skeletonize(ink)]) - 1)


def _thickened(ink: np.ndarray, scale: float) -> np.ndarray:
    """Return the ink as float64, [0, 1], each line at least as wide as what will be one pixel."""
    from scipy.ndimage import maximum_filter

    thick: np.ndarray = maximum_filter(ink, size=max(1, int(np.ceil(1 / scale))))
    return thick.astype(np.float64)

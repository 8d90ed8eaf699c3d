"""Which side of a drawing is the paper, and the levels of paper and ink."""

from __future__ import annotations

import numpy as np

POLARITIES = ("dark_on_light", "light_on_dark", "auto")

# The side that has this share of the border, and this share of all pixels, is the paper.
_BORDER_SHARE = 0.9
_LEAST_PAPER = 0.2
# Ink that differs from the paper by fewer levels of 255 is noise of a scanner or a JPEG file.
LEAST_CONTRAST = 8
# Of the ink's pixels, the share that may be darker than the ink's level: dust and dead pixels.
_DARKEST = 0.01


def light_paper(grey: np.ndarray) -> bool:
    """Judges whether the paper of a drawing is its light side.

    Otsu's threshold parts the pixels into a dark and a light side. Where one side has at least 90 %
    of the outermost rows and columns, and at least a fifth of all pixels, it is the paper. Else the
    side with more pixels is, and light where both have as many. The rule treats both sides alike,
    so that an image and its inverse show the same drawing, and asks for no certain level, so that
    paper may be of any grey. It fails where thick strokes that cover most of an image also run over
    its border: there, say the polarity.

    Args:
        grey: `(height, width)`, uint8, [0, 255].

    Returns:
        Whether the paper is lighter than the ink.
    """
    light = grey > _otsu(_histogram(grey))
    border = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1]])
    for share, of_border, is_light in (
        (light.mean(), border.mean(), True),
        (1 - light.mean(), 1 - border.mean(), False),
    ):
        if of_border >= _BORDER_SHARE and share >= _LEAST_PAPER:
            return is_light
    return bool(light.mean() >= 0.5)


def levelled(grey: np.ndarray) -> np.ndarray:
    """Brings the paper to 255 and the ink to 0, with all between in proportion.

    The paper's level is the median of the light side by Otsu's threshold. The ink's is the level
    that one of a hundred pixels of the dark side reaches. Black on white stays as it is.

    Args:
        grey: `(height, width)`, uint8, [0, 255], the paper lighter than the ink.

    Returns:
        The same shape and type.

    Raises:
        ValueError: If paper and ink differ by fewer than 8 levels.
    """
    counts = _histogram(grey)
    threshold = _otsu(counts)
    dark, light = np.cumsum(counts[: threshold + 1]), np.cumsum(counts[threshold + 1 :])
    ink = int(np.searchsorted(dark, _DARKEST * dark[-1]))
    paper = threshold + 1 + int(np.searchsorted(light, 0.5 * light[-1]))
    if paper - ink < LEAST_CONTRAST:
        raise ValueError(
            f"paper and ink differ by {paper - ink} of 255 levels, where {LEAST_CONTRAST} are the "
            "least that is no noise"
        )
    table = np.rint(255 * np.clip((np.arange(256) - ink) / (paper - ink), 0, 1))
    return table.astype(np.uint8)[grey]


def _histogram(grey: np.ndarray) -> np.ndarray:
    return np.bincount(grey.ravel(), minlength=256)


def _otsu(counts: np.ndarray) -> int:
    """The level up to which pixels are dark: the variance between both sides is the largest."""
    number = np.cumsum(counts)[:-1]
    total = np.cumsum(counts * np.arange(256))[:-1]
    rest = counts.sum() - number
    # The same for an image and its inverse, to the last bit: whole numbers up to the division.
    distance = counts.sum() * total - number * (counts * np.arange(256)).sum()
    between = distance.astype(np.float64) ** 2 / np.maximum(number * rest, 1)
    return int(np.argmax(between))

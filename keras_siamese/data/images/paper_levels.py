"""Which side of a drawing is the paper, and the levels of paper and ink."""

from __future__ import annotations

import numpy as np

POLARITIES = ("dark_on_light", "light_on_dark", "auto")

# Ink that differs from the paper by fewer levels of 255 is noise of a scanner or a JPEG file.
LEAST_CONTRAST = 8
# The side that has this share of the border, and this share of all pixels, is the paper.
BORDER_SHARE = 0.9
LEAST_PAPER = 0.2
# Ink that differs by fewer levels than this is held against the paper's noise.
FAINT = 32
# Faint ink must differ by so many times what the paper's brightest pixels exceed its level by.
# Noise that is spread normally differs from itself by 1.7 times that.
ABOVE_NOISE = 2.5
# Where white cuts the brightest pixels off, the share of the variance that lies between ink and
# paper must reach this. Of noise that is spread normally it is 0.64, of noise cut off up to 0.72.
BETWEEN = 0.78
# Share of the ink's pixels that may be darker than the ink's level: dust and dead pixels.
DUST = 0.01
_COUNTED_AT_ONCE = 2**22


def brightness(pixels: np.ndarray) -> np.ndarray:
    """Return the brightness of pixels, as Pillow reckons it (ITU-R 601).

    Args:
        pixels: `(height, width, 1)` or `(height, width, 3)`, uint8.

    Returns:
        `(height, width)`, uint8.
    """
    if pixels.shape[2] == 1:
        return pixels[..., 0]
    weighted = pixels @ np.array([19595, 38470, 7471], np.uint32)
    return ((weighted + 32768) >> 16).astype(np.uint8)


def light_paper(grey: np.ndarray) -> bool:
    """Judge whether the paper of a drawing is its light side.

    Otsu's threshold parts the pixels into a dark and a light side. Where one side has at least 90 %
    of the outermost rows and columns, and at least a fifth of all pixels, it is the paper. Else the
    side with more pixels is, and the light side where both have as many.

    The rule treats both sides equally, so that an image and its inverse show the same drawing, and
    asks for no certain level, so that paper may be of any grey and ink of any colour. It is wrong
    where ink covers most of an image and also runs over its border, as in a thick character cut
    out tightly: there, say the polarity.

    Args:
        grey: `(height, width)`, uint8, [0, 255].

    Returns:
        Whether the paper is lighter than the ink.
    """
    light = grey > _otsu(_histogram(grey))
    share = float(light.mean())
    border = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1]])
    of_border = float(border.mean())
    if of_border >= BORDER_SHARE and share >= LEAST_PAPER:
        return True
    if 1 - of_border >= BORDER_SHARE and 1 - share >= LEAST_PAPER:
        return False
    return share >= 0.5


def levelled(grey: np.ndarray) -> np.ndarray:
    """Bring the paper to 255 and the ink to 0, with all between in proportion.

    The paper's level is the median of the light side by Otsu's threshold. The ink's level is that
    of the darkest pixel; where that is far darker than what one of a hundred pixels of the dark
    side reaches, as with dust on pencil, it is the latter. What has black ink on white paper stays
    as it is, to the level.

    Args:
        grey: `(height, width)`, uint8, [0, 255], the paper lighter than the ink.

    Returns:
        The same shape and type.

    Raises:
        ValueError: If paper and ink differ by fewer than 8 levels, or by no more than noise does.
    """
    counts = _histogram(grey)
    if np.count_nonzero(counts) < 2:
        raise ValueError("all its pixels are equal")
    threshold = _otsu(counts)
    dark, light = np.cumsum(counts[: threshold + 1]), np.cumsum(counts[threshold + 1 :])
    ink = int(np.searchsorted(dark, DUST * dark[-1]))
    paper, brightest = (
        threshold + 1 + int(np.searchsorted(light, share * light[-1], side="right"))
        for share in (0.5, 0.99)
    )
    contrast = paper - ink
    if brightest < 255:
        noisy = contrast < ABOVE_NOISE * (brightest - paper)
    else:
        noisy = _between(counts, threshold) < BETWEEN
    if contrast < LEAST_CONTRAST or (contrast < FAINT and noisy):
        raise ValueError("all its pixels are nearly equal")
    darkest = int(np.searchsorted(dark, 1))
    if ink - darkest <= contrast / 8:
        ink = darkest
    table = np.rint(255 * np.clip((np.arange(256) - ink) / (paper - ink), 0, 1))
    return table.astype(np.uint8)[grey]


def _between(counts: np.ndarray, threshold: int) -> float:
    """Return the share of the variance that lies between the two sides of a threshold."""
    levels = np.arange(256)
    dark = counts * (levels <= threshold)
    means = [np.average(levels, weights=side) for side in (counts, dark, counts - dark)]
    total = np.average((levels - means[0]) ** 2, weights=counts)
    share = dark.sum() / counts.sum()
    return float(share * (1 - share) * (means[2] - means[1]) ** 2 / total)


def _histogram(grey: np.ndarray) -> np.ndarray:
    # Counting takes eight bytes per pixel, so a large picture is counted in parts.
    parts = np.array_split(grey.ravel(), 1 + grey.size // _COUNTED_AT_ONCE)
    return np.sum([np.bincount(part, minlength=256) for part in parts], axis=0)


def _otsu(counts: np.ndarray) -> int:
    """Find the level up to which pixels are dark: that with most variance between both sides."""
    number = np.cumsum(counts)[:-1]
    total = np.cumsum(counts * np.arange(256))[:-1]
    rest = counts.sum() - number
    # The same for an image and its inverse, to the last bit: whole numbers up to the division.
    distance = counts.sum() * total - number * (counts * np.arange(256)).sum()
    between = distance.astype(np.float64) ** 2 / np.maximum(number * rest, 1)
    return int(np.argmax(between))

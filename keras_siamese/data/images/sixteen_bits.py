"""Files of 16 bits per channel, many of which use fewer: reading keeps their dark detail."""

from __future__ import annotations

import numpy as np

# Fewest and most bits that a file is thought to use; with more it uses all.
FEWEST_BITS, MOST_BITS = 8, 14
# Of so many pixels, one may exceed the bits in use: a hot pixel of a camera.
PIXELS_PER_OUTLIER = 10_000


def high_bits(levels: np.ndarray) -> np.ndarray:
    """Return the eight highest bits in use, where a fixed shift would lose a scan of 12 bits.

    The bits in use are the fewest from 8 to 14 that hold all levels but one of 10,000; where 14 do
    not hold them, all 16 are. Levels beyond are 255.

    Args:
        levels: Any shape, integers in [0, 65535].

    Returns:
        The same shape, uint8, [0, 255].
    """
    return np.minimum(levels >> (bits_in_use(levels) - 8), 255).astype(np.uint8)


def spread_high_bytes(pixels: np.ndarray) -> np.ndarray:
    """Return levels of which only the high bytes are known, spread over the bits in use.

    Args:
        pixels: `(height, width, channels)`, uint8, [0, 255], the high bytes.

    Returns:
        The same shape and type; `pixels` itself where all bits are in use.

    Raises:
        ValueError: If the bits in use are the lower 8.
    """
    bits = bits_in_use(pixels.astype(np.uint16) << 8)
    if bits == 16:
        return pixels
    if bits == FEWEST_BITS:
        raise ValueError(
            "of its 16 bits per channel only the lower 8 are in use, so it is black; save it with 8"
        )
    highest = 2 ** (bits - 8) - 1
    return np.minimum(np.rint(pixels * (255 / highest)), 255).astype(np.uint8)


def bits_in_use(levels: np.ndarray) -> int:
    """Return how many of 16 bits hold what is there: 8 to 14, or 16.

    Args:
        levels: Any shape, integers in [0, 65535].

    Returns:
        The number of bits.
    """
    for bits in range(FEWEST_BITS, MOST_BITS + 1):
        if np.count_nonzero(levels >> bits) <= levels.size // PIXELS_PER_OUTLIER:
            return bits
    return 16

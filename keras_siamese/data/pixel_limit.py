"""The largest picture that is read, in pixels: one bound for the whole process."""

from __future__ import annotations

from typing import Any

# 4096x4096: cameras that are sold as having 16 megapixels give up to 16.3 million pixels.
DEFAULT_MAX_PIXELS = 16_777_216
# A photograph of a large camera has 60 million pixels; Pillow warns from 89 million on.
LARGEST_MAX_PIXELS = 64_000_000

_max_pixels = DEFAULT_MAX_PIXELS


def allowed_pixels() -> int:
    """Return the largest height times width of a picture that is read."""
    return _max_pixels


def set_max_pixels(count: int) -> int:
    """Set the largest picture that is read, for every reader of this process.

    The bound limits the time and the memory that one file can cost. It belongs to the machine and
    not to a network, so that no file of a network can raise it. Without a call it is 16,777,216
    pixels (4096x4096): photographs of 12 and 16 megapixels are read, those of 48 are refused.
    Reading takes up to 30 bytes of memory per pixel.

    Args:
        count: Largest height times width, from 1 to 64 million.

    Returns:
        The bound before, to restore it later.

    Raises:
        ValueError: If `count` is no such number.

    Example:
        >>> from keras_siamese.data import set_max_pixels
        >>> before = set_max_pixels(48_000_000)
        >>> before, set_max_pixels(before)
        (16777216, 48000000)
    """
    global _max_pixels
    before, _max_pixels = _max_pixels, checked_max_pixels("count", count)
    return before


def checked_max_pixels(name: str, count: Any) -> int:
    """Return a number of pixels that may be set.

    Args:
        name: What errors call it.
        count: The number.

    Returns:
        It.

    Raises:
        ValueError: If it is no whole number from 1 to 64 million.
    """
    if type(count) is not int or not 1 <= count <= LARGEST_MAX_PIXELS:
        raise ValueError(
            f"`{name}` must be a whole number of pixels from 1 to {LARGEST_MAX_PIXELS}. Received: "
            f"{count!r}. Reduce larger pictures before they are read."
        )
    return count

"""HEIC and HEIF, the formats of phones, which Pillow reads with the help of pillow-heif."""

from __future__ import annotations

import io
from typing import Any

# Major brands of ISO/IEC 23008-12; AVIF's are Pillow's own.
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def is_heif(content: bytes) -> bool:
    """Say whether a file begins as HEIC or HEIF files do.

    Args:
        content: The file.

    Returns:
        Whether it does, and does not name AVIF as a brand that it is compatible with.
    """
    length = int.from_bytes(content[:4], "big")
    brands = {content[start : start + 4] for start in range(16, min(length, 256), 4)}
    return content[4:8] == b"ftyp" and content[8:12] in _BRANDS and not brands & {b"avif", b"avis"}


def open_heif(content: bytes) -> Any:
    """Open a HEIC or HEIF file.

    Args:
        content: The file.

    Returns:
        A PIL image, upright, its pixels not yet decoded.

    Raises:
        ValueError: If pillow-heif is not installed.
        Exception: If the file is damaged.
    """
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise ValueError(
            "it is a HEIC or HEIF file, which needs pillow-heif: install keras_siamese[heic], or "
            "save the picture as JPEG or PNG"
        ) from error
    return HeifImageFile(io.BytesIO(content))

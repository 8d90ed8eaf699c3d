"""Image files that are read: rasters that are decoded in this process alone, of a bounded size."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

# Pillow's names, all of rasters. Pillow opens many more; some start other programs (EPS runs
# Ghostscript, whatever the file is called), and each is one more decoder for a damaged file.
FORMATS = (
    "PNG",
    "JPEG",
    "GIF",
    "BMP",
    "TIFF",
    "WEBP",
    "AVIF",
    "JPEG2000",
    "PPM",
    "ICO",
    # Last, for its files have no mark to know them by, and some others look like them.
    "TGA",
)
# What an opened image calls itself: a camera's JPEG with further pictures is MPO, and HEIC is read
# with the help of pillow-heif.
_OPENED = (*FORMATS, "MPO", "HEIF")
# The words of errors.
READ = "PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF, JPEG 2000, PPM, TGA, ICO and HEIC"
# A JPEG file may hold any number of scans, and each goes through all pixels: 94 kB can take 14 s.
# Encoders write about 10; libtiff has the same bound.
MAX_SCANS = 100
# Pillow decodes these in Python, at up to 5 microseconds a byte, and comments far more slowly.
_SLOW = {
    "bmp_rle": "compressed BMP",
    "ppm": "PPM of other than 255 levels",
    "ppm_plain": "PPM text",
}
_MAX_SLOW_BYTES = 2_000_000
_MAX_COMMENTS = 100
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_ICO, _PNG = b"\0\0\1\0", b"\x89PNG\r\n\x1a\n"
# Four times the largest size that the directory of an ICO file can tell.
_MAX_ICON_SIDE = 1024


def open_image(content: bytes) -> Any:
    """Open an image file of one of the kinds that are read.

    Args:
        content: The file.

    Returns:
        A PIL image, its pixels not yet decoded.

    Raises:
        PIL.UnidentifiedImageError: If it is of another kind.
        Exception: If the file is damaged.
    """
    from PIL import Image

    if is_heif(content):
        return open_heif(content)
    if content.startswith(_ICO):
        _check_icon(content)
    Image.init()
    # Pillow may be built without some of them.
    known = [name for name in FORMATS if name in Image.OPEN]
    return Image.open(io.BytesIO(content), formats=known)


def check_format(image: Any) -> None:
    """Check that an opened image is of a kind that is read; decoding another may start programs.

    Args:
        image: A PIL image, from a file or not.

    Raises:
        ValueError: If it is an opened file of another kind.
    """
    if getattr(image, "format", None) not in (None, *_OPENED):
        raise ValueError(
            f"files of the kind {image.format} are not read, only {READ}: where you trust the "
            "file, give image.copy() instead of the opened file"
        )


def decoded_sizes(image: Any) -> Iterator[tuple[int, int]]:
    """Yield what an opened file has its decoder allocate, by its headers.

    Args:
        image: A PIL image.

    Yields:
        Height and width in pixels: of the image, and of a tile of a TIFF file, which may be larger.
    """
    yield image.height, image.width
    if image.format == "TIFF":
        tile = [image.tag_v2.get(tag, 1) for tag in (_TILE_LENGTH, _TILE_WIDTH)]
        yield int(tile[0]), int(tile[1])


def check_effort(image: Any) -> None:
    """Check that a file is not made to take long, whatever the number of its pixels.

    Args:
        image: A PIL image, its pixels not yet decoded.

    Raises:
        ValueError: If it is a JPEG file of more than 100 scans, or of a kind that is decoded slowly
            and long.
    """
    codec = image.tile[0][0] if getattr(image, "tile", None) else None
    if codec not in (*_SLOW, "jpeg") or getattr(image, "fp", None) is None:
        return
    place = image.fp.tell()
    image.fp.seek(0)
    content = image.fp.read()
    image.fp.seek(place)
    if codec == "jpeg":
        if sum(1 for _ in zip(_scans(content), range(MAX_SCANS + 1), strict=False)) > MAX_SCANS:
            raise ValueError(f"it has more than {MAX_SCANS} scans, so save it as PNG")
        return
    _check_slow(codec, len(content))
    if codec == "ppm_plain" and content.count(b"#") > _MAX_COMMENTS:
        raise ValueError(f"it has more than {_MAX_COMMENTS} comments, so save it as PNG")


def _check_slow(codec: str, num_bytes: int) -> None:
    if codec in _SLOW and num_bytes > _MAX_SLOW_BYTES:
        raise ValueError(
            f"a file of the kind {_SLOW[codec]} is read up to {_MAX_SLOW_BYTES} bytes, so save it "
            "as PNG"
        )


def _scans(content: bytes) -> Iterator[int]:
    """Yield where each scan of a JPEG file's first image starts."""
    marker = _JPEG_MARKER.search(content)
    while marker is not None and marker[0] != _END_OF_IMAGE:
        if marker[0] == _START_OF_SCAN:
            yield marker.start()
        length = int.from_bytes(content[marker.end() : marker.end() + 2], "big")
        marker = _JPEG_MARKER.search(content, marker.end() + length)


def _check_icon(content: bytes) -> None:
    """Check the picture of an ICO file, which Pillow decodes when it opens the file."""
    from PIL.BmpImagePlugin import DibImageFile
    from PIL.IcoImagePlugin import IcoFile
    from PIL.PngImagePlugin import PngImageFile

    entry = content[IcoFile(io.BytesIO(content)).entry[0].offset :]
    picture = (PngImageFile if entry.startswith(_PNG) else DibImageFile)(io.BytesIO(entry))
    if max(picture.size) > _MAX_ICON_SIDE:
        raise ValueError(
            f"an icon has at most {_MAX_ICON_SIDE} pixels on a side, but this {picture.height}x"
            f"{picture.width}, so save it as PNG"
        )
    if picture.tile:
        _check_slow(picture.tile[0][0], len(content))


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

    The bound limits the time and the memory that one file can cost. It belongs to the machine: a
    network's file cannot raise it. Unless set it is 16,777,216 pixels (4096x4096): photographs of
    12 and 16 megapixels are read, those of 48 are refused. Reading takes up to 30 bytes of memory
    per pixel.

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

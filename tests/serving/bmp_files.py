"""BMP files made by hand, for what Pillow does not write."""

import struct

import numpy as np


def bmp(rows, width, bits, *, compression=0, palette=b"", masks=b"", from_top=False):
    """A BMP file.

    Args:
        rows: The rows' bytes from the top one on, each without what fills it up to a multiple of 4;
            or the bytes of all, where they are compressed.
        width: In pixels.
        bits: Of a pixel.
        compression: Its number.
        palette: Four bytes per colour.
        masks: Four bytes per channel.
        from_top: Whether the top row comes first.
    """
    height = 20 if isinstance(rows, bytes) else len(rows)
    if not isinstance(rows, bytes):
        rows = [row + bytes(-len(row) % 4) for row in rows]
        rows = b"".join(rows if from_top else rows[::-1])
    header_size = 40 if len(masks) <= 12 else 56
    start = 14 + 40 + len(masks) + len(palette)
    info = struct.pack(
        "<IiiHHIIiiII",
        header_size,
        width,
        -height if from_top else height,
        1,
        bits,
        compression,
        len(rows),
        0,
        0,
        len(palette) // 4,
        0,
    )
    start_of_file = b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start)
    return start_of_file + info + masks + palette + rows


def packed(numbers, bits):
    """Rows of numbers of few bits each, as bytes.

    Args:
        numbers: `(height, width)`.
        bits: 1, 4 or 8.
    """
    digits = (numbers[..., None].astype(np.uint8) >> np.arange(bits, dtype=np.uint8)[::-1]) & 1
    return [np.packbits(row.ravel()).tobytes() for row in digits]

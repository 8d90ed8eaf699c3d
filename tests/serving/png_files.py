"""PNG files made by hand, for what Pillow does not write."""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
# Where the seven passes of an interlaced file start, and their steps, across and down.
PASSES = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(height, width, bits, kind, interlaced=False):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced))


def png(levels, bits, kind, *before, interlaced=False, after=b""):
    """A PNG file.

    Args:
        levels: `(height, width, channels)`, whole numbers below 2 to the power of `bits`.
        bits: Of a channel: 1, 2, 4, 8 or 16.
        kind: Of colour, as in the header.
        *before: Chunks before the pixels.
        interlaced: Whether it is interlaced.
        after: Chunks after the pixels.
    """
    height, width, _ = levels.shape
    steps = PASSES if interlaced else [(0, 0, 1, 1)]
    parts = [levels[top::down, left::across] for left, top, across, down in steps]
    content = b"".join(rows(part, bits) for part in parts if part.size)
    return b"".join(
        [
            SIGNATURE,
            header(height, width, bits, kind, interlaced),
            *before,
            chunk(b"IDAT", zlib.compress(content)),
            after,
            chunk(b"IEND"),
        ]
    )


def rows(levels, bits):
    """Rows of pixels as the file has them before compression, without a filter."""
    lines = levels.reshape(len(levels), -1).astype(np.uint16)
    if bits == 16:
        packed = [line.astype(">u2").tobytes() for line in lines]
    else:
        digits = (lines[..., None] >> np.arange(bits)[::-1]) & 1
        packed = [np.packbits(line.ravel().astype(np.uint8)).tobytes() for line in digits]
    return b"".join(b"\0" + line for line in packed)

"""GIF files with one frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_siamese.serving.decoding.octets import Octets, pick
from keras_siamese.serving.decoding.picture import Bounds, Picture

# Where a frame has its left, top, width, height and flags, and a file its width, height and flags.
_FRAME = [(1, 2), (3, 2), (5, 2), (7, 2), (9, 1)]
_CANVAS = [(6, 2), (8, 2), (10, 1)]
_TRAILER, _EXTENSION, _IMAGE = 0x3B, 0x21, 0x2C
_CONTROL = 0xF9
# More than a file of one frame has; it keeps a request from taking minutes.
_MAX_BLOCKS = 10_000
_MAX_SUB_BLOCKS = 200_000
# The colours of a file that has none, and of numbers beyond the last colour.
_GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


class _Blocks(NamedTuple):
    """Where the parts of a file are, int64; -1 where it has none."""

    at: tf.Tensor
    frame: tf.Tensor
    frame_end: tf.Tensor
    frames: tf.Tensor
    transparent: tf.Tensor


def decode_gif(content: tf.Tensor, bounds: Bounds) -> Picture:
    """Decode a GIF file of one frame as Pillow does.

    TensorFlow knows nothing of transparency, and paints black what the frame leaves. So it gets the
    frame alone, with the colours replaced by their numbers.

    Args:
        content: Scalar, string.
        bounds: What it may be.

    Returns:
        The picture.
    """
    octets = Octets(content)
    blocks = _find(content, octets)
    frame = blocks.frame
    left, top, width, height, flags = octets.fields(frame, _FRAME, little=True)
    full_width, full_height, global_flags = octets.fields(0, _CANVAS, little=True)
    # The canvas grows where the frame is larger.
    full_width = tf.maximum(full_width, left + width)
    full_height = tf.maximum(full_height, top + height)
    local = flags >= 128
    data = frame + 10 + pick(local, _table_bytes(flags), 0)
    found = bounds.require(
        (frame > 0) & (data < octets.length),
        "whole files. Replace it.",
        "a GIF file without an image",
    )
    with tf.control_dependencies([found]):
        checks = [
            bounds.check_single(tf.equal(blocks.frames, 1)),
            bounds.check_size(full_height, full_width),
            bounds.check_size(height, width),
        ]
    with tf.control_dependencies(checks):
        # What reads this copy waits for the checks.
        content = tf.identity(content)
    interlaced = tf.bitwise.bitwise_and(flags, 64)
    # A file of this frame alone, whose colour of number n is grey of level n.
    numbers = tf.io.decode_gif(
        tf.strings.join(
            [
                b"GIF89a",
                tf.strings.substr(content, frame + 5, 4),
                b"\xf7\0\0",
                bytes(level for level in range(256) for _ in range(3)),
                b",\0\0\0\0",
                tf.strings.substr(content, frame + 5, 4),
                tf.where(interlaced > 0, tf.constant(b"\x40"), tf.constant(b"\0")),
                tf.strings.substr(content, data, blocks.frame_end - data),
                b";",
            ]
        )
    )[0, :, :, 0]
    # As in Pillow, it is transparent around the frame, or else of the first colour.
    fill = tf.maximum(blocks.transparent, 0)
    around = [
        [top, full_height - top - height],
        [left, full_width - left - width],
    ]
    numbers = tf.pad(tf.cast(numbers, tf.int64), around, constant_values=fill)
    table = pick(local, frame + 10, 13)
    size = tf.where(
        local, _table_bytes(flags), pick(global_flags >= 128, _table_bytes(global_flags), 0)
    )
    colours = tf.reshape(octets.run(table, size // 3 * 3), (-1, 3))
    colours = tf.concat([colours, tf.constant(_GREYS)[tf.shape(colours)[0] :]], axis=0)
    clear = tf.equal(numbers, blocks.transparent)
    alpha = tf.cast(tf.where(clear, 0, 255), tf.uint8)[..., None]
    return Picture(tf.gather(colours, numbers), alpha, tf.constant(1, tf.int64))


def _find(content: tf.Tensor, octets: Octets) -> _Blocks:
    """Walk through the blocks of a file up to its end or its second frame."""
    global_flags = octets.number(10, 1)
    none = tf.constant(-1, tf.int64)
    start = 13 + pick(global_flags >= 128, _table_bytes(global_flags), 0)

    def going(blocks: _Blocks) -> tf.Tensor:
        trailer = tf.equal(octets.number(blocks.at, 1), _TRAILER)
        return (blocks.at < octets.length) & ~trailer & (blocks.frames < 2)

    def step(blocks: _Blocks) -> tuple[_Blocks]:
        at = blocks.at
        kind = octets.number(at, 1)

        def extension() -> _Blocks:
            control = tf.equal(octets.number(at + 1, 1), _CONTROL) & tf.equal(blocks.frames, 0)
            flags = octets.number(at + 3, 1)
            control &= (octets.number(at + 2, 1) > 0) & tf.equal(flags % 2, 1)
            transparent = tf.where(control, octets.number(at + 6, 1), blocks.transparent)
            return blocks._replace(at=_behind_data(octets, at + 2), transparent=transparent)

        def image() -> _Blocks:
            flags = octets.number(at + 9, 1)
            data = at + 11 + pick(flags >= 128, _table_bytes(flags), 0)
            # A second frame makes the file an error, wherever that frame ends.
            end = tf.cond(
                tf.equal(blocks.frames, 0), lambda: _behind_data(octets, data), lambda: data
            )
            first = tf.equal(blocks.frames, 0)
            return _Blocks(
                end,
                tf.where(first, at, blocks.frame),
                tf.where(first, end, blocks.frame_end),
                blocks.frames + 1,
                blocks.transparent,
            )

        def other() -> _Blocks:
            return blocks._replace(at=at + 1)

        return (
            tf.cond(
                tf.equal(kind, _EXTENSION),
                extension,
                lambda: tf.cond(tf.equal(kind, _IMAGE), image, other),
            ),
        )

    (blocks,) = tf.while_loop(
        going,
        step,
        (_Blocks(start, none, none, tf.constant(0, tf.int64), none),),
        maximum_iterations=_MAX_BLOCKS,
    )
    return blocks


def _behind_data(octets: Octets, at: tf.Tensor) -> tf.Tensor:
    """Return the position behind sub-blocks, the last of which is empty."""

    def going(at: tf.Tensor) -> tf.Tensor:
        return (at < octets.length) & (octets.number(at, 1) > 0)

    def step(at: tf.Tensor) -> tuple[tf.Tensor]:
        return (at + 1 + octets.number(at, 1),)

    (end,) = tf.while_loop(going, step, (at,), maximum_iterations=_MAX_SUB_BLOCKS)
    return tf.minimum(end + 1, octets.length)


def _table_bytes(flags: tf.Tensor) -> tf.Tensor:
    """Return the length of the colour table that some flags describe."""
    return 3 * tf.bitwise.left_shift(tf.constant(2, tf.int64), flags % 8)

"""Decoding of image files inside a TensorFlow graph, the same as `load_folder` does outside."""

from __future__ import annotations

import tensorflow as tf

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decode_images(
    contents: tf.Tensor, *, shape: tuple[int, int, int], ink: str, max_pixels: int
) -> tf.Tensor:
    """Decode encoded images as `load_folder` does: on white ground, grey, resized, ink 1.

    Deviation from `load_folder`: the orientation that a camera notes in a file is not read, since
    TensorFlow does not read it.

    Args:
        contents: `(batch,)`, string, each the bytes of a PNG or JPEG file.
        shape: Height, width and channels (1 for grey, 3 for colour) of the result.
        ink: "dark" where what is drawn is darker than the ground, so that the values are turned;
            "bright" where it is brighter, and for photographs.
        max_pixels: Largest height times width in a file; its header is checked before the pixels
            are decoded.

    Returns:
        `(batch, *shape)`, float32, [0, 1].
    """

    def decode(content: tf.Tensor) -> tf.Tensor:
        pixels = _on_white(_decode(content, max_pixels))
        levels = _resize(_grey(pixels) if shape[2] == 1 else pixels, shape[0], shape[1])
        levels = tf.ensure_shape(levels, shape)
        return (255.0 - levels if ink == "dark" else levels) / 255.0

    return tf.map_fn(decode, contents, fn_output_signature=tf.TensorSpec(shape, tf.float32))


def _decode(content: tf.Tensor, max_pixels: int) -> tf.Tensor:
    """Return `(height, width, 4)`, int32, red, green, blue and opacity."""
    is_jpeg = tf.io.is_jpeg(content)
    is_png = tf.equal(tf.strings.substr(content, 0, len(_PNG_SIGNATURE)), _PNG_SIGNATURE)
    known = tf.debugging.Assert(is_jpeg | is_png, ["The image must be a PNG or JPEG file."])
    # The dependencies keep a false size in a header from being decoded.
    with tf.control_dependencies([known]):
        content = tf.identity(content)
    size = tf.cond(
        is_jpeg,
        lambda: tf.io.extract_jpeg_shape(content)[:2],
        lambda: tf.io.decode_raw(tf.strings.substr(content, 16, 8), tf.int32, little_endian=False),
    )
    pixels = tf.reduce_prod(tf.cast(size, tf.int64))
    bounded = tf.debugging.Assert(
        tf.reduce_all(size > 0) & (pixels <= max_pixels),
        [f"The image must have at most {max_pixels} pixels. Received:", size],
    )
    with tf.control_dependencies([bounded]):
        content = tf.identity(content)

    def from_jpeg() -> tf.Tensor:
        # Pillow's transform; TensorFlow's own default is a faster one that differs by some levels.
        rgb = tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")
        return tf.pad(rgb, [[0, 0], [0, 0], [0, 1]], constant_values=255)

    def from_png() -> tf.Tensor:
        pixels = tf.io.decode_png(content, channels=4)
        # TensorFlow gives images of few bits and no opacity 2^bits - 1 for it, where 255 is opaque.
        bits = tf.cast(tf.io.decode_raw(tf.strings.substr(content, 24, 1), tf.uint8)[0], tf.int32)
        filled = tf.cast(tf.bitwise.left_shift(1, tf.minimum(bits, 8)) - 1, tf.uint8)
        opaque = (bits < 8) & tf.reduce_all(tf.equal(pixels[..., 3], filled))
        alpha = tf.where(opaque, tf.constant(255, tf.uint8), pixels[..., 3:])
        return tf.concat([pixels[..., :3], alpha], axis=-1)

    return tf.cast(tf.cond(is_jpeg, from_jpeg, from_png), tf.int32)


def _on_white(pixels: tf.Tensor) -> tf.Tensor:
    """Lay pixels over white, rounded as Pillow's `alpha_composite` does."""
    rgb, alpha = pixels[..., :3], pixels[..., 3:]
    value = (rgb * alpha + 255 * (255 - alpha) + 128) * 128
    return (((value // 256) + value) // 256) // 128


def _grey(rgb: tf.Tensor) -> tf.Tensor:
    """Return the luma of ITU-R 601, in the integers of Pillow's mode "L"."""
    weighted = rgb * tf.constant([19595, 38470, 7471])
    return (tf.reduce_sum(weighted, axis=-1, keepdims=True) + 32768) // 65536


def _resize(pixels: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Return whole levels `(height, width, channels)`, float32, as `resize_images` does."""
    old_height, old_width = tf.shape(pixels)[0], tf.shape(pixels)[1]
    levels = tf.cast(pixels, tf.float32)
    levels = tf.einsum("ih,hwc->iwc", _axis_weights(old_height, height), levels)
    levels = tf.einsum("jw,iwc->ijc", _axis_weights(old_width, width), levels)
    # Means over whole blocks round halves up there, and everything else rounds them to even.
    blocks = tf.equal(old_height % height, 0) & tf.equal(old_width % width, 0)
    levels = tf.where(blocks, tf.floor(levels + 0.501), tf.round(levels))
    return tf.clip_by_value(levels, 0.0, 255.0)


def _axis_weights(old: tf.Tensor, new: int) -> tf.Tensor:
    """Resampling matrix of one axis, `(new, old)`, float32, every row sums to 1."""
    length = tf.cast(old, tf.float64)
    index = tf.range(length)
    edges = tf.range(new + 1, dtype=tf.float64) * (length / new)
    low = tf.maximum(edges[:-1, None], index)
    high = tf.minimum(edges[1:, None], index + 1)
    overlap = tf.nn.relu(high - low)
    mean = overlap / tf.reduce_sum(overlap, axis=1, keepdims=True)
    centres = (tf.range(new, dtype=tf.float64) + 0.5) * length / new - 0.5
    centres = tf.clip_by_value(centres, 0.0, length - 1)
    linear = tf.nn.relu(1 - tf.abs(centres[:, None] - index))
    return tf.cast(tf.where(new <= old, mean, linear), tf.float32)

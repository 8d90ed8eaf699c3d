"""Camera-like distortions of images, inside the compiled step, on every backend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_siamese.compat import ops
from keras_siamese.data.camera_ranges import COLUMNS, NOISE_VALUES, CameraRanges
from keras_siamese.data.distortions import REFERENCE_SIZE

# Standard deviations of the blur's kernel on either side.
_REACH = 3.0
_NOISE = np.random.default_rng(0).standard_normal(NOISE_VALUES, np.float32)


def take_pictures(images: Any, draws: Any, ranges: CameraRanges) -> Any:
    """Distort images as a camera would.

    An image whose draw has no effect is unchanged, bit for bit. An effect that the ranges
    exclude costs nothing.

    Args:
        images: `(n, height, width, channels)`, float32, [0, 1], ink 1 and paper 0; all sides known.
        draws: `(n, len(COLUMNS) + 2 * channels)`, float32, as `draw_camera` gives them.
        ranges: The ranges that they were drawn from.

    Returns:
        Images of the same shape, float32, [0, 1].
    """
    height, width, channels = images.shape[1:]
    draw = {name: draws[:, i, None, None, None] for i, name in enumerate(COLUMNS)}
    paper, ink = (
        draws[:, None, None, start : start + channels]
        for start in (len(COLUMNS), len(COLUMNS) + channels)
    )
    pixels = min(height, width) / REFERENCE_SIZE
    images = redraw_with_pen(
        images, draw["pen"], math.ceil(max(-ranges.pen[0], ranges.pen[1]) * pixels)
    )
    if ranges.lines:
        lines = [
            draw[name] * ruled(side, draw["period"], draw[phase], axis)
            for axis, (name, phase, side) in enumerate(
                (("rows", "row_phase", height), ("columns", "column_phase", width)), start=1
            )
        ]
        images = ops.maximum(images, ops.maximum(*lines))
    images = paper + (ink - paper) * images
    if ranges.light:
        images = images + (1.0 - images) * shade(draw, height, width)
    reach = min(math.ceil(_REACH * ranges.blur * pixels), height - 1, width - 1)
    images = blur(images, draw["blur"], reach)
    if ranges.noise:
        images = images + draw["noise"] * noise(
            draws[:, COLUMNS.index("noise_place")], images.shape[1:]
        )
    images = ops.clip(images, 0.0, 1.0)
    return images + draw["inverse"] * (1.0 - 2.0 * images) if ranges.inverse else images


def redraw_with_pen(images: Any, pen: Any, reach: int) -> Any:
    """Make strokes thicker or thinner by the largest or smallest value around each pixel.

    Args:
        images: `(n, height, width, channels)`, float32.
        pen: `(n, 1, 1, 1)`, float32, pixels to add to a stroke's radius. A part of a pixel
            mixes the values before and after a whole one.
        reach: Whole pixels that no `pen` exceeds, either way.

    Returns:
        The same shape.
    """
    sign = ops.where(pen < 0, -1.0, 1.0)
    for done in range(reach):
        # The smallest value is the inverse's largest.
        widest = sign * ops.max_pool(sign * images, 3, strides=1, padding="same")
        images = images + ops.clip(ops.abs(pen) - done, 0.0, 1.0) * (widest - images)
    return images


def ruled(side: int, period: Any, phase: Any, axis: int) -> Any:
    """Draw lines that are one pixel thick, at any distance from each other.

    Args:
        side: Pixels along the axis.
        period: `(n, 1, 1, 1)`, float32, pixels from line to line.
        phase: `(n, 1, 1, 1)`, float32, place of a line as a share of the period.
        axis: 1 for lines along the rows, 2 along the columns.

    Returns:
        `(n, side, 1, 1)` or `(n, 1, side, 1)`, float32, [0, 1].
    """
    shape = [-1 if i == axis else 1 for i in range(4)]
    places = ops.convert_to_tensor(np.arange(side, dtype=np.float32).reshape(shape))
    periods = places / period - phase
    return ops.maximum(1.0 - ops.abs(periods - ops.round(periods)) * period, 0.0)


def shade(draw: dict[str, Any], height: int, width: int) -> Any:
    """Return the light that is missing at each pixel, `(n, height, width, 1)`, in [0, 1].

    Args:
        draw: `light`, and that times the cosine and the sine of the direction as `light_x` and
            `light_y`; each `(n, 1, 1, 1)`, float32.
        height: Pixels.
        width: Pixels.
    """
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[None, :, None, None]
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, None, :, None]
    x, y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)
    return ops.clip(0.5 * draw["light"] + draw["light_x"] * x + draw["light_y"] * y, 0.0, 1.0)


def blur(images: Any, sigma: Any, reach: int) -> Any:
    """Blur by a Gaussian, whose kernel is cut off and adds up to one; beyond the border, mirrored.

    Args:
        images: `(n, height, width, channels)`, float32.
        sigma: `(n, 1, 1, 1)`, float32, standard deviation in pixels; 0 leaves an image unchanged.
        reach: Pixels of the kernel on either side, below height and width; 0 leaves all images.

    Returns:
        The same shape.
    """
    # So narrow a kernel is one at its centre and exactly zero elsewhere.
    scale = -0.5 / ops.square(ops.maximum(sigma, 1e-3))
    kernel = [ops.exp(scale * float(step * step)) for step in range(reach + 1)]
    total = kernel[0] + 2.0 * sum(kernel[1:], 0.0 * sigma)
    kernel = [value / total for value in kernel]
    for axis in (1, 2) if reach else ():
        side = images.shape[axis]
        wide = ops.pad(
            images, [(reach, reach) if i == axis else (0, 0) for i in range(4)], "reflect"
        )
        parts = [
            wide[:, start : start + side] if axis == 1 else wide[:, :, start : start + side]
            for start in range(2 * reach + 1)
        ]
        images = kernel[0] * parts[reach]
        for step in range(1, reach + 1):
            images = images + kernel[step] * (parts[reach - step] + parts[reach + step])
    return images


def noise(places: Any, shape: tuple[int, int, int]) -> Any:
    """Return normal noise that the place in a fixed table decides.

    Args:
        places: `(n,)`, float32, whole numbers in [0, NOISE_VALUES).
        shape: Height, width and channels.

    Returns:
        `(n, height, width, channels)`, float32, of mean 0 and variance 1.
    """
    number = math.prod(shape)
    table = ops.convert_to_tensor(np.resize(_NOISE, NOISE_VALUES + number))
    steps = ops.convert_to_tensor(np.arange(number, dtype=np.int32))
    rows = ops.cast(places, "int32")[:, None] + steps
    return ops.reshape(ops.take(table, rows), (-1, *shape))

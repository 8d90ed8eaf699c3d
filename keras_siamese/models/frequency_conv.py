"""Convolution in the frequency domain, for large kernels on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_siamese.compat import KERAS_2, ops

# In less precision than float32 the transforms lose what the convolution needs.
_DTYPES = ("float32", "float64")
# More tiles a side are never the cheapest choice.
_MOST_TILES = 8


@keras.saving.register_keras_serializable(package="keras_siamese")
class FrequencyConv2D(keras.layers.Conv2D):
    """`Conv2D` that computes in the frequency domain: the same function, faster for large kernels.

    The image is cut into overlapping tiles; a discrete Fourier transform of tiles and filters turns
    the convolution into one small matrix product for each frequency. On a CPU, the 7x7 convolution
    of `koch_encoder` from 64 to 128 channels takes a third of the time, forward and backward
    (docs/speed.md); kernels of 4x4 and less, and images of one channel, gain nothing. Results agree
    with `Conv2D` to about 1e-6 of the largest value in float32.

    Arguments, weights and their names are those of `keras.layers.Conv2D`. What the method does not
    cover is computed directly, as `Conv2D` does: strides, dilation, groups, `same` padding,
    channels first, images of unknown size, kernels larger than the image, other precisions than
    float32 and float64, and Keras 2.

    Args:
        *args: Positional arguments of `keras.layers.Conv2D`.
        tile_size: Height and width of a tile in pixels, from the kernel's to the image's; an
            integer means a square. None takes the size that needs the fewest multiplications.
        **kwargs: Further arguments of `keras.layers.Conv2D`.

    Call arguments:
        inputs: Images `(batch, height, width, channels)`.

    Returns:
        `(batch, height - kernel_height + 1, width - kernel_width + 1, filters)`.

    Raises:
        ValueError: If `tile_size` is not one or two positive integers.

    Example:
        >>> import numpy as np
        >>> from keras_siamese.models import FrequencyConv2D
        >>> FrequencyConv2D(8, 7)(np.ones((2, 48, 48, 3), "float32")).shape[1:]
        TensorShape([42, 42, 8])
    """

    def __init__(self, *args: Any, tile_size: Any = None, **kwargs: Any) -> None:
        """Create the layer; see the class for the arguments."""
        super().__init__(*args, **kwargs)
        self.tile_size = _check_tile_size(tile_size)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve images with a kernel; bias and activation follow in `call`.

        Args:
            inputs: Images `(batch, height, width, channels)`.
            kernel: `(height, width, channels, filters)`.

        Returns:
            As the layer, without bias and activation.
        """
        if not can_use_frequencies(self, inputs.shape):
            return super().convolution_op(inputs, kernel)
        return convolve(inputs, kernel, self.tile_size)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration from which the layer can be made again.

        Returns:
            JSON-serializable dictionary.
        """
        return {**super().get_config(), "tile_size": self.tile_size}


def can_use_frequencies(layer: keras.layers.Conv2D, shape: Sequence[int | None]) -> bool:
    """Tell whether a convolution can be computed in the frequency domain.

    Args:
        layer: The convolution.
        shape: Shape of its images, `(batch, height, width, channels)`.

    Returns:
        Whether `convolve` gives what the layer gives, without bias and activation.
    """
    plain = (
        not KERAS_2
        and layer.padding == "valid"
        and layer.data_format == "channels_last"
        and tuple(layer.strides) == tuple(layer.dilation_rate) == (1, 1)
        and layer.groups == 1
        and layer.compute_dtype in _DTYPES
    )
    fits = all(
        side is not None and side >= kernel
        for side, kernel in zip(shape[1:3], layer.kernel_size, strict=True)
    )
    return plain and fits


def convolve(images: Any, kernel: Any, tile_size: tuple[int, int] | None = None) -> Any:
    """Convolve images with a kernel in the frequency domain: stride 1, no padding.

    With `F` the transform of a tile, the result is `F^-1(F(tile) conj(F(kernel)))`, summed over the
    channels, where the product is a matrix product for each frequency. All transforms are products
    with small real matrices, so that automatic differentiation gives the gradients. Of the
    frequencies along the height, half is enough, since the images are real. A complex product takes
    three real ones (Gauss): with `x = a + bi` and `k = c + di`,
    `(a + b) c - b (c + d) + ((a + b) c + a (d - c)) i`.

    Args:
        images: `(batch, height, width, channels)`, height and width known.
        kernel: `(kernel_height, kernel_width, channels, filters)`, no larger than the images.
        tile_size: Height and width of a tile, at least the kernel's; None chooses.

    Returns:
        `(batch, height - kernel_height + 1, width - kernel_width + 1, filters)`.
    """
    height, width, channels = images.shape[1:]
    kernel_height, kernel_width, _, filters = kernel.shape
    tiling = _tiling((height, width), (kernel_height, kernel_width), channels, filters, tile_size)
    (rows, columns), (tile_height, tile_width) = tiling.counts, tiling.tile
    out_height, out_width = tiling.kept
    # `num_frequencies` of the height, each with `products` matrices along the width.
    num_frequencies, products = tile_height // 2 + 1, 3 * tile_width
    dtype = keras.backend.standardize_dtype(images.dtype)
    along_height = _forward(tile_height, tile_height, conjugate=False, dtype=dtype)
    along_width = _across(tile_width, tile_width, conjugate=False, dtype=dtype)
    kernel_along_height = _forward(tile_height, kernel_height, conjugate=True, dtype=dtype)
    kernel_along_width = _across(tile_width, kernel_width, conjugate=True, dtype=dtype)
    back_along_width = _back_across(tile_width, out_width, dtype=dtype)
    back_along_height = _back(tile_height, out_height, dtype=dtype)

    missing = [
        (count - 1) * step + tile - side
        for count, step, tile, side in zip(
            tiling.counts, tiling.kept, tiling.tile, (height, width), strict=True
        )
    ]
    images = ops.pad(images, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
    tiles = ops.stack(
        [
            images[:, top : top + tile_height, left : left + tile_width]
            for top in range(0, rows * out_height, out_height)
            for left in range(0, columns * out_width, out_width)
        ],
        axis=0,
    )
    # (tile height, tile width, tiles, batch, channels): each transform is then one matrix product
    # from the left, and nothing has to be moved until the end.
    tiles = ops.reshape(ops.transpose(tiles, (2, 3, 0, 1, 4)), (tile_height, -1))
    spectrum = ops.matmul(along_height, tiles)
    spectrum = ops.reshape(spectrum, (num_frequencies, 2 * tile_width, -1))
    spectrum = ops.matmul(along_width, spectrum)

    weights = ops.matmul(kernel_along_height, ops.reshape(kernel, (kernel_height, -1)))
    weights = ops.reshape(weights, (num_frequencies, 2 * kernel_width, -1))
    weights = ops.matmul(kernel_along_width, weights)

    spectrum = ops.matmul(
        ops.reshape(spectrum, (num_frequencies * products, -1, channels)),
        ops.reshape(weights, (num_frequencies * products, channels, filters)),
    )

    outputs = ops.matmul(back_along_width, ops.reshape(spectrum, (num_frequencies, products, -1)))
    outputs = ops.matmul(back_along_height, ops.reshape(outputs, (2 * num_frequencies, -1)))
    outputs = ops.reshape(outputs, (out_height, out_width, rows, columns, -1, filters))
    outputs = ops.transpose(outputs, (4, 2, 0, 3, 1, 5))
    outputs = ops.reshape(outputs, (-1, rows * out_height, columns * out_width, filters))
    return outputs[:, : height - kernel_height + 1, : width - kernel_width + 1]


class _Tiling(NamedTuple):
    """How an image is cut: tiles a side, a tile's sides, and the sides of what it gives."""

    counts: tuple[int, int]
    tile: tuple[int, int]
    kept: tuple[int, int]


@lru_cache
def _tiling(
    image: tuple[int, int],
    kernel: tuple[int, int],
    channels: int,
    filters: int,
    tile: tuple[int, int] | None,
) -> _Tiling:
    """Cut an image as asked for, or so that the fewest multiplications are needed."""
    wanted = [side - size + 1 for side, size in zip(image, kernel, strict=True)]
    if tile is not None:
        sides = [
            min(max(part, size), side) for part, size, side in zip(tile, kernel, image, strict=True)
        ]
        kept = [side - size + 1 for side, size in zip(sides, kernel, strict=True)]
        return _cut(wanted, kept, kernel)
    choices = [
        _cut(wanted, (-(-wanted[0] // rows), -(-wanted[1] // columns)), kernel)
        for rows in range(1, min(_MOST_TILES, wanted[0]) + 1)
        for columns in range(1, min(_MOST_TILES, wanted[1]) + 1)
    ]
    return min(choices, key=lambda choice: _multiplications(choice, channels, filters))


def _cut(wanted: Sequence[int], kept: Sequence[int], kernel: Sequence[int]) -> _Tiling:
    counts = [-(-whole // part) for whole, part in zip(wanted, kept, strict=True)]
    tile = [part + size - 1 for part, size in zip(kept, kernel, strict=True)]
    return _Tiling((counts[0], counts[1]), (tile[0], tile[1]), (kept[0], kept[1]))


def _multiplications(tiling: _Tiling, channels: int, filters: int) -> int:
    """Count the multiplications that an image takes; the filters' transforms are shared."""
    (height, width), (out_height, out_width) = tiling.tile, tiling.kept
    frequencies = height // 2 + 1
    tiles = tiling.counts[0] * tiling.counts[1]
    forward = 2 * frequencies * height * width + frequencies * 3 * width * 2 * width
    back = frequencies * 2 * out_width * 3 * width + 2 * frequencies * out_height * out_width
    products = frequencies * 3 * width
    return tiles * (forward * channels + products * channels * filters + back * filters)


def _angles(outputs: int, inputs: int, period: int) -> np.ndarray:
    return 2 * np.pi * np.outer(np.arange(outputs), np.arange(inputs)) / period


@lru_cache
def _forward(tile: int, length: int, *, conjugate: bool, dtype: str) -> np.ndarray:
    """Transform real values along the height: `(2 * frequencies, length)`, real part, imaginary."""
    angles = _angles(tile // 2 + 1, length, tile)
    sign = 1 if conjugate else -1
    parts = np.stack([np.cos(angles), sign * np.sin(angles)], axis=1)
    return parts.reshape(-1, length).astype(dtype)


@lru_cache
def _across(tile: int, length: int, *, conjugate: bool, dtype: str) -> np.ndarray:
    """Transform complex values along the width, into the three factors of Gauss's product.

    `(3 * tile, 2 * length)`. Of an image `a + b`, `a`, `b`; of a kernel, which is conjugated, `c`,
    `d - c`, `c + d`.
    """
    angles = _angles(tile, length, tile)
    cos, sin = np.cos(angles), np.sin(angles) if conjugate else -np.sin(angles)
    real, imaginary = np.hstack([cos, -sin]), np.hstack([sin, cos])
    if conjugate:
        factors = [real, imaginary - real, real + imaginary]
    else:
        factors = [real + imaginary, real, imaginary]
    return np.vstack(factors).astype(dtype)


@lru_cache
def _back_across(tile: int, length: int, *, dtype: str) -> np.ndarray:
    """Put Gauss's three products together and transform back along the width, `length` values."""
    angles = _angles(length, tile, tile)
    cos, sin = np.cos(angles) / tile, np.sin(angles) / tile
    # The products p, q, r give the real part p - r and the imaginary part p + q.
    real = np.hstack([cos - sin, -sin, -cos])
    imaginary = np.hstack([sin + cos, cos, -sin])
    return np.vstack([real, imaginary]).astype(dtype)


@lru_cache
def _back(tile: int, length: int, *, dtype: str) -> np.ndarray:
    """Transform half a spectrum back along the height into `length` real values."""
    frequencies = tile // 2 + 1
    # All but the frequencies that are their own mirror image stand for two.
    times = np.full(frequencies, 2.0)
    times[0] = 1
    if tile % 2 == 0:
        times[-1] = 1
    angles = _angles(length, frequencies, tile)
    parts = np.stack([np.cos(angles) * times, -np.sin(angles) * times], axis=2)
    return (parts.reshape(length, -1) / tile).astype(dtype)


def _check_tile_size(tile_size: Any) -> tuple[int, int] | None:
    if tile_size is None:
        return None
    sides = [tile_size] * 2 if type(tile_size) is int else tile_size
    valid = isinstance(sides, list | tuple) and len(sides) == 2
    if not valid or any(type(side) is not int or side < 1 for side in sides):
        raise ValueError(
            "`tile_size` must be one or two positive integers, or None. Received: "
            f"tile_size={tile_size!r}. Leave it out for the size that is cheapest."
        )
    return sides[0], sides[1]

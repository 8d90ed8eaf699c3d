"""Resizing of image stacks: area mean when shrinking, bilinear when enlarging."""

import numpy as np

# Pixels of a block up to which it is faster to add one of each block after the other.
_FEW = 64


def resize_images(images: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Resize a stack of images.

    Each axis that shrinks takes the mean over the area that a new pixel covers, so 105 to 35 is the
    exact mean of 3x3 blocks. Each axis that grows is interpolated linearly between pixel centres.
    Source: Koch et al. 2015, sec. 4.4: Omniglot is reduced by 3 (105 to 35), MNIST enlarged from 28
    to 35. Open in Koch et al. 2015, sec. 4.4: how. Decided: block means and linear interpolation.

    Args:
        images: `(n, height, width, channels)`, uint8, [0, 255].
        size: New side in pixels, or (height, width).

    Returns:
        `(n, new_height, new_width, channels)`, uint8, [0, 255], rounded to nearest. `images` itself
        where the size does not change.

    Raises:
        ValueError: If `images` is not such a stack, or `size` is not positive.
    """
    if images.ndim != 4 or images.dtype != np.uint8:
        raise ValueError(
            "`images` must be a uint8 array of shape (n, height, width, channels). Received: "
            f"{images.dtype} of shape {images.shape}. Add the missing axis or convert to uint8."
        )
    height, width = check_size(size)
    old_height, old_width = images.shape[1:3]
    if (height, width) == (old_height, old_width):
        return images
    if old_height % height == 0 and old_width % width == 0:
        return _block_mean(images, old_height // height, old_width // width)
    rows, columns = _axis_weights(old_height, height), _axis_weights(old_width, width)
    resized = np.empty((len(images), height, width, images.shape[3]), np.uint8)
    # Chunks bound the float copies, which are four times as large as the stored images.
    for start in range(0, len(images), 1024):
        chunk = images[start : start + 1024].astype(np.float32)
        chunk = np.einsum("ih,nhwc->niwc", rows, chunk, optimize=True)
        chunk = np.einsum("jw,niwc->nijc", columns, chunk, optimize=True)
        resized[start : start + 1024] = np.clip(np.rint(chunk), 0, 255)
    return resized


def fit_images(images: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Resize a stack of images into a size, with the proportions kept.

    Args:
        images: As for `resize_images`.
        size: Side of the result in pixels, or (height, width).

    Returns:
        As of `resize_images`. The images stand in the middle; the rest has the median of each
        one's outermost rows and columns.

    Raises:
        ValueError: As `resize_images`.
    """
    sides = check_size(size)
    scale = min(want / have for want, have in zip(sides, images.shape[1:3], strict=True))
    height, width = (max(1, round(scale * side)) for side in images.shape[1:3])
    inner = resize_images(images, (height, width))
    border = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    fitted = np.empty((len(images), *sides, images.shape[3]), np.uint8)
    fitted[:] = np.median(np.concatenate(border, axis=1), axis=1)[:, None, None]
    top, left = (sides[0] - height) // 2, (sides[1] - width) // 2
    fitted[:, top : top + height, left : left + width] = inner
    return fitted


def check_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Return an image size as (height, width).

    Args:
        size: Side in pixels, or (height, width).

    Returns:
        Height and width in pixels.

    Raises:
        ValueError: If `size` is not one or two positive integers.
    """
    sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    whole = all(isinstance(s, int | np.integer) and not isinstance(s, bool) for s in sides)
    if len(sides) != 2 or not whole or not all(side > 0 for side in sides):
        raise ValueError(
            f"`size` must be a positive number of pixels or (height, width). Received: {size!r}. "
            "Pass for example 105 or (105, 105)."
        )
    return int(sides[0]), int(sides[1])


def _block_mean(images: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the mean over blocks of `rows` x `columns` pixels, in integers and therefore exact."""
    count = rows * columns
    if count <= _FEW:
        total: np.ndarray = np.zeros(images[:, ::rows, ::columns].shape, np.uint32)
        for row in range(rows):
            for column in range(columns):
                total += images[:, row::rows, column::columns]
    else:
        number, height, width, channels = images.shape
        bands = images.reshape(number, height // rows, rows, width * channels)
        total = bands.sum(axis=2, dtype=np.uint32)
        blocks = total.reshape(number, height // rows, width // columns, columns, channels)
        # From 8 million pixels in a block on, twice their sum takes more than 32 bits.
        total = blocks.sum(axis=3, dtype=np.uint64)
    return ((2 * total + count) // (2 * count)).astype(np.uint8)


def _axis_weights(old: int, new: int) -> np.ndarray:
    """Compute the resampling matrix of one axis, `(new, old)`, float32, every row sums to 1."""
    if new <= old:
        edges = np.linspace(0.0, old, new + 1)
        start, end = edges[:-1, None], edges[1:, None]
        # A new pixel covers few old ones, so only these are counted, from the first of each row on.
        index = start.astype(int) + np.arange(int(np.ceil(old / new)) + 1)
        overlap = np.clip(np.minimum(end, index + 1) - np.maximum(start, index), 0.0, None)
        overlap /= overlap.sum(axis=1, keepdims=True)
        weights = np.zeros((new, old), np.float32)
        rows = np.arange(new)[:, None]
        np.add.at(weights, (rows, np.minimum(index, old - 1)), overlap)
        return weights
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    distance = np.abs(centres[:, None] - np.arange(old))
    return np.clip(1.0 - distance, 0.0, None).astype(np.float32)

"""What the figures share: a sheet without axes, and images laid on it as tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

# From the palette of Okabe and Ito, which colour-blind readers tell apart.
BLUE, GREEN, ORANGE = "#0072B2", "#007A5A", "#C44E00"
INK, GREY, PALE = "#222222", "#6B6B6B", "#D4D4D4"
# For lines and letters: the same, the light ones darkened so that thin lines stand out; and
# four more.
PALETTE = (
    *(BLUE, ORANGE, GREEN, "#B0508F", "#9A7400", "#3FA0DC", INK, GREY),
    *("#5A3FC0", "#7A3B1E", "#6E9900", "#00A3A3"),
)
# Width of a new figure in inches: shown 700 pixels wide, its text of 10 points is 14 pixels high.
WIDTH = 7.0


def new_figure(height: float) -> Figure:
    """Return an empty figure of the common width.

    Args:
        height: Height in inches.

    Raises:
        ImportError: If matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "The figures need matplotlib. Install it: pip install 'keras_siamese[report]'"
        ) from error
    return Figure(figsize=(WIDTH, height))


def sheet(axes: Axes | None, width: float, height: float) -> Axes:
    """Return axes without ticks, whose unit is the side of a tile and whose y runs down.

    Args:
        axes: Axes to draw in, or None for those of a new figure.
        width: Width of the sheet in tiles.
        height: Height of the sheet in tiles.

    Returns:
        The axes.

    Raises:
        ImportError: If matplotlib is missing.
    """
    if axes is None:
        axes = new_figure(WIDTH * height / width).add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.axis("off")
    return axes


def add_tile(
    axes: Axes, image: np.ndarray, x: float, y: float, *, side: float = 1.0, **options: Any
) -> Rectangle:
    """Lay an image on a sheet, its longer side filling the tile.

    Args:
        axes: Axes made by `sheet`.
        image: `(height, width, 1 or 3)`, as `checked_tiles` gives it; one channel is drawn in
            grey, ink (1) black.
        x: Left edge in tiles.
        y: Top edge in tiles.
        side: Side of the tile.
        **options: Arguments of `imshow` instead of the grey scale.

    Returns:
        The tile's frame.
    """
    from matplotlib.patches import Rectangle

    height, width = np.array(image.shape[:2]) / max(image.shape[:2]) * side
    grey = {"cmap": "gray_r", "vmin": 0, "vmax": 1}
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    axes.imshow(pixels, extent=(x, x + width, y + height, y), **{**grey, **options})
    frame = Rectangle((x, y), width, height, fill=False, edgecolor=PALE, linewidth=0.8)
    axes.add_patch(frame)
    return frame


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes belong to, the outermost one where figures are nested."""
    return axes.figure.figure


def checked_tiles(name: str, images: np.ndarray) -> np.ndarray:
    """Return images as floats, or raise.

    Args:
        name: Name of the argument, for the message.
        images: `(n, height, width, 1 or 3)`, uint8, ink 255, or float in [0, 1].

    Returns:
        The images, float, [0, 1].

    Raises:
        ValueError: If the shape, type or range is another.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(
            f"`{name}` must be images (height, width, channels) of 1 or 3 channels. Received: "
            f"shape {images.shape[1:]}, {len(images)} of them. Add or take away axes."
        )
    if images.dtype == np.uint8:
        return images / 255.0
    if not np.issubdtype(images.dtype, np.floating) or not (
        images.min() >= 0 and images.max() <= 1
    ):
        raise ValueError(
            f"`{name}` must be uint8, or float in [0, 1]. Received: {images.dtype} from "
            f"{images.min()} to {images.max()}. Scale them, ink 1 and paper 0."
        )
    return images


def check_counts(**counts: int) -> None:
    """Check that every argument is at least 1.

    Raises:
        ValueError: If one is not.
    """
    for name, count in counts.items():
        if count < 1:
            raise ValueError(
                f"`{name}` must be at least 1. Received: {name}={count}. Give a larger number."
            )

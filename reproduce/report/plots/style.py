"""What the figures have in common: settings, colours, direct labels, and the PNG file."""

from __future__ import annotations

import io
from itertools import cycle
from typing import TYPE_CHECKING, Any

from PIL import Image

from keras_siamese.plots.tiles import GREY, INK, PALETTE, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": "white",
}
# Shown 700 pixels wide, a figure has more than one pixel for each of them.
DPI = 160
# Few colours are in use, so a palette loses nothing that an eye sees, and saves two thirds.
PNG_COLORS = 128


def report_figure(height: float) -> Figure:
    """Return an empty figure of the common width and a height in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, height), layout="constrained")


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG file; the same figure gives the same bytes."""
    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    with Image.open(drawn) as picture:
        few = picture.convert("RGB").quantize(PNG_COLORS, dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def colors_of(names: list[str]) -> dict[str, str]:
    """Return a colour for every different name, in their order."""
    return dict(zip(dict.fromkeys(names), cycle(PALETTE)))  # noqa: B905


def spread(places: list[float], gap: float) -> list[float]:
    """Move places apart, keeping their order, until neighbours are `gap` apart."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for below, above in zip(order, order[1:], strict=False):
        moved[above] = max(moved[above], moved[below] + gap)
    # Half of the way back, so that a group stays about its middle.
    shift = sum(m - p for m, p in zip(moved, places, strict=True)) / max(len(places), 1)
    return [place - shift for place in moved]


def label_ends(axes: Axes, ends: dict[str, tuple[float, float]], colors: dict[str, str]) -> None:
    """Write the name of each line at the right, by its last value, none over another.

    Args:
        axes: Axes whose limits are final.
        ends: Last point of every line.
        colors: Colour of every line.
    """
    low, high = axes.get_ylim()
    right = axes.get_xlim()[1]
    rows = spread([y for _, y in ends.values()], gap=0.075 * (high - low))
    for name, row in zip(ends, rows, strict=True):
        axes.text(right * 1.02, row, name, color=colors[name], va="center")


def percent_axis(axis: Any) -> None:
    """Write fractions along an axis in percent."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))

"""Figure of an unseen alphabet as the network places it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_siamese.plots.tiles import PALETTE
from reproduce.drawings.sources import Sources
from reproduce.drawings.style import new_figure
from reproduce.paper.figure_data import decode_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Side of a drawing, as a fraction of the map's.
SIDE = 0.055


def embedding_map(sources: Sources) -> Figure | None:
    """Draw every drawing of the alphabet at its place, those of one character joined."""
    from matplotlib.colors import to_rgb

    data = sources.main_data()
    if data is None:
        return None
    points, characters = np.array(data["map"]["points"]), np.array(data["map"]["characters"])
    low, span = points.min(axis=0), np.ptp(points, axis=0).max()
    side = SIDE * span
    figure = new_figure(6.4)
    panel = figure.subplots()
    panel.set(
        xlim=(low[0] - side, points[:, 0].max() + side),
        ylim=(low[1] - side, points[:, 1].max() + side),
        aspect="equal",
    )
    panel.axis("off")
    for character in np.unique(characters):
        own = points[characters == character]
        middle = own.mean(axis=0)
        for x, y in own:
            color = PALETTE[character % len(PALETTE)]
            panel.plot([x, middle[0]], [y, middle[1]], color=color, lw=1, alpha=0.35, zorder=1)
    for (x, y), character, image in zip(points, characters, data["map"]["images"], strict=True):
        ink = decode_png(image) / 255
        colored = np.empty((*ink.shape[:2], 4))
        colored[..., :3] = to_rgb(PALETTE[character % len(PALETTE)])
        colored[..., 3:] = ink
        half = side / 2
        panel.imshow(colored, extent=(x - half, x + half, y - half, y + half), zorder=2)
    return figure

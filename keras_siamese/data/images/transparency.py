"""Transparent pictures, laid on a ground on which their drawing shows."""

from __future__ import annotations

from typing import Any

import numpy as np

# Below this opacity of 255, a pixel's colour is a remnant of an edge.
VISIBLE = 64
# Colours that differ by no more levels in any channel are one.
ONE_COLOR = 32
# Share of what is visible that must be light for the ground to be dark, and from which level on.
LIGHT = {"L": (0.75, 128), "RGB": (0.99, 192)}


def laid_on_paper(image: Any, mode: str, polarity: str | None) -> np.ndarray:
    """Lay a transparent picture on paper; transparent pixels are paper.

    Where all that is visible has one colour, the drawing is the opacity: of a grey one the ink is
    made as dark, or for polarity "light_on_dark" as light, as the pixel is opaque. Else, as with an
    opaque picture, the colours are what shows, and the paper is white; where what is visible is
    light and the border mostly transparent, as with a logo for dark pages, it is black.

    Args:
        image: A PIL image of mode "RGBA".
        mode: "L" or "RGB".
        polarity: As `Preprocessing` has it; None lays it on white, whatever it shows.

    Returns:
        `(height, width)` or `(height, width, 3)`, uint8, [0, 255].

    Raises:
        ValueError: If every pixel is transparent.
    """
    opacity = np.asarray(image.getchannel("A"))
    lowest, highest = int(opacity.min()), int(opacity.max())
    if lowest == 255:
        return np.asarray(image.convert(mode))
    if polarity is None:
        return _composite(image, "white", mode)
    if not highest:
        raise ValueError("every pixel of it is transparent")
    visible = opacity >= min(VISIBLE, highest)
    colors = np.asarray(image)[..., :3][visible]
    one_color = bool((np.ptp(colors, axis=0) <= ONE_COLOR).all()) and lowest < highest
    if one_color and mode == "L":
        return opacity if polarity == "light_on_dark" else 255 - opacity
    luma = np.asarray(image.convert("RGB").convert("L"))[visible]
    if one_color:
        dark = luma.mean() >= 128
    else:
        share, level = LIGHT[mode]
        border = np.concatenate([opacity[0], opacity[-1], opacity[:, 0], opacity[:, -1]])
        light = np.average(luma >= level, weights=opacity[visible]) >= share
        dark = polarity != "dark_on_light" and np.mean(border < 128) >= 0.5 and light
    return _composite(image, "black" if dark else "white", mode)


def _composite(image: Any, ground: str, mode: str) -> np.ndarray:
    from PIL import Image

    paper = Image.new("RGBA", image.size, ground)
    return np.asarray(Image.alpha_composite(paper, image).convert(mode))

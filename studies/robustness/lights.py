"""Light that falls on a sheet: its colour, how it falls off, and shadows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shadow:
    """One shadow.

    Attributes:
        light: Share of the light that is left in it, in (0, 1).
        softness: Width of its edge, in shorter sides of the picture.
        middle: Row and column of a point on its edge, in shorter sides from the picture's middle.
        angle: Angle in degrees that the shadow lies to from there; 0 for the right.
        radius: Radius of its curved edge, in shorter sides.
    """

    light: float
    softness: float
    middle: tuple[float, float]
    angle: float
    radius: float = 10.0


@dataclass(frozen=True)
class Light:
    """All the light of a picture.

    Attributes:
        color: Gain of red, green and blue.
        lowest: Light where it is weakest, of 1 where it is strongest.
        angle: Angle in degrees that it falls off to; 0 for the right, 90 for the bottom.
        shadow: A shadow, if any.
    """

    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lowest: float = 1.0
    angle: float = 0.0
    shadow: Shadow | None = None


def paper_brightness(light: Light, places: np.ndarray) -> np.ndarray:
    """Return what each pixel of white paper sends back.

    Args:
        light: The light.
        places: `(2, height, width)`, float64: row and column of each pixel, in shorter sides from
            the picture's middle.

    Returns:
        `(height, width, 3)`, float64, from 0; 1 for white.
    """
    along = _along(light.angle, places)
    low, high = along.min(), along.max()
    field = 1 - (1 - light.lowest) * (along - low) / (high - low)
    if light.shadow is not None:
        field = field * _shade(light.shadow, places)
    return field[..., None] * np.array(light.color)


def _along(angle: float, places: np.ndarray) -> np.ndarray:
    """Return how far each place lies in a direction."""
    radians = np.deg2rad(angle)
    along: np.ndarray = np.cos(radians) * places[1] + np.sin(radians) * places[0]
    return along


def _shade(shadow: Shadow, places: np.ndarray) -> np.ndarray:
    """Return the share of the light that a shadow leaves."""
    radians = np.deg2rad(shadow.angle)
    centre = np.array(shadow.middle) + shadow.radius * np.array([np.sin(radians), np.cos(radians)])
    inside = shadow.radius - np.hypot(*(places - centre[:, None, None]))
    deep = np.clip(0.5 + inside / shadow.softness, 0, 1)
    # Smooth at both ends, as a penumbra is.
    shade: np.ndarray = 1 - (1 - shadow.light) * deep * deep * (3 - 2 * deep)
    return shade

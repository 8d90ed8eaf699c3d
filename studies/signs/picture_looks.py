"""Looks of a flat picture: as a camera sees it, in other colours, under other light."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter


def photograph_look(
    picture: np.ndarray,
    rng: np.random.Generator,
    *,
    strength: float = 1.0,
    surround: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Give a picture the look of a photograph: perspective, light, blur and noise.

    Args:
        picture: `(height, width, 3)`, uint8.
        rng: Where the look is drawn from.
        strength: 1 moves corners by up to 8 % of the sides and lets the light fall by up to 45 %.
        surround: RGB of what stands around the picture; drawn where None.

    Returns:
        Same shape, uint8.
    """
    height, width = picture.shape[:2]
    around = tuple(rng.integers(0, 256, 3).tolist()) if surround is None else tuple(surround)
    sides = np.array([width, height])
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]]) * sides
    moved = corners + rng.uniform(-0.08, 0.04, (4, 2)) * strength * sides * np.sign(
        corners / sides - 0.5
    )
    # Pillow asks where each output pixel comes from.
    image = Image.fromarray(picture).transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        _perspective(moved, corners).tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=around,
    )
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.6) * strength * width / 128))
    lit = light(np.asarray(image), rng, strength=strength)
    noise = rng.normal(0, rng.uniform(2, 9) * strength, lit.shape)
    return np.clip(lit + noise, 0, 255).astype(np.uint8)


def light(picture: np.ndarray, rng: np.random.Generator, *, strength: float = 1.0) -> np.ndarray:
    """Light a picture: a gradient, a gain, a gamma and a tint.

    Args:
        picture: `(height, width, 3)`, uint8.
        rng: Where the light is drawn from.
        strength: 1 lets gain and gradient change by up to 45 %.

    Returns:
        Same shape, uint8.
    """
    height, width = picture.shape[:2]
    across, down = np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height)[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0, 0.45) * strength
    field = 1 + slope * (np.cos(angle) * across + np.sin(angle) * down)
    gain = rng.uniform(1 - 0.4 * strength, 1 + 0.1 * strength)
    tint = 1 + rng.uniform(-0.08, 0.08, 3) * strength
    gamma = np.exp(rng.uniform(-0.3, 0.3) * strength)
    values = (picture / np.float32(255)) ** np.float32(gamma)
    values = values * (field[..., None] * gain * tint * 255).astype(np.float32)
    return np.clip(values, 0, 255).astype(np.uint8)


def recoloured(opacity: np.ndarray, ink: tuple[int, ...], paper: tuple[int, ...]) -> np.ndarray:
    """Draw a monochrome picture in one colour on another.

    Args:
        opacity: `(height, width)`, uint8, how much ink.
        ink: RGB of the ink.
        paper: RGB of the paper.

    Returns:
        `(height, width, 3)`, uint8.
    """
    share = opacity[..., None].astype(np.float32) / 255
    return np.rint(
        np.array(ink, np.float32) * share + np.array(paper, np.float32) * (1 - share)
    ).astype(np.uint8)


def _perspective(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Solve for the eight coefficients that take output corners to input corners."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(np.array(rows, float), np.array(values, float))

"""Pictures that a program makes: flags of no country, and scenes like photographs."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# Colours that flags use.
_COLOURS = (
    (255, 255, 255), (0, 0, 0), (206, 17, 38), (0, 56, 147), (0, 122, 61), (252, 209, 22),
    (0, 158, 219), (255, 121, 0), (128, 0, 32), (11, 26, 74),
)  # fmt: skip


def flag(rng: np.random.Generator, height: int = 96, width: int = 128) -> np.ndarray:
    """Draw a flag that a random program of stripes, crosses, wedges and emblems makes.

    Args:
        rng: Where the flag is drawn from.
        height: Height in pixels.
        width: Width in pixels.

    Returns:
        `(height, width, 3)`, uint8.
    """
    colours = [_COLOURS[i] for i in rng.permutation(len(_COLOURS))]
    image = Image.new("RGB", (width, height), colours[0])
    draw = ImageDraw.Draw(image)
    ground = rng.integers(5)
    if ground < 3:
        number = int(rng.choice([2, 3, 3, 3, 4, 5, 9]))
        stripes = colours[: int(rng.integers(2, 4))]
        for i in range(number):
            fill = stripes[i % len(stripes)]
            if ground == 0:
                draw.rectangle((i * width // number, 0, width, height), fill)
            else:
                draw.rectangle((0, i * height // number, width, height), fill)
    elif ground == 3:
        middle = int(width * rng.choice([0.35, 0.5]))
        for thick, fill in ((height // 5, colours[1]), (height // 10, colours[2])):
            draw.rectangle((middle - thick // 2, 0, middle + thick // 2, height), fill)
            draw.rectangle((0, (height - thick) // 2, width, (height + thick) // 2), fill)
    else:
        draw.polygon([(0, 0), (width, height), (0, height)], colours[1])
        draw.line([(0, 0), (width, height)], colours[2], int(rng.integers(1, height // 4)))
    if rng.random() < 0.35:
        reach = int(width * rng.uniform(0.25, 0.5))
        draw.polygon([(0, 0), (reach, height // 2), (0, height)], colours[3])
    elif rng.random() < 0.25:
        draw.rectangle((0, 0, width * 2 // 5, height // 2), colours[3])
    if rng.random() < 0.6:
        centre = (width * rng.choice([0.2, 0.33, 0.5, 0.5]), height * rng.choice([0.25, 0.5, 0.5]))
        _emblem(draw, rng, centre, height * rng.uniform(0.1, 0.28), colours[4], colours[5])
    return np.asarray(image)


def scene(rng: np.random.Generator, side: int = 96) -> np.ndarray:
    """Draw a scene of objects that hide each other, with textures and shading.

    Sizes of objects fall off as in photographs ("dead leaves"), so that its edges and its
    spectrum are like theirs.

    Args:
        rng: Where the scene is drawn from.
        side: Side in pixels.

    Returns:
        `(side, side, 3)`, uint8.
    """
    palette = np.clip(rng.normal(rng.uniform(40, 200, 3), rng.uniform(10, 70), (8, 3)), 0, 255)
    image = Image.new("RGB", (side, side), tuple(palette[0].astype(int).tolist()))
    draw = ImageDraw.Draw(image)
    smallest = rng.uniform(0.015, 0.12)
    for _ in range(int(rng.integers(10, 160))):
        radius = side * min(smallest / np.sqrt(rng.uniform(0.01, 1)), 0.5)
        x, y = rng.uniform(0, side, 2)
        colour = palette[rng.integers(8)] + rng.normal(0, 12, 3)
        fill = tuple(np.clip(colour, 0, 255).astype(int).tolist())
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
        if rng.random() < 0.5:
            flat = radius * rng.uniform(0.3, 1)
            draw.ellipse((x - radius, y - flat, x + radius, y + flat), fill)
        else:
            points = [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]
            draw.polygon(points, fill)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.choice([0, 0.5, 1, 2, 4]))))
    coarse = rng.normal(0, 1, (int(rng.integers(3, 25)),) * 2).astype(np.float32)
    texture = np.asarray(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))
    textured = np.asarray(image) + rng.uniform(0, 30) * texture[..., None]
    return np.clip(textured, 0, 255).astype(np.uint8)


def _emblem(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    centre: tuple[float, float],
    radius: float,
    fill: tuple[int, int, int],
    second: tuple[int, int, int],
) -> None:
    """Draw a disc, a crescent or a star."""
    x, y = centre
    kind = rng.integers(4)
    if kind < 2:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill)
        if kind == 1:
            inner, aside = radius * 0.75, radius * 0.4
            box = (x - inner + aside, y - inner, x + inner + aside, y + inner)
            draw.ellipse(box, second)
        return
    tips = int(rng.integers(4, 9)) if kind == 2 else 5
    turn = np.arange(2 * tips) * np.pi / tips - np.pi / 2
    reach = np.where(np.arange(2 * tips) % 2, radius * 0.4, radius)
    points = zip(x + reach * np.cos(turn), y + reach * np.sin(turn), strict=True)
    draw.polygon([(float(px), float(py)) for px, py in points], fill)

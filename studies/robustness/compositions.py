"""Pictures as people take them: every factor at once, drawn at random for each picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studies.robustness.cameras import Camera
from studies.robustness.lights import Light, Shadow
from studies.robustness.pens import Pen
from studies.robustness.poses import Pose
from studies.robustness.scenes import Scene
from studies.robustness.sheets import Color, Rules, Sheet, Tabletop

# Inks of ballpoints and felt pens.
_INKS: tuple[Color, ...] = ((25, 25, 30), (30, 45, 120), (45, 45, 50), (20, 30, 80), (150, 30, 40))
_TABLES: tuple[Color, ...] = ((52, 46, 44), (150, 105, 66), (96, 66, 44), (34, 36, 42))


def plain_paper(rng: np.random.Generator) -> Rules | None:
    """Draw no rules."""
    return None


def ruled_paper(rng: np.random.Generator) -> Rules:
    """Draw lines as exercise books have them."""
    return _rules(rng, rng.uniform(0.1, 0.2), squared=False)


def squared_paper(rng: np.random.Generator) -> Rules:
    """Draw squares as exercise books have them."""
    return _rules(rng, rng.uniform(0.06, 0.11), squared=True)


def ballpoint(rng: np.random.Generator) -> Pen:
    """Draw an ink and a pen."""
    return Pen(
        color=_INKS[rng.integers(len(_INKS))],
        width=rng.uniform(2.5, 6),
        strength=rng.uniform(0.85, 1),
        unevenness=rng.uniform(0, 0.15),
    )


def pencil(rng: np.random.Generator) -> Pen:
    """Draw a pencil: paler than ink, with the grain of the paper."""
    level = rng.uniform(55, 95)
    return Pen(
        color=(level, level, level + 4),
        width=rng.uniform(2.5, 5),
        strength=rng.uniform(0.55, 0.9),
        unevenness=rng.uniform(0.2, 0.4),
        grain=rng.uniform(0.3, 0.55),
    )


def on_phone(
    rules: Callable[[np.random.Generator], Rules | None],
    pen: Callable[[np.random.Generator], Pen] = ballpoint,
) -> Callable[[np.random.Generator], Scene]:
    """Return what draws the scene of a photograph by phone.

    Args:
        rules: Draws the rules of the paper.
        pen: Draws the pen.

    Returns:
        A function from a generator to a scene.
    """

    def draw(rng: np.random.Generator) -> Scene:
        height, width = rng.integers(200, 321, 2).tolist()
        level = rng.uniform(190, 250)
        warm = rng.uniform(-0.05, 0.09)
        table = _table(rng) if rng.random() < 0.3 else None
        shadow = _shadow(rng) if rng.random() < 0.5 else None
        return Scene(
            pen=pen(rng),
            sheet=Sheet(
                color=(level, level * rng.uniform(0.97, 1), level * rng.uniform(0.9, 1)),
                roughness=rng.uniform(1, 3),
                rules=rules(rng),
                table=table,
            ),
            pose=Pose(
                size=rng.uniform(0.5, 1),
                turn=rng.uniform(-5, 5),
                pitch=rng.uniform(-14, 14),
                yaw=rng.uniform(-14, 14),
                place=_pair(rng, 0, 1),
                margin=0.04 + (table.depth + 0.04 if table else 0),
            ),
            light=Light(
                color=(1 + warm, 1, 1 - warm),
                lowest=rng.uniform(0.5, 0.95),
                angle=rng.uniform(0, 360),
                shadow=shadow,
            ),
            camera=Camera(
                height,
                width,
                blur=rng.uniform(0.5, 1.4),
                noise=rng.uniform(2, 7),
                quality=int(rng.integers(55, 93)),
            ),
        )

    return draw


def scan(rng: np.random.Generator) -> Scene:
    """Draw the scene of a scanned sheet: even light, nearly straight, with little noise."""
    height, width = rng.integers(200, 321, 2).tolist()
    level = rng.uniform(232, 254)
    # The lid of the scanner, where the sheet ends in view.
    lid = rng.random() < 0.25
    table = Tabletop((90, 90, 92), False, 90.0 * rng.integers(4), 0.04) if lid else None
    return Scene(
        pen=ballpoint(rng),
        sheet=Sheet((level, level, level * rng.uniform(0.95, 1)), roughness=1.0, table=table),
        pose=Pose(
            size=rng.uniform(0.4, 1),
            turn=rng.uniform(-3, 3),
            place=_pair(rng, 0, 1),
            margin=0.12 if lid else 0.03,
        ),
        light=Light(lowest=rng.uniform(0.96, 1), angle=rng.uniform(0, 360)),
        camera=Camera(
            height,
            width,
            blur=rng.uniform(0.4, 0.9),
            noise=rng.uniform(1, 3),
            quality=int(rng.integers(65, 96)),
        ),
    )


def dark_screen(rng: np.random.Generator) -> Scene:
    """Draw a screenshot in dark mode: light strokes on a slight grey, sharp, as large as may be."""
    height, width = rng.integers(200, 321, 2).tolist()
    paper, ink = rng.uniform(12, 48), rng.uniform(190, 250)
    cool = rng.uniform(0, 12)
    return Scene(
        pen=Pen((ink - rng.uniform(0, 40), ink, ink - rng.uniform(0, 25)), rng.uniform(2.5, 6)),
        sheet=Sheet((paper, paper + cool / 3, paper + cool)),
        pose=Pose(size=rng.uniform(0.4, 1.1), place=_pair(rng, 0, 1), margin=0.04),
        camera=Camera(height, width, blur=0.4, quality=int(rng.integers(70, 96))),
    )


def _pair(rng: np.random.Generator, low: float, high: float) -> tuple[float, float]:
    first, second = rng.uniform(low, high, 2).tolist()
    return first, second


def _rules(rng: np.random.Generator, spacing: float, squared: bool) -> Rules:
    level = rng.uniform(105, 205)
    color = (level - rng.uniform(0, 25), level, level + rng.uniform(0, 35))
    return Rules(spacing, rng.uniform(0.004, 0.008), color, squared, _pair(rng, 0, 1))


def _table(rng: np.random.Generator) -> Tabletop:
    return Tabletop(
        color=_TABLES[rng.integers(len(_TABLES))],
        wooden=bool(rng.random() < 0.5),
        side=90.0 * rng.integers(4) + rng.uniform(-4, 4),
        depth=rng.uniform(0.03, 0.1),
    )


def _shadow(rng: np.random.Generator) -> Shadow:
    return Shadow(
        light=rng.uniform(0.55, 0.8),
        softness=float(np.exp(rng.uniform(np.log(0.01), np.log(0.3)))),
        middle=_pair(rng, -0.25, 0.25),
        angle=rng.uniform(0, 360),
        radius=rng.uniform(0.4, 2),
    )

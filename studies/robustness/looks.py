"""The looks of the robustness suite: each factor alone by severity, and all of them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from zlib import crc32

import numpy as np

from studies.robustness.cameras import Camera
from studies.robustness.compositions import (
    dark_screen,
    on_phone,
    pencil,
    plain_paper,
    ruled_paper,
    scan,
    squared_paper,
)
from studies.robustness.lights import Light, Shadow
from studies.robustness.pens import Pen
from studies.robustness.poses import Pose
from studies.robustness.scenes import Scene, photograph, seeded
from studies.robustness.sheets import Rules, Sheet, Tabletop

Draw = Callable[[np.random.Generator], Scene]


class Look(NamedTuple):
    """A way to picture a drawing.

    Attributes:
        factor: What differs from the clean drawing; "all together" for compositions.
        severity: How much, in words.
        scene: Draws the scene of one picture.
    """

    factor: str
    severity: str
    scene: Draw


def _always(scene: Scene) -> Draw:
    return lambda rng: scene


def _tint(*color: float) -> Draw:
    red, green, blue = color if len(color) == 3 else color * 3
    return _always(Scene(sheet=Sheet(color=(red, green, blue))))


def _light(lowest: float, *angles: float) -> Draw:
    return lambda rng: Scene(light=Light(lowest=lowest, angle=float(rng.choice(angles))))


def _shadow(softness: float) -> Draw:
    def draw(rng: np.random.Generator) -> Scene:
        angle = rng.uniform(0, 360)
        middle = tuple(rng.uniform(-0.2, 0.2, 2).tolist())
        return Scene(light=Light(shadow=Shadow(0.6, softness, middle, angle, rng.uniform(0.4, 2))))

    return draw


def _rules(level: float, squared: bool) -> Draw:
    def draw(rng: np.random.Generator) -> Scene:
        spacing = rng.uniform(0.07, 0.11) if squared else rng.uniform(0.12, 0.2)
        offset = tuple(rng.uniform(0, 1, 2).tolist())
        # Printed rules are bluish.
        color = (level - 15, level, level + 25)
        return Scene(sheet=Sheet(rules=Rules(spacing, 0.006, color, squared, offset)))

    return draw


def _pencil(strength: float) -> Draw:
    return _always(Scene(pen=Pen((70, 70, 74), 3.5, strength, unevenness=0.35, grain=0.5)))


def _ink(*color: float) -> Draw:
    red, green, blue = color
    return _always(Scene(pen=Pen((red, green, blue))))


def _perspective(angle: float) -> Draw:
    def draw(rng: np.random.Generator) -> Scene:
        # The severity is the angle to the sheet; the direction that the camera leans is free.
        towards = rng.uniform(0, 2 * np.pi)
        pitch, yaw = angle * np.sin(towards), angle * np.cos(towards)
        return Scene(pose=Pose(pitch=pitch, yaw=yaw))

    return draw


def _tilt(angle: float) -> Draw:
    # At least half the angle: tilts near zero would make a severity look harmless.
    return lambda rng: Scene(
        pose=Pose(turn=float(rng.choice([-1, 1]) * rng.uniform(0.5, 1) * angle))
    )


def _size(size: float, anywhere: bool) -> Draw:
    def draw(rng: np.random.Generator) -> Scene:
        place = tuple(rng.uniform(0, 1, 2).tolist()) if anywhere else None
        return Scene(pose=Pose(size=size, place=place))

    return draw


def _table(color: tuple[float, float, float], wooden: bool) -> Draw:
    def draw(rng: np.random.Generator) -> Scene:
        depth = rng.uniform(0.04, 0.12)
        side = 90.0 * rng.integers(4) + rng.uniform(-4, 4)
        # The table takes a strip at one side. Ink keeps clear of it: a hidden stroke is no test.
        pose = Pose(size=0.85, margin=depth + 0.06)
        return Scene(sheet=Sheet(table=Tabletop(color, wooden, side, depth)), pose=pose)

    return draw


def _screen(paper: float, ink: float) -> Draw:
    return _always(Scene(pen=Pen((ink,) * 3), sheet=Sheet(color=(paper, paper, paper + 2))))


def _width(width: float) -> Draw:
    return _always(Scene(pen=Pen(width=width)))


def _camera(camera: Camera) -> Draw:
    return _always(Scene(camera=camera))


CLEAN = "as drawn"
# Result files name their rows by these keys: a changed key loses its scores.
LOOKS: dict[str, Look] = {
    CLEAN: Look("none", "", _always(Scene())),
    "grey paper, 230": Look("tint", "level 230", _tint(230)),
    "grey paper, 200": Look("tint", "level 200", _tint(200)),
    "grey paper, 150": Look("tint", "level 150", _tint(150)),
    "cream paper": Look("tint", "cream", _tint(246, 234, 203)),
    "blue paper": Look("tint", "blue", _tint(176, 205, 232)),
    "brown paper": Look("tint", "brown", _tint(190, 152, 110)),
    "light to 0.75": Look("light", "falls to 0.75", _light(0.75, 0, 90, 180, 270)),
    "light to 0.5": Look("light", "falls to 0.5", _light(0.5, 0, 90, 180, 270)),
    "light to 0.5, diagonal": Look("light", "falls to 0.5 diagonally", _light(0.5, 45, 135, 225)),
    "soft shadow": Look("shadow", "soft, 0.6 of the light", _shadow(0.25)),
    "hard shadow": Look("shadow", "hard, 0.6 of the light", _shadow(0.008)),
    "blur 1": Look("blur", "1 pixel of 240", _camera(Camera(blur=1.0))),
    "blur 2.5": Look("blur", "2.5 pixels of 240", _camera(Camera(blur=2.5))),
    "noise 6": Look("noise", "6 levels", _camera(Camera(noise=6.0))),
    "noise 18": Look("noise", "18 levels", _camera(Camera(noise=18.0))),
    "JPEG 50": Look("JPEG", "quality 50", _camera(Camera(quality=50))),
    "JPEG 10": Look("JPEG", "quality 10", _camera(Camera(quality=10))),
    "light rules": Look("ruled paper", "level 205", _rules(205, squared=False)),
    "dark rules": Look("ruled paper", "level 110", _rules(110, squared=False)),
    "light squares": Look("squared paper", "level 205", _rules(205, squared=True)),
    "dark squares": Look("squared paper", "level 110", _rules(110, squared=True)),
    "pencil, firm": Look("pencil", "covers 0.85", _pencil(0.85)),
    "pencil, faint": Look("pencil", "covers 0.5", _pencil(0.5)),
    "blue ink": Look("ink", "blue", _ink(30, 60, 170)),
    "red ink": Look("ink", "red", _ink(205, 35, 40)),
    "green ink": Look("ink", "green", _ink(25, 130, 60)),
    "perspective 15": Look("perspective", "15 degrees", _perspective(15)),
    "perspective 30": Look("perspective", "30 degrees", _perspective(30)),
    "tilt 8": Look("tilt", "4 to 8 degrees", _tilt(8)),
    "tilt 16": Look("tilt", "8 to 16 degrees", _tilt(16)),
    "a third of the size": Look("size", "a third, anywhere", _size(1 / 3, anywhere=True)),
    "half the size": Look("size", "half, anywhere", _size(0.5, anywhere=True)),
    "double size": Look("size", "double, as far as it fits", _size(2.0, anywhere=False)),
    # At full size there is no room to move.
    "anywhere": Look("position", "anywhere", _size(0.8, anywhere=True)),
    "dark table": Look("table", "dark, at one side", _table((48, 45, 44), wooden=False)),
    "wooden table": Look("table", "wooden, at one side", _table((150, 102, 62), wooden=True)),
    "light on black": Look("screen", "ink 255 on 0", _screen(0, 255)),
    "light on dark grey": Look("screen", "ink 225 on 30", _screen(30, 225)),
    "thin pen": Look("pen", "2 pixels of 105", _width(2.0)),
    "thick pen": Look("pen", "9 pixels of 105", _width(9.0)),
    "64 pixels": Look("resolution", "64 pixels per side", _camera(Camera(height=64, width=64))),
    "phone, plain paper": Look("all together", "", on_phone(plain_paper)),
    "phone, ruled paper": Look("all together", "", on_phone(ruled_paper)),
    "phone, squared paper": Look("all together", "", on_phone(squared_paper)),
    "phone, pencil": Look("all together", "", on_phone(plain_paper, pencil)),
    "scan": Look("all together", "", scan),
    "dark screen": Look("all together", "", dark_screen),
}


def render(drawing: np.ndarray, look: str, seed: int) -> np.ndarray:
    """Return a drawing as a photograph, a scan or a screenshot shows it.

    Args:
        drawing: `(105, 105)`, bool, ink True, as Omniglot's.
        look: One of `LOOKS`.
        seed: Seed of all that is drawn at random, from 0. The same seed, drawing and look give
            the same picture.

    Returns:
        `(height, width, 3)`, uint8: 64, or from 200 to 320 pixels per side.

    Raises:
        ValueError: If there is no such look, or the drawing has another shape or no ink.
    """
    if look not in LOOKS:
        raise ValueError(
            f"`look` must be one of {list(LOOKS)}. Received: {look!r}. Choose from that list."
        )
    # By the look's name, not its place: a new look leaves the pictures of the others as they were.
    # Python's own `hash` of a text differs from process to process.
    rng = seeded(crc32(look.encode()), seed)
    return photograph(drawing, LOOKS[look].scene(rng), rng)

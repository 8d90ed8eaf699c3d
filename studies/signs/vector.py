"""Icon sets in Iconify's JSON format, and their pictures by resvg."""

from __future__ import annotations

import io
import json
from functools import cache

import numpy as np
from PIL import Image

from studies.signs.packages import archive

# Longest side, in pixels, that pictures are rendered at.
SIDE = 128


class IconSet:
    """A set of named SVG drawings.

    Args:
        icons: What `icons.json` holds: `icons` by name with `body`, `width` and `height`, the
            defaults of both sides, and `aliases` by name with their `parent`.
        characters: What `chars.json` holds: name by code points, such as "1f600" or "2-fe0f".
    """

    def __init__(self, icons: dict, characters: dict[str, str] | None = None) -> None:
        """Keep the drawings."""
        self._default = icons.get("width", 16), icons.get("height", 16)
        self._icons = icons["icons"]
        self._aliases = icons.get("aliases", {})
        self.characters = dict(characters or {})

    @property
    def names(self) -> list[str]:
        """Names of the drawings, sorted, without those that Iconify hides."""
        return sorted(name for name, icon in self._icons.items() if not icon.get("hidden"))

    def svg(self, name: str, ink: str = "#000") -> str:
        """Return a drawing as SVG.

        Args:
            name: One of `names`, or an alias.
            ink: Colour of what has no colour in the set.

        Raises:
            KeyError: If there is no such drawing.
        """
        icon = self._icons.get(name) or self._icons[self._aliases[name]["parent"]]
        width, height = icon.get("width", self._default[0]), icon.get("height", self._default[1])
        box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
        scale = SIDE / max(width, height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width * scale:.0f}" height="{height * scale:.0f}">'
            f"{icon['body'].replace('currentColor', ink)}</svg>"
        )


@cache
def icon_set(prefix: str) -> IconSet:
    """Read a set from its package, e.g. "tabler" from `@iconify-json/tabler`."""
    files = archive(f"@iconify-json/{prefix}")
    characters = json.loads(files.read("chars.json")) if "chars.json" in files.names else {}
    return IconSet(json.loads(files.read("icons.json")), characters)


def render_svg(svg: str) -> np.ndarray:
    """Render an SVG.

    Returns:
        `(height, width, 4)`, uint8: RGB and opacity.

    Raises:
        ValueError: If it cannot be rendered.
    """
    import resvg_py

    content = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(content))).convert("RGBA"))


def on_paper(
    picture: np.ndarray, paper: tuple[int, int, int] = (255, 255, 255), side: int = 0
) -> np.ndarray:
    """Put a picture on paper.

    Args:
        picture: `(height, width, 4)`, uint8.
        paper: RGB of the paper.
        side: Side of a square to centre it on, in pixels; 0 leaves the picture's size.

    Returns:
        `(height, width, 3)`, uint8, or square.
    """
    if side:
        square = np.zeros((side, side, 4), np.uint8)
        top, left = ((side - length) // 2 for length in picture.shape[:2])
        square[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        picture = square
    opacity = picture[..., 3:].astype(np.float32) / 255
    mixed = picture[..., :3] * opacity + np.array(paper, np.float32) * (1 - opacity)
    return np.rint(mixed).astype(np.uint8)

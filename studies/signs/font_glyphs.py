"""Characters as fonts draw them."""

from __future__ import annotations

import io
import re
from functools import cache

import numpy as np
from fontTools import unicodedata
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from studies.signs.packages import archive

# Side of a glyph's picture and size of its font, in pixels.
SIDE, FONT_SIZE = 128, 84


class Font:
    """One style of a typeface, in one file or in several, each for some characters.

    Args:
        files: Contents of TrueType, OpenType or WOFF files.
    """

    def __init__(self, files: list[bytes]) -> None:
        """Find which file draws which character."""
        self._files = files
        self._drawn: dict[int, ImageFont.FreeTypeFont] = {}
        self._places: dict[int, int] = {}
        for place, content in enumerate(files):
            with TTFont(io.BytesIO(content), lazy=True) as font:
                for point in font.getBestCmap() or {}:
                    self._places.setdefault(point, place)

    @property
    def points(self) -> set[int]:
        """Code points that it has."""
        return set(self._places)

    def draw(self, point: int) -> np.ndarray:
        """Draw a character.

        Args:
            point: One of `points`.

        Returns:
            `(128, 128)`, uint8, ink 255 on 0, centred; smaller where it would not fit.
        """
        place = self._places[point]
        if place not in self._drawn:
            self._drawn[place] = ImageFont.truetype(io.BytesIO(self._files[place]), FONT_SIZE)
        font = self._drawn[place]
        left, top, right, bottom = font.getbbox(chr(point))
        # Room for marks that the metrics leave out.
        width, height = (max(int(length), 1) + 8 for length in (right - left, bottom - top))
        ink = Image.new("L", (width, height))
        ImageDraw.Draw(ink).text((4 - left, 4 - top), chr(point), font=font, fill=255)
        largest = max(width, height) / (SIDE - 8)
        if largest > 1:
            ink = ink.resize((round(width / largest), round(height / largest)))
        picture = Image.new("L", (SIDE, SIDE))
        picture.paste(ink, ((SIDE - ink.width) // 2, (SIDE - ink.height) // 2))
        return np.asarray(picture)


@cache
def font(name: str, style: str = "400-normal") -> Font:
    """Read a style of a typeface from its package.

    Args:
        name: Name of the package.
        style: Weight and slant in a Fontsource package, or the name of a TrueType file.

    Raises:
        ValueError: If the package has no such style.
    """
    held = archive(name)
    ending = style if style.endswith(".ttf") else f"-{style}.woff"
    files = [held.read(file) for file in held.names if file.endswith(ending)]
    if not files:
        raise ValueError(
            f"`style` must be a style of {name}. Received: {style!r}. Choose one that its package "
            "holds."
        )
    return Font(files)


def styles(name: str) -> list[str]:
    """Return a Fontsource package's lightest and boldest upright styles from 300 on."""
    found = {
        int(match[1])
        for file in archive(name).names
        if (match := re.search(r"-(\d+)-normal\.woff$", file))
    }
    wanted = {min(found, key=lambda weight: (weight < 300, weight)), max(found)}
    return [f"{weight}-normal" for weight in sorted(wanted)]


def script(point: int) -> str:
    """Return the Unicode script of a code point as its four-letter code, e.g. "Grek"."""
    return unicodedata.script(chr(point))


def is_letter(point: int) -> bool:
    """Say whether a code point is a letter or a sign that stands for a syllable or a word."""
    return unicodedata.category(chr(point)) in ("Lo", "Lu", "Ll")

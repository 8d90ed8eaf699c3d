"""Icons, emoji and flags to score on."""

from __future__ import annotations

import numpy as np

from studies.signs import heldout
from studies.signs.naming import canonical
from studies.signs.packages import package
from studies.signs.picture_looks import photograph_look, recoloured
from studies.signs.sign_pictures import SignPictures
from studies.signs.vector import SIDE, icon_set, on_paper, render_svg

# Looks of each flag, and height of its picture in pixels.
FLAG_LOOKS, FLAG_HEIGHT = 4, 96


def icons(part: str) -> SignPictures:
    """Render icons of one name from several sets, black on white, 128x128.

    Args:
        part: "test" or "development".
    """
    prefixes = heldout.TEST_ICONS if part == "test" else heldout.DEVELOPMENT_ICONS
    found = SignPictures(sources=[package(f"@iconify-json/{prefix}") for prefix in prefixes])
    wanted = heldout.icon_names(part)
    for prefix in prefixes:
        drawings = icon_set(prefix)
        # The plainest name first, such as "bell" before "bell-outline".
        names = sorted(drawings.names, key=lambda name: (len(name), name))
        simplest: dict[str, str] = {}
        for name in names:
            simplest.setdefault(name if part == "test" else canonical(name), name)
        for name in wanted:
            if name in simplest:
                picture = on_paper(render_svg(drawings.svg(simplest[name])), side=SIDE)
                found.add(picture, name, "icons", prefix)
    return found


def render_emoji(part: str) -> SignPictures:
    """Render emoji in colour and in black on white, 128x128.

    Args:
        part: "test", Noto's colours against Symbola; or "development", Noto's former colours
            against EmojiOne's monotone drawings.
    """
    colours = icon_set("noto" if part == "test" else "noto-v1")
    plain = icon_set("emojione-monotone") if part == "development" else None
    sources = ("@iconify-json/noto", "rinoh-typeface-symbola")
    if plain:
        sources = ("@iconify-json/noto-v1", "@iconify-json/emojione-monotone")
    found = SignPictures(sources=[package(name) for name in sources])
    names = heldout.code_points("noto" if part == "test" else "noto-v1")
    for point in heldout.emoji_points(part):
        name = f"U+{point:04X}"
        found.add(
            on_paper(render_svg(colours.svg(names[point])), side=SIDE), name, "emoji", "colour"
        )
        if plain:
            other = heldout.code_points("emojione-monotone")[point]
            black = on_paper(render_svg(plain.svg(other)), side=SIDE)
        else:
            black = recoloured(heldout.symbola().draw(point), (0, 0, 0), (255, 255, 255))
        found.add(black, name, "emoji", "black")
    return found


def render_flags(part: str) -> SignPictures:
    """Render flags as photographs of them, 96x128.

    Args:
        part: "test" or "development": other countries, from another set.
    """
    prefix = "flag" if part == "test" else "cif"
    found = SignPictures(sources=[package(f"@iconify-json/{prefix}")])
    rng = np.random.default_rng(5 if part == "test" else 6)
    for code in heldout.flag_codes(part):
        name = f"{code}-4x3" if part == "test" else code
        flat = render_svg(icon_set(prefix).svg(name))
        for look in range(FLAG_LOOKS):
            surround = tuple(rng.integers(0, 256, 3).tolist())
            picture = _fitted(on_paper(flat, surround), FLAG_HEIGHT, SIDE)
            seen = photograph_look(picture, rng, surround=surround)
            found.add(seen, code, "flags", f"look {look + 1}")
    return found


def _fitted(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Crop or enlarge a picture around its middle to a size, by at most what it takes."""
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(picture), (width, height)))

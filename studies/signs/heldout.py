"""What is held out: the classes of the test and development sets, by fixed seeds."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from studies.signs.font_glyphs import Font
from studies.signs.naming import canonical
from studies.signs.packages import archive
from studies.signs.vector import icon_set, on_paper, render_svg

TEST_ICONS = ("feather", "mdi", "tabler")
DEVELOPMENT_ICONS = ("ion", "iconoir", "bx", "octicon", "eva")
NUM_EMOJI = {"test": 160, "development": 120}
NUM_FLAGS = {"test": 90, "development": 45}

# Unicode scripts that training must not hold: those of Omniglot's twenty evaluation alphabets
# that Unicode has (Cyrillic for Old Church Slavonic), and those of the test set "fonts".
EVALUATION_SCRIPTS = (
    "Guru", "Knda", "Mlym", "Orya", "Tibt", "Mong", "Syrc", "Ethi", "Glag", "Cyrl", "Mtei",
    "Sylo", "Avst",
)  # fmt: skip
TEST_SCRIPTS = ("Latn", "Grek", "Deva", "Tfng", "Ethi", "Geor", "Cyrl", "Thai", "Hebr")
DEVELOPMENT_SCRIPTS = ("Armn", "Beng", "Khmr", "Laoo")


@cache
def icon_names(part: str) -> tuple[str, ...]:
    """Return the names of icons that a part scores.

    Args:
        part: "test", names that all three test sets have; or "development", names without style
            that at least three of the development sets have and that are no test names.
    """
    if part == "test":
        common = set.intersection(*(set(icon_set(prefix).names) for prefix in TEST_ICONS))
        return tuple(sorted(common))
    held = {canonical(name) for name in icon_names("test")}
    found = [{canonical(name) for name in icon_set(prefix).names} for prefix in DEVELOPMENT_ICONS]
    counts = {name: sum(name in names for names in found) for name in set().union(*found)}
    return tuple(sorted(name for name, count in counts.items() if count >= 3 and name not in held))


@cache
def code_points(prefix: str) -> dict[int, str]:
    """Return the name of every emoji of one code point in a set, by its code point.

    A set that does not list characters has the names that Twemoji has, or others that are left out.
    """
    drawings = icon_set(prefix)
    characters = drawings.characters or icon_set("twemoji").characters
    single = {key.removesuffix("-fe0f"): name for key, name in characters.items()}
    known = set(drawings.names)
    return {int(key, 16): name for key, name in single.items() if "-" not in key and name in known}


@cache
def symbola() -> Font:
    """Read the monochrome font that the test set takes its second look from."""
    return Font([archive("rinoh-typeface-symbola").read("rinoh_typeface_symbola/Symbola.ttf")])


@cache
def emoji_points(part: str) -> tuple[int, ...]:
    """Return the code points of emoji that a part scores, drawn from those of all its sets."""
    both = set(code_points("noto")) & symbola().points
    test = _drawn(sorted(point for point in both if point >= 0x2190), NUM_EMOJI["test"], 1)
    if part == "test":
        return test
    sets = ("noto-v1", "emojione-monotone")
    both = set.intersection(*(set(code_points(name)) for name in sets))
    left = sorted(point for point in both - set(test) if point >= 0x2190)
    return _drawn(left, NUM_EMOJI["development"], 2)


@cache
def flag_codes(part: str) -> tuple[str, ...]:
    """Return the codes of countries whose flags a part scores, no two with the same picture."""
    seen, codes = set(), []
    for name in icon_set("flag").names:
        code = name.removesuffix("-4x3")
        if name == code or len(code) != 2:
            continue
        picture = on_paper(render_svg(icon_set("flag").svg(name)))[::8, ::8] // 16
        mark = hashlib.sha256(picture.tobytes()).hexdigest()
        if mark not in seen:
            seen.add(mark)
            codes.append(code)
    test = _drawn(codes, NUM_FLAGS["test"], 3)
    if part == "test":
        return test
    others = set(icon_set("cif").names) - set(test)
    return _drawn([code for code in codes if code in others], NUM_FLAGS["development"], 4)


def _drawn(names: list, number: int, seed: int) -> tuple:
    """Draw some of a sorted list."""
    order = np.random.default_rng(seed).permutation(len(names))[:number]
    return tuple(sorted(names[place] for place in order))

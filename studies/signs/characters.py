"""Characters in fonts, and handwritten digits, to score on."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studies.signs import heldout
from studies.signs.font_glyphs import Font, font, is_letter, script, styles
from studies.signs.packages import Package, package, packages
from studies.signs.picture_looks import recoloured
from studies.signs.sign_pictures import SignPictures

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
DIGIT_SIDE = 96
# Fewest fonts that must have a character.
FEWEST_FONTS = 4
_DEJAVU = "dejavu-fonts-ttf"
_ALPHABETS = [
    ("@fontsource/roboto", "400-normal"), ("@fontsource/lora", "400-normal"),
    ("@fontsource/playfair-display", "700-normal"), ("@fontsource/comfortaa", "400-normal"),
    (_DEJAVU, "DejaVuSansMono.ttf"),
]  # fmt: skip
# The fonts of each script of the test part.
TEST_FONTS: dict[str, list[tuple[str, str]]] = {
    "Latn": [*_ALPHABETS[:4], ("@fontsource/inconsolata", "400-normal")],
    "Grek": [
        ("@fontsource/roboto", "400-normal"), ("@fontsource/gfs-didot", "400-normal"),
        ("@fontsource/noto-serif", "700-normal"), ("@fontsource/comfortaa", "400-normal"),
        (_DEJAVU, "DejaVuSansMono.ttf"),
    ],
    "Cyrl": _ALPHABETS,
    "Deva": [
        (f"@fontsource/{name}", "400-normal")
        for name in ("noto-sans-devanagari", "noto-serif-devanagari", "mukta", "rajdhani", "kalam")
    ],
    "Tfng": [
        ("@fontsource/noto-sans-tifinagh", "400-normal"), (_DEJAVU, "DejaVuSans.ttf"),
        (_DEJAVU, "DejaVuSans-Bold.ttf"), (_DEJAVU, "DejaVuSansCondensed.ttf"),
    ],
    "Ethi": [
        ("@fontsource/noto-sans-ethiopic", "400-normal"),
        ("@fontsource/noto-sans-ethiopic", "800-normal"),
        ("@fontsource/abyssinica-sil", "400-normal"), ("@fontsource/menbere", "400-normal"),
    ],
    "Geor": [
        ("@fontsource/noto-sans-georgian", "400-normal"),
        ("@fontsource/noto-serif-georgian", "700-normal"), (_DEJAVU, "DejaVuSansMono.ttf"),
        (_DEJAVU, "DejaVuSerif.ttf"),
    ],
    "Thai": [
        (f"@fontsource/{name}", "400-normal")
        for name in ("noto-sans-thai", "noto-serif-thai", "sarabun", "kanit", "charm")
    ],
    "Hebr": [
        (f"@fontsource/{name}", "400-normal")
        for name in ("noto-sans-hebrew", "noto-serif-hebrew", "heebo", "frank-ruhl-libre",
                     "david-libre")
    ],
}  # fmt: skip
TWO_CASES = ("Latn", "Grek", "Cyrl", "Armn")
# Most characters of one script, drawn by a fixed seed.
MOST_CHARACTERS = 60


def draw_fonts(part: str) -> SignPictures:
    """Draw characters in four to six fonts each, black on white, 128x128; groups are scripts.

    Of scripts with two cases only capitals are taken: "o" and "O" differ in size alone.

    Args:
        part: "test", nine scripts; or "development", four others.
    """
    if part == "test":
        chosen = TEST_FONTS
    else:
        chosen = {name: _development_fonts(name) for name in heldout.DEVELOPMENT_SCRIPTS}
    sources: dict[str, Package] = {}
    found = SignPictures()
    rng = np.random.default_rng(7)
    for name, faces in chosen.items():
        drawn = {face: font(*face) for face in faces}
        sources |= {face: package(face) for face, _ in faces}
        points = sorted({point for item in drawn.values() for point in item.points})
        usable = [
            point
            for point in points
            if script(point) == name and is_letter(point)
            and not (name in TWO_CASES and chr(point).islower())
            and point < 0x10000 and not 0xFB00 <= point <= 0xFDFF
            and sum(point in item.points for item in drawn.values()) >= FEWEST_FONTS
        ]  # fmt: skip
        for place in sorted(rng.permutation(len(usable))[:MOST_CHARACTERS]):
            _add(found, usable[place], name, drawn)
    found.sources = list(sources.values())
    return found


def digits(part: str) -> SignPictures:
    """Return handwritten digits, dark on white, 96x96; each is a variant.

    Args:
        part: "test", scikit-learn's; or "development", MNIST's test set at as few pixels.
    """
    if part == "test":
        from sklearn import __version__, datasets

        loaded = datasets.load_digits()
        inks, labels = loaded.images / 16, loaded.target
        source = Package(
            "installed", "scikit-learn", __version__, "CC-BY-4.0", "test",
            "Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits",
        )  # fmt: skip
    else:
        from keras_siamese.data.datasets.mnist import load_mnist

        mnist = load_mnist("test")
        # Cropped to where the digits are, then as coarse as scikit-learn's.
        images = mnist.images[:2000, 3:25, 3:25, 0]
        small = [Image.fromarray(image).resize((8, 8), Image.Resampling.BOX) for image in images]
        inks = np.minimum(np.stack([np.asarray(image) for image in small]) / 200, 1)
        labels = np.array([int(label.rpartition("/")[2]) for label in mnist.labels[:2000]])
        source = Package(
            "installed", "MNIST", "test set", "CC-BY-SA-3.0", "development", "LeCun et al. 1998"
        )
    found = SignPictures(sources=[source])
    for place, (ink, label) in enumerate(zip(inks, labels, strict=True)):
        grey = Image.fromarray(np.uint8(np.rint(255 * (1 - ink))))
        large = grey.resize((DIGIT_SIDE, DIGIT_SIDE), Image.Resampling.BICUBIC)
        picture = np.repeat(np.asarray(large)[..., None], 3, axis=2)
        found.add(picture, str(label), "digits", f"writing {place}")
    return found


def _development_fonts(name: str) -> list[tuple[str, str]]:
    """Return the development fonts that have a script, each in its lightest and boldest style."""
    faces = [
        (item.name, style)
        for item in packages().values()
        if item.use == "development" and item.name.startswith("@fontsource/")
        for style in styles(item.name)
    ]
    return [face for face in faces if any(script(point) == name for point in font(*face).points)]


def _add(found: SignPictures, point: int, group: str, drawn: dict[tuple[str, str], Font]) -> None:
    for (face, style), item in drawn.items():
        if point in item.points:
            picture = recoloured(item.draw(point), BLACK, WHITE)
            variant = f"{face.rpartition('/')[2]} {style}"
            found.add(picture, f"U+{point:04X}", group, variant)

"""What the network for signs is trained on, class by class, and the data set made of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from keras_siamese.data import ImageDataset, Preprocessing, load_omniglot
from studies.signs import heldout, heldout_guard
from studies.signs.font_glyphs import Font, font, is_letter, script, styles
from studies.signs.made_pictures import flag, scene
from studies.signs.naming import Held, canonical, style
from studies.signs.packages import Package, package, packages
from studies.signs.photographs import random_crop
from studies.signs.picture_looks import light, photograph_look
from studies.signs.vector import SIDE, icon_set, on_paper, render_svg

EMOJI_SETS = ("twemoji", "emojione", "fluent-emoji-flat", "fluent-emoji-high-contrast")
FLAG_SETS = ("flagpack", "twemoji", "emojione", "circle-flags")
MONO_EMOJI = "@fontsource/noto-emoji"
# Most of each kind.
ICON_CLASSES, LOOKS_OF_ICON, LETTERS_OF_SCRIPT, LETTERS_OF_LARGE = 1500, 6, 60, 180
DRAWERS_OF_OMNIGLOT, MADE_FLAGS, MADE_SCENES, LOOKS = 8, 400, 600, 4
LARGE_SCRIPTS = ("Hani", "Hang")
# Most classes of one group, from which an episode is drawn.
GROUP = 60


@dataclass
class TrainingSet:
    """Pictures to train on, with group, class and look of each.

    Attributes:
        reading: How each is read.
        images: `(height, width, 3)`, uint8, as read.
        groups: Name of the group of each.
        names: Name of the class of each.
        looks: Number of the look of each, from 1.
        sources: Packages that were used.
    """

    reading: Preprocessing
    images: list[np.ndarray] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    sources: set[Package] = field(default_factory=set)

    def add(self, picture: np.ndarray, group: str, name: str, look: int) -> None:
        """Read and keep a picture, unless nothing is to be seen in it."""
        try:
            image = self.reading.read(picture)
        except ValueError:
            return
        self.images.append(image)
        self.groups.append(group)
        self.names.append(f"{group.split(' ')[0]}/{name}")
        self.looks.append(look)

    def dataset(self) -> ImageDataset:
        """Return it as a data set; classes with a single picture are left out."""
        counts = Counter(self.names)
        kept = [i for i, name in enumerate(self.names) if counts[name] > 1]
        groups, group = np.unique([self.groups[i] for i in kept], return_inverse=True)
        names, name = np.unique([self.names[i] for i in kept], return_inverse=True)
        return ImageDataset(
            images=np.stack([self.images[i] for i in kept]),
            alphabet=group.astype(np.int32),
            character=name.astype(np.int32),
            drawer=np.array([self.looks[i] for i in kept], np.int32),
            alphabet_names=tuple(map(str, groups)),
            character_names=tuple(map(str, names)),
            name="signs",
            preprocessing=self.reading,
        )


def training_set(reading: Preprocessing, seed: int = 0, data: Path | None = None) -> TrainingSet:
    """Render everything that is trained on, and check that nothing of it is scored.

    Args:
        reading: How pictures are read.
        seed: Seed of what is chosen and of the looks.
        data: Folder with Omniglot; None as in `load_omniglot`.

    Returns:
        The training set.

    Raises:
        ValueError: If the guard finds a class, a script or a package that is held out.
        OSError: If a package cannot be fetched.
    """
    found = TrainingSet(reading)
    rng = np.random.default_rng(seed)
    for add in (add_fonts, add_icons, add_emoji, add_flags, add_scenes):
        add(found, rng)
        print(f"{add.__name__.partition('_')[2]}: {len(found.images):,} pictures", flush=True)
    add_omniglot(found, rng, data)
    heldout_guard.check_packages(found.sources)
    return found


def add_fonts(found: TrainingSet, rng: np.random.Generator) -> None:
    """Add letters of scripts that are not held out, in every font that has them."""
    faces: dict[tuple[str, str], Font] = {}
    for item in packages().values():
        if item.use == "training" and item.name.startswith("@fontsource/"):
            if item.name != MONO_EMOJI:
                faces |= {(item.name, kind): font(item.name, kind) for kind in styles(item.name)}
                found.sources.add(item)
    having: dict[int, list] = defaultdict(list)
    for face, drawn in faces.items():
        for point in drawn.points:
            having[point].append(face)
    scripts: dict[str, list[int]] = defaultdict(list)
    for point in sorted(having):
        kind = script(point)
        plain = is_letter(point) and kind not in ("Zyyy", "Zinh", "Zzzz")
        # Presentation forms repeat letters.
        if plain and kind not in heldout_guard.FORBIDDEN_SCRIPTS and not 0xF900 <= point <= 0xFDFF:
            scripts[kind].append(point)
    trained = []
    for kind, points in sorted(scripts.items()):
        limit = LETTERS_OF_LARGE if kind in LARGE_SCRIPTS else LETTERS_OF_SCRIPT
        order = sorted(rng.permutation(points), key=lambda point: -len(having[point]))[:limit]
        for place, point in enumerate(order):
            trained.append(int(point))
            chosen = [having[point][i] for i in rng.permutation(len(having[point]))[:6]]
            group = f"font-{kind} {place // GROUP}"
            for face in chosen:
                ink = faces[face].draw(int(point))
                for again in range(1 if len(chosen) > 2 else 2):
                    shown = _written(ink, rng, bent=again > 0)
                    look = 1 + 2 * list(faces).index(face) + again
                    found.add(shown, group, f"U+{point:04X}", look)
    heldout_guard.check_characters(trained)


def add_icons(found: TrainingSet, rng: np.random.Generator) -> None:
    """Add icons of one name from several sets and in several styles."""
    held = Held([*heldout.icon_names("test"), *heldout.icon_names("development")])
    prefixes = [
        item.name.rpartition("/")[2]
        for item in packages().values()
        if item.use == "training" and item.name.startswith("@iconify-json/")
    ]
    prefixes = [name for name in prefixes if name not in (*EMOJI_SETS, *FLAG_SETS)]
    drawings: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for prefix in prefixes:
        found.sources.add(package(f"@iconify-json/{prefix}"))
        for name in icon_set(prefix).names:
            drawings[canonical(name)].setdefault((prefix, style(name)), name)
    usable = sorted(
        name
        for name, items in drawings.items()
        if name not in held and len({prefix for prefix, _ in items}) >= 3
    )
    chosen = [usable[i] for i in rng.permutation(len(usable))[:ICON_CLASSES]]
    heldout_guard.check_class_names("icons", chosen, heldout.icon_names("test"))
    looks: dict[tuple[str, str], int] = {}
    for place, name in enumerate(chosen):
        items = list(drawings[name].items())
        # Different sets first, then other styles of a set that is there already.
        order, seen = [], set()
        for i in rng.permutation(len(items)):
            order.append((items[i][0][0] in seen, int(i)))
            seen.add(items[i][0][0])
        for _, i in sorted(order, key=lambda entry: entry[0])[:LOOKS_OF_ICON]:
            (prefix, kind), full = items[i]
            picture = on_paper(render_svg(icon_set(prefix).svg(full)), side=SIDE)
            look = looks.setdefault((prefix, kind), len(looks) + 1)
            found.add(_placed(picture, rng), f"icon {place // GROUP}", name, look)


def add_emoji(found: TrainingSet, rng: np.random.Generator) -> None:
    """Add emoji in colour, in one colour, and in black that was made of their colours."""
    held = {*heldout.emoji_points("test"), *heldout.emoji_points("development")}
    icons = {canonical(name) for name in heldout.icon_names("test")}
    plain = font(MONO_EMOJI)
    found.sources |= {package(f"@iconify-json/{prefix}") for prefix in EMOJI_SETS}
    found.sources.add(package(MONO_EMOJI))
    points = sorted(
        point
        for point, name in heldout.code_points("twemoji").items()
        if point >= 0x2190 and point not in held and canonical(name) not in icons
    )
    heldout_guard.check_same("emoji", points, heldout.emoji_points("test"))
    for place, point in enumerate(rng.permutation(points).tolist()):
        group, name = f"emoji {place // GROUP}", f"U+{point:04X}"
        colours = []
        for look, prefix in enumerate(EMOJI_SETS, start=1):
            if point in heldout.code_points(prefix):
                drawing = render_svg(icon_set(prefix).svg(heldout.code_points(prefix)[point]))
                picture = on_paper(drawing, side=SIDE)
                colours.append(picture)
                found.add(_placed(picture, rng), group, name, look)
        if point in plain.points:
            found.add(_written(plain.draw(point), rng, bent=False), group, name, 5)
        found.add(_placed(_black(colours[int(rng.integers(len(colours)))]), rng), group, name, 6)


def add_flags(found: TrainingSet, rng: np.random.Generator) -> None:
    """Add flags of other countries and parts of countries, and flags that a program made."""
    held = {*heldout.flag_codes("test"), *heldout.flag_codes("development")}
    found.sources |= {package(f"@iconify-json/{prefix}") for prefix in FLAG_SETS}
    codes: dict[str, list[np.ndarray]] = defaultdict(list)
    for prefix, code, name in _flag_names():
        if code[:2] in held:
            continue
        drawing = render_svg(icon_set(prefix).svg(name))
        codes[code].append(on_paper(drawing, tuple(rng.integers(0, 256, 3).tolist())))
    twins = _twins_of(held)
    for code in [code for code, pictures in codes.items() if any(map(twins, pictures))]:
        del codes[code]
    heldout_guard.check_same("flags", codes, heldout.flag_codes("test"))
    for place, code in enumerate(sorted(codes)):
        for look in range(1, LOOKS + 3):
            flat = codes[code][look % len(codes[code])]
            found.add(_seen(flat, rng), f"flag {place // GROUP}", code, look)
    for place in range(MADE_FLAGS):
        flat = flag(rng)
        for look in range(1, LOOKS + 1):
            found.add(_seen(flat, rng), f"made-flag {place // GROUP}", f"made {place}", look)


def add_scenes(found: TrainingSet, rng: np.random.Generator) -> None:
    """Add overlapping crops of scenes under different light."""
    for place in range(MADE_SCENES):
        window = scene(rng)
        for look in range(1, LOOKS + 1):
            crop = random_crop(window, rng, side=64)
            found.add(crop, f"scene {place // GROUP}", f"made {place}", look)


def add_omniglot(found: TrainingSet, rng: np.random.Generator, data: Path | None) -> None:
    """Add drawings of Omniglot's background set, by some of the drawers of each character."""
    drawings = load_omniglot("background", data_dir=data)
    kept = rng.permutation(20)[:DRAWERS_OF_OMNIGLOT] + 1
    for i in np.flatnonzero(np.isin(drawings.drawer, kept)):
        ink = drawings.images[i, ..., 0]
        alphabet = drawings.alphabet_names[drawings.alphabet[i]]
        name = drawings.character_names[drawings.character[i]]
        shown = _written(ink, rng, bent=False, thicker=True)
        found.add(shown, f"omniglot-{alphabet}", name, int(drawings.drawer[i]))


def _flag_names() -> Iterator[tuple[str, str, str]]:
    """Yield set, code and name of every flag of a country, or of a part of one."""
    for prefix in FLAG_SETS:
        drawings = icon_set(prefix)
        if prefix in ("twemoji", "emojione"):
            for key, name in icon_set("twemoji").characters.items():
                points = [int(part, 16) - 0x1F1E6 + ord("a") for part in key.split("-")]
                pair = len(points) == 2 and all(97 <= point <= 122 for point in points)
                if pair and name in drawings.names:
                    yield prefix, "".join(map(chr, points)), name
        else:
            for name in drawings.names:
                # Others are languages, organisations and former states.
                if re.fullmatch(r"[a-z]{2}(-[a-z]{2,3})?", name) and name[:3] != "en-":
                    yield prefix, name, name


def _twins_of(held: set[str]) -> Callable[[np.ndarray], bool]:
    """Return a test for pictures that look like a held-out flag of the same set."""
    marks = [
        _thumbnail(on_paper(render_svg(icon_set(prefix).svg(name))))
        for prefix, code, name in _flag_names()
        if code in held
    ]
    known = np.stack(marks)

    def is_twin(picture: np.ndarray) -> bool:
        return bool((np.abs(known - _thumbnail(picture)).mean(axis=1) < 8).any())

    return is_twin


def _thumbnail(picture: np.ndarray) -> np.ndarray:
    """Return the middle of a picture, which round flags have too, as few colours."""
    height, width = picture.shape[:2]
    middle = picture[height // 5 : -height // 5, width // 5 : -width // 5]
    small = Image.fromarray(middle).resize((8, 8), Image.Resampling.BOX)
    return np.asarray(small, np.float32).ravel()


def _seen(flat: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give a flag the look of a photograph, at any strength."""
    small = np.asarray(Image.fromarray(flat).resize((96, 72), Image.Resampling.BOX))
    if rng.random() < 0.3:
        return light(small, rng, strength=rng.uniform(0, 0.6))
    return photograph_look(small, rng, strength=rng.uniform(0.4, 1.2))


def _written(
    ink: np.ndarray, rng: np.random.Generator, *, bent: bool, thicker: bool = False
) -> np.ndarray:
    """Show ink on white paper, cropped and placed at random, some of it bolder or finer.

    Args:
        ink: `(height, width)`, uint8.
        rng: Where the look is drawn from.
        bent: Whether it is also sheared and made bolder or finer, as another font would.
        thicker: Whether it is made thicker at random, as thin strokes are.
    """
    image = Image.fromarray(ink)
    if bent:
        shear = rng.uniform(-0.25, 0.25)
        coefficients = (1, shear, -shear * image.height / 2, 0, rng.uniform(0.85, 1.15), 0)
        image = image.transform(image.size, Image.Transform.AFFINE, coefficients)
        bolder = ImageFilter.MaxFilter(3) if rng.random() < 0.6 else ImageFilter.MinFilter(3)
        image = image.filter(bolder)
    if thicker and rng.random() < 0.6:
        image = image.filter(ImageFilter.MaxFilter(int(rng.choice([3, 5, 7]))))
    picture = 255 - np.asarray(image)
    return _placed(np.repeat(picture[..., None], 3, axis=2), rng)


def _placed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Crop a picture to what it shows, most often, and give it margins at random."""
    if rng.random() < 0.3:
        return picture
    rows, columns = np.nonzero((picture < 250).any(axis=2))
    if not len(rows):
        return picture
    shown = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    longest = max(shown.shape[:2])
    side = round(longest * rng.uniform(1.02, 1.6))
    paper = np.full((side, side, 3), 255, np.uint8)
    free = [side - length for length in shown.shape[:2]]
    top, left = (round(length * rng.uniform(0.35, 0.65)) for length in free)
    paper[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return paper


def _black(picture: np.ndarray) -> np.ndarray:
    """Make a black and white drawing of a coloured one: outlines and dark parts."""
    grey = Image.fromarray(picture).convert("L").filter(ImageFilter.GaussianBlur(1))
    values = np.asarray(grey, np.int16)
    edges = np.asarray(grey.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(3)))
    dark = (values < 100) | (edges > 24)
    return np.repeat(np.where(dark, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

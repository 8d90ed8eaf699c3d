"""Glyphs: alphabets of made-up characters, drawn by virtual drawers. Needs no download."""

from typing import NamedTuple

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.images.preprocessing import Preprocessing

CHARACTERS_PER_ALPHABET = 20
# Most images of a set: at 35x35 pixels they take 12 GB, and hours.
_MOST_IMAGES = 10_000_000
# Numbers drawn for a drawing's tremor: x and y of the control points of the most strokes.
_MAX_DRAWS = 4 * 4 * 2


class _Hands(NamedTuple):
    """How each drawer writes; every field has one row per drawer."""

    matrix: np.ndarray  # (drawers, 2, 2): scale, slant and rotation
    offset: np.ndarray  # (drawers, 2), image sides
    radius: np.ndarray  # (drawers,) of the pen, image sides
    tremor: np.ndarray  # (drawers,) of control points, image sides


def make_glyphs(
    *,
    num_alphabets: int = 40,
    characters_per_alphabet: int = CHARACTERS_PER_ALPHABET,
    num_drawers: int = 12,
    size: int = 35,
    seed: int = 0,
) -> ImageDataset:
    """Make alphabets of random characters, each drawn once by every virtual drawer.

    A character is one to four smooth strokes; an alphabet has its own habits (number of strokes,
    how curved). A drawer has a personal hand (pen width, slant, scale, rotation, tremor), the
    same in every alphabet, and never draws a character the same way twice. A larger data set of the
    same seed and size begins with the characters and drawings of the smaller.

    Args:
        num_alphabets: Number of alphabets.
        characters_per_alphabet: Number of characters in each.
        num_drawers: Number of drawers, numbered from 1.
        size: Side of the images in pixels, at least 8.
        seed: Seed of everything random.

    Returns:
        A data set named "glyphs", images `(n, size, size, 1)`, uint8, ink 255, ordered by alphabet,
        character and drawer.

    Raises:
        ValueError: If a number is too small or no integer, or they give over 10 million images.

    Example:
        >>> from keras_siamese import make_glyphs
        >>> make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3).images.shape
        (30, 35, 35, 1)
    """
    _check_numbers(num_alphabets, characters_per_alphabet, num_drawers, size, seed)
    hands = _make_hands(num_drawers, seed)
    drawings, owners = [], []
    for alphabet in range(num_alphabets):
        shapes = make_alphabet(characters_per_alphabet, np.random.default_rng([seed, 0, alphabet]))
        for number, strokes in enumerate(shapes):
            rng = np.random.default_rng([seed, 2, alphabet, number])
            drawings.append(_drawn_by(hands, strokes, rng).reshape(-1, 4, 2))
            first = (alphabet * characters_per_alphabet + number) * num_drawers
            owners.append(np.repeat(np.arange(first, first + num_drawers), len(strokes)))
    num_characters = num_alphabets * characters_per_alphabet
    names = [f"glyphs{i:02d}" for i in range(1, num_alphabets + 1)]
    character = np.repeat(np.arange(num_characters, dtype=np.int32), num_drawers)
    return ImageDataset(
        images=draw_strokes(
            np.concatenate(drawings),
            np.concatenate(owners),
            np.tile(hands.radius, num_characters),
            size=size,
        ),
        alphabet=character // np.int32(characters_per_alphabet),
        character=character,
        drawer=np.tile(np.arange(1, num_drawers + 1, dtype=np.int32), num_characters),
        alphabet_names=tuple(names),
        character_names=tuple(
            f"{name}/character{i:02d}"
            for name in names
            for i in range(1, characters_per_alphabet + 1)
        ),
        name="glyphs",
        preprocessing=Preprocessing(int(size)),
    )


def _check_numbers(
    num_alphabets: int, characters_per_alphabet: int, num_drawers: int, size: int, seed: int
) -> None:
    least = {
        "num_alphabets": (num_alphabets, 1),
        "characters_per_alphabet": (characters_per_alphabet, 1),
        "num_drawers": (num_drawers, 1),
        "size": (size, 8),
        "seed": (seed, 0),
    }
    for argument, (value, minimum) in least.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < minimum:
            raise ValueError(
                f"`{argument}` must be an integer of at least {minimum}. Received: {value!r}. "
                "Pass a larger number."
            )
    count = int(num_alphabets) * int(characters_per_alphabet) * int(num_drawers)
    if count > _MOST_IMAGES:
        raise ValueError(
            "`num_alphabets`, `characters_per_alphabet` and `num_drawers` must give at most "
            f"{_MOST_IMAGES} images together. Received: {count}. Lower one of them."
        )


def _make_hands(num_drawers: int, seed: int) -> _Hands:
    draws = np.array([np.random.default_rng([seed, 1, i]).random(8) for i in range(num_drawers)])
    sign = 2.0 * draws - 1.0
    matrix = _affine(
        turn=np.deg2rad(8.0) * sign[:, 0],
        slant=0.3 * sign[:, 1],
        scale=np.stack([0.8 + 0.13 * sign[:, 2], 0.8 + 0.13 * sign[:, 3]], axis=-1),
    )
    return _Hands(
        matrix=matrix,
        offset=0.04 * sign[:, 4:6],
        radius=0.024 + 0.018 * draws[:, 6],
        tremor=0.045 + 0.035 * draws[:, 7],
    )


def _affine(turn: np.ndarray, slant: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Combine rotation after slant after scale, `(n, 2, 2)`, on (x, y)."""
    cos, sin = np.cos(turn), np.sin(turn)
    rotation = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    shear = np.zeros_like(rotation) + np.eye(2)
    shear[:, 0, 1] = slant
    return rotation @ shear * scale[:, None, :]


def _drawn_by(hands: _Hands, strokes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one character by every drawer, `(drawers, strokes, 4, 2)`."""
    num_drawers = len(hands.radius)
    draws = rng.uniform(-1.0, 1.0, (num_drawers, 6 + _MAX_DRAWS))
    shaky = draws[:, 6 : 6 + strokes.size].reshape(num_drawers, *strokes.shape)
    points = strokes + hands.tremor[:, None, None, None] * shaky
    once = _affine(
        turn=np.deg2rad(10.0) * draws[:, 0],
        slant=0.1 * draws[:, 1],
        scale=1.0 + 0.12 * draws[:, 2:4],
    )
    matrix = (once @ hands.matrix)[:, None]
    offset = hands.offset + 0.07 * draws[:, 4:6]
    return points @ matrix.swapaxes(-1, -2) + offset[:, None, None, :]


# Two strokes of a character, and two characters of an alphabet, are at least this far apart on
# average, in image sides.
_MIN_GAP, _MIN_DIFFERENCE = 0.06, 0.085
# Shortest stroke between its ends, in image sides.
_MIN_LENGTH = 0.25
# Points at which a stroke is sampled, and a whole character, to measure how far apart they are. The
# second is a multiple of 2, 3 and 4 strokes, so that all outlines have the same length.
_STROKE_POINTS, _CHARACTER_POINTS = 12, 24


def make_alphabet(num_characters: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the characters of one alphabet.

    Args:
        num_characters: Number of characters.
        rng: Source of randomness. The first characters do not depend on how many follow.

    Returns:
        One array `(strokes, 4, 2)`, float64, per character: control points (x, y) of cubic Bezier
        curves, image sides, ends in [-0.36, 0.36].
    """
    curved, long = rng.uniform(0.25, 0.85), rng.uniform(0.2, 0.6)
    characters: list[np.ndarray] = []
    outlines = np.empty((num_characters, _CHARACTER_POINTS, 2))
    for made in range(num_characters):
        # A crowded alphabet may have no place left, so the search for a new shape is bounded.
        for _ in range(20):
            count = 2 + int(rng.random() < long) + int(rng.random() < 0.25)
            strokes = _make_character(count, curved, rng)
            outlines[made] = _outline(strokes, _CHARACTER_POINTS)
            there, back = _gaps(outlines[made], outlines[:made])
            if (there + back >= 2 * _MIN_DIFFERENCE).all():
                break
        characters.append(strokes)
    return characters


def _make_character(count: int, curved: float, rng: np.random.Generator) -> np.ndarray:
    strokes: list[np.ndarray] = []
    outlines: list[np.ndarray] = []
    for _ in range(count):
        # A stroke that retraces an earlier one would be invisible; the search is bounded here too.
        for _ in range(10):
            stroke = _next_stroke(strokes, curved, rng)
            points = _outline(stroke, _STROKE_POINTS)
            if not outlines or (_gaps(points, np.stack(outlines))[0] >= _MIN_GAP).all():
                break
        strokes.append(stroke)
        outlines.append(points)
    placed = np.stack(strokes)
    low, high = np.min(outlines, axis=(0, 1)), np.max(outlines, axis=(0, 1))
    # Every character fills the same square along its longer side, as letters on a line do.
    return (placed - (low + high) / 2) * (0.72 / (high - low).max())


def _next_stroke(strokes: list[np.ndarray], curved: float, rng: np.random.Generator) -> np.ndarray:
    start, end = _anchor(rng), _anchor(rng)
    # As in handwriting, most strokes begin on an earlier one: at an end or in its middle.
    if strokes and rng.random() < 0.7:
        time = np.array([0.0, 0.5, 1.0])[int(rng.integers(3))]
        start = bezier(strokes[int(rng.integers(len(strokes)))], np.array([time]))[0]
    while np.hypot(*(end - start)) < _MIN_LENGTH:
        end = _anchor(rng)
    return _stroke(start, end, curved, rng)


def _anchor(rng: np.random.Generator) -> np.ndarray:
    """Draw a point of the 3x4 grid that letters hang on, slightly off."""
    grid = np.array([rng.integers(3) / 2 - 0.5, rng.integers(4) / 3 - 0.5])
    return grid * 0.7 + rng.uniform(-0.05, 0.05, 2)


def _stroke(
    start: np.ndarray, end: np.ndarray, curved: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw a line, an arc, a hook or a wave from `start` to `end`, `(4, 2)`."""
    along = end - start
    across = np.array([-along[1], along[0]])
    first = second = rng.uniform(-0.08, 0.08)
    if rng.random() < curved:
        first = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.3)
        # Bulges of one sign make an arc, of two signs a wave, and a flat second one a hook.
        second = first * np.array([1.0, 1.0, -1.0, 0.1])[int(rng.integers(4))]
    leave, arrive = start + along / 3 + first * across, end - along / 3 + second * across
    return np.stack([start, leave, arrive, end])


def _outline(strokes: np.ndarray, num_points: int) -> np.ndarray:
    """Compute points `(num_points, 2)` of `(4, 2)` or `(strokes, 4, 2)`, as many on each stroke."""
    num_strokes = strokes.size // 8
    return bezier(strokes, np.linspace(0.0, 1.0, num_points // num_strokes)).reshape(-1, 2)


def _gaps(one: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean distance to the nearest, from `one` (p, 2) to each (m, q, 2), and back."""
    x, y = np.moveaxis(one[None, :, None] - others[:, None], -1, 0)
    distance = np.hypot(x, y)
    return distance.min(axis=2).mean(axis=1), distance.min(axis=1).mean(axis=1)


def bezier(strokes: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Compute points of cubic Bezier curves.

    Args:
        strokes: `(..., 4, 2)`, float64, control points.
        times: `(t,)`, float64, [0, 1], where along the curve.

    Returns:
        `(..., t, 2)`, float64.
    """
    rest = 1.0 - times
    basis = np.stack([rest**3, 3 * rest**2 * times, 3 * rest * times**2, times**3], axis=1)
    return basis @ strokes


def draw_strokes(
    strokes: np.ndarray, image: np.ndarray, radius: np.ndarray, *, size: int
) -> np.ndarray:
    """Draw strokes into square images.

    A pixel's ink is the share that the pen covers of it, taken as linear in the distance of its
    centre from the curve over one pixel at the pen's edge.

    Args:
        strokes: `(s, 4, 2)`, float64, control points (x, y) of cubic Bezier curves; image sides,
            with the origin in the middle and y downwards. What lies outside is cut off.
        image: `(s,)`, int, the image that each stroke belongs to.
        radius: `(n,)`, float64, radius of each image's pen in image sides.
        size: Side of the images in pixels.

    Returns:
        `(n, size, size, 1)`, uint8, ink 255 and paper 0.
    """
    pixels = np.zeros(len(radius) * size * size, np.uint8)
    # Twice as many samples as pixels along a side leave no gaps on the longest strokes.
    times = np.linspace(0.0, 1.0, 2 * size)
    reach = int(np.ceil(radius.max(initial=0.0) * size + 0.5))
    # Chunks bound the memory: every sample is an entry of a few arrays.
    for start in range(0, len(strokes), 2048):
        part = slice(start, start + 2048)
        points = (bezier(strokes[part], times) + 0.5) * size - 0.5
        x, y = points[..., 0].ravel(), points[..., 1].ravel()
        owner = np.repeat(image[part], len(times))
        edge = radius[owner] * size + 0.5
        column, row = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
        for i in range(-reach, reach + 1):
            for j in range(-reach, reach + 1):
                distance = np.hypot(row + i - y, column + j - x)
                ink = np.clip(edge - distance, 0.0, 1.0)
                inside = (0 <= row + i) & (row + i < size) & (0 <= column + j) & (column + j < size)
                hit = np.flatnonzero(inside & (ink > 0.0))
                place = (owner[hit] * size + row[hit] + i) * size + column[hit] + j
                np.maximum.at(pixels, place, np.rint(255.0 * ink[hit]).astype(np.uint8))
    return pixels.reshape(len(radius), size, size, 1)

"""Glyphs: alphabets of made-up characters, drawn by virtual drawers. Needs no download."""

from typing import NamedTuple

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.glyph_shapes import make_alphabet
from keras_siamese.data.pen import draw_strokes
from keras_siamese.data.preprocessing import Preprocessing

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

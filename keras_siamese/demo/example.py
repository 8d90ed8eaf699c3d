"""The page's example: an alphabet of made-up characters, each by two drawers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_siamese.data.datasets.glyphs import make_glyphs
from keras_siamese.demo.pad import PAD_SIDE

NUM_CHARACTERS = 6
_SEED = 0


class Drawings(NamedTuple):
    """Pads of an example.

    Attributes:
        names: Of the characters.
        support: `(characters, 420, 420)`, uint8, paper 255, each character once.
        query: `(420, 420)`, uint8, paper 255, one of the characters, drawn by somebody else.
        answer: Its name.
    """

    names: list[str]
    support: np.ndarray
    query: np.ndarray
    answer: str


def example_drawings(number: int = 0) -> Drawings:
    """Return the example.

    Args:
        number: Which character is asked for; numbers beyond the last begin anew.

    Returns:
        The same drawings each time, except for `query` and `answer`.
    """
    glyphs = make_glyphs(
        num_alphabets=1,
        characters_per_alphabet=NUM_CHARACTERS,
        num_drawers=2,
        size=PAD_SIDE,
        seed=_SEED,
    )
    pads = ~glyphs.images[..., 0]
    names = [f"glyph {number}" for number in range(1, NUM_CHARACTERS + 1)]
    asked = number % NUM_CHARACTERS
    by_first, by_second = pads[glyphs.drawer == 1], pads[glyphs.drawer == 2]
    return Drawings(names, by_first, by_second[asked], names[asked])

"""A small set of characters in alphabets, whose images are numbered."""

import numpy as np

from keras_siamese.data import ImageDataset


def characters(counts, num_drawers=4, missing=()):
    """Alphabets of `counts` characters; `missing` holds (character, drawer) never drawn."""
    rows = [
        (alphabet, character, drawer)
        for character, alphabet in enumerate(np.repeat(np.arange(len(counts)), counts))
        for drawer in range(1, num_drawers + 1)
        if (character, drawer) not in missing
    ]
    alphabet, character, drawer = np.array(rows, np.int32).T
    return ImageDataset(
        images=np.arange(len(rows), dtype=np.uint8).repeat(16).reshape(-1, 4, 4, 1),
        alphabet=alphabet,
        character=character,
        drawer=drawer,
        alphabet_names=tuple("abcdefgh"[: len(counts)]),
        character_names=tuple(f"character{number}" for number in range(sum(counts))),
        name="characters",
    )

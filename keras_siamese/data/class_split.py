"""A split by class: some classes are held out, whatever group they belong to."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.dataset import ImageDataset


def split_classes(
    dataset: ImageDataset, *, num_heldout: int, seed: int
) -> tuple[ImageDataset, ImageDataset]:
    """Takes classes drawn at random out of a data set, all of their images together.

    For images without groups, such as a folder of class folders: no image of a held-out class is
    trained on, so that trials on the held-out part ask about new classes. Groups and drawers stay
    in both parts; where they must not, `split_alphabets` splits by both.

    Args:
        dataset: Images of several classes.
        num_heldout: Classes to hold out, at least 2 (a trial needs two); at least 2 stay.
        seed: Seed of the draw.

    Returns:
        The images that stay and those held out, each in their order. The tables of names stay as
        they are.

    Raises:
        ValueError: If fewer than 2 classes would stay or be held out.

    Example:
        >>> from keras_siamese.data import make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=9, num_drawers=2)
        >>> train, validation = split_classes(glyphs, num_heldout=3, seed=0)
        >>> len(train), len(validation)
        (12, 6)
    """
    classes = np.unique(dataset.character)
    if not 2 <= num_heldout <= len(classes) - 2:
        raise ValueError(
            "`num_heldout` must leave at least 2 classes on each side of the "
            f"{len(classes)} classes of {dataset.name!r}, but got {num_heldout}. Give another "
            "number, or more classes."
        )
    chosen = np.random.default_rng(seed).choice(classes, num_heldout, replace=False)
    heldout = np.isin(dataset.character, chosen)
    return dataset.select(indices=~heldout), dataset.select(indices=heldout)

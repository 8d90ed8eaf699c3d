"""Images of one pool laid out by character and drawer."""

from __future__ import annotations

import numpy as np

from keras_siamese.data.dataset import ImageDataset


def image_table(dataset: ImageDataset, pool: np.ndarray) -> np.ndarray:
    """Lay out images by character and drawer.

    Args:
        dataset: The images.
        pool: `(m,)`, integer, the images to lay out, such as those of one alphabet.

    Returns:
        `(characters, drawers)`, int64, the image of each character by each drawer, or -1 where the
        pool has none.

    Raises:
        ValueError: If a drawer has two images of a character, of which the table holds one.
    """
    characters, row = np.unique(dataset.character[pool], return_inverse=True)
    drawers, column = np.unique(dataset.drawer[pool], return_inverse=True)
    table = np.full((len(characters), len(drawers)), -1)
    table[row, column] = pool
    if np.count_nonzero(table >= 0) < len(pool):
        twice = pool[table[row, column] != pool][0]
        raise ValueError(
            "`dataset` must have one image of each character by each drawer. Received: two of "
            f"{dataset.character_names[dataset.character[twice]]!r} by drawer "
            f"{dataset.drawer[twice]} in {dataset.name!r}. Number the images of a character "
            "differently in `drawer`."
        )
    return table

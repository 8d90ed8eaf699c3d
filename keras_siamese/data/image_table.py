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
    """
    characters, row = np.unique(dataset.character[pool], return_inverse=True)
    drawers, column = np.unique(dataset.drawer[pool], return_inverse=True)
    table = np.full((len(characters), len(drawers)), -1)
    table[row, column] = pool
    return table

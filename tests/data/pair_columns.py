"""A table of pairs as one array, to compare two of them."""

import numpy as np


def columns(pairs):
    """Rows `left`, `right` and `same` of a table."""
    return np.stack([pairs.left, pairs.right, pairs.same])

"""Images laid out by character and drawer."""

import numpy as np

from keras_siamese.data import make_glyphs
from keras_siamese.data.image_table import image_table


def test_rows_are_characters_columns_drawers_and_gaps_are_minus_one():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=3, size=8)
    table = image_table(glyphs, np.array([5, 0, 1, 3]))
    np.testing.assert_array_equal(table, [[0, 1, -1], [3, -1, 5]])

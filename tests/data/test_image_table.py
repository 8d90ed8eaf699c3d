"""Images laid out by character and drawer."""

from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data import make_glyphs
from keras_siamese.data.dataset import image_table


def test_rows_are_characters_columns_drawers_and_gaps_are_minus_one():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=3, size=8)
    table = image_table(glyphs, np.array([5, 0, 1, 3]))
    np.testing.assert_array_equal(table, [[0, 1, -1], [3, -1, 5]])


def test_two_images_of_a_character_by_a_drawer_are_refused():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=3, size=8)
    one_drawer = replace(glyphs, drawer=np.ones_like(glyphs.drawer))
    name = glyphs.character_names[0]
    with pytest.raises(ValueError, match=f"one image of each character.*two of '{name}' by drawer"):
        image_table(one_drawer, np.arange(6))

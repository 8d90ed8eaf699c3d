"""The drawing brought to one place and size."""

import numpy as np

from keras_siamese.data.drawing.canvas import SIDE
from keras_siamese.data.drawing.find import FINE, LONGER_SIDE, _sampling
from keras_siamese.data.drawing.numpy_operations import ArrayOperations
from keras_siamese.data.resampling import _axis_weights

OPS = ArrayOperations()


def test_the_fine_square_is_resized_as_pictures_are():
    image = np.random.default_rng(1).random((SIDE, SIDE)).astype(np.float32)
    longer = np.float32(SIDE * LONGER_SIDE)
    rows = _sampling(np.float32(SIDE / 2), longer, OPS)
    assert rows.shape == (FINE, SIDE)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(rows, _axis_weights(SIDE, FINE), atol=1e-4)
    assert (rows @ image).shape == (FINE, SIDE)

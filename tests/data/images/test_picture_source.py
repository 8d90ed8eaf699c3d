"""Following the advice makes an array fit."""

import numpy as np
import pytest

from keras_siamese.data.images.picture_source import advise_shape, advise_values


@pytest.mark.parametrize(
    ("shape", "wanted", "advice"),
    [
        ((4, 3, 9, 7), (9, 7, 3), "np.moveaxis(x, 1, -1)"),
        ((4, 1, 9, 7), (9, 7, 1), "np.moveaxis(x, 1, -1)"),
        ((4, 3, 9, 7), (None, None, 3), "np.moveaxis(x, 1, -1)"),
        ((4, 9, 7, 1), (9, 7, 3), "np.repeat(x, 3, axis=-1)"),
        ((4, 9, 7, 3), (9, 7, 1), "np.dot(x[..., :3], [0.299, 0.587, 0.114])[..., None]"),
        ((4, 9, 7, 4), (9, 7, 1), "np.dot(x[..., :3], [0.299, 0.587, 0.114])[..., None]"),
    ],
)
def test_images_of_another_layout(shape, wanted, advice):
    said = advise_shape(shape, wanted)
    assert advice in said
    mended = eval(advice, {"np": np, "x": np.ones(shape)})  # noqa: S307
    got = mended.shape[1:]
    assert all(want in (None, have) for want, have in zip(wanted, got, strict=True))


@pytest.mark.parametrize(
    ("shape", "wanted", "advice"),
    [
        ((4, 9, 8, 1), (9, 7, 1), "Bring them to 9x7"),
        ((4, 9, 7, 2), (9, 7, 3), "images with 3 channels"),
        ((4, 9), (9, 7, 1), "Reshape them"),
    ],
)
def test_images_that_no_formula_mends(shape, wanted, advice):
    assert advice in advise_shape(shape, wanted)


@pytest.mark.parametrize(
    ("low", "high", "kind", "advice"),
    [
        (-1.0, 0.99, "f", "(x + 1) / 2"),
        (-2.1, 2.6, "f", "subtracting a mean"),
        (-1, 1, "i", "subtracting a mean"),
        (0.0, 255.0, "f", "astype('uint8'), or by x / 255"),
        (0, 255, "i", "astype('uint8')."),
        (0, 65535, "u", "x / 65535"),
        (0.0, 1e6, "f", "Divide by the largest value"),
    ],
)
def test_values_out_of_range(low, high, kind, advice):
    assert advice in advise_values(low, high, kind)

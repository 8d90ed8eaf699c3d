"""The recipe: which network and which blocks, for images of any size."""

import numpy as np
import pytest

from keras_siamese import recipes
from keras_siamese.data import load_arrays
from keras_siamese.models import twin_encoder


@pytest.mark.parametrize("side", [9, 35, 57, 63, 64, 105])
def test_two_or_three_pixels_a_side_are_left_to_compare(monkeypatch, side):
    configs = []
    monkeypatch.setattr(recipes, "train_episodes", lambda *given, **_: configs.append(given[2]))
    rng = np.random.default_rng(0)
    images = load_arrays(rng.random((4, side, side + 2, 1)), ["a", "a", "b", "b"])
    model = recipes.train_recognizer(images, width=1, held_out=0, verbose=0)[0].model
    last = twin_encoder(model).get_layer("flatten").input.shape[1]
    assert last in (2, 3)
    assert configs[0].optimizer == "muon"

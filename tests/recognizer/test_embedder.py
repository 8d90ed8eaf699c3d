"""Raw pictures of every kind are read in one way, and embeddings are checked."""

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, Recognizer
from keras_siamese.evaluation.network import KerasNetwork
from tests.recognizer.drawings import SIDE, drawing, make_network


def test_every_kind_of_image_is_the_same_drawing(known, tmp_path):
    pixels = drawing(1, 2)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    kinds = [
        tmp_path / "x.png",
        str(tmp_path / "x.png"),
        (tmp_path / "x.png").read_bytes(),
        Image.fromarray(pixels),
        Image.fromarray(pixels).convert("RGB"),
        pixels,
        pixels[..., None],
        np.stack([pixels] * 3, axis=-1),
        pixels / 255.0,
        pixels > 127,
        255 - pixels,
        np.where(pixels > 0, 180, 20).astype(np.uint8),
        np.kron(pixels, np.ones((5, 5), np.uint8)),
    ]
    assert {known.predict(kind) for kind in kinds} == {"two"}
    for match in known.rank(kinds, top=1):
        assert match == known.rank(pixels, top=1)


def test_colour_is_read_as_it_is():
    recognizer = Recognizer(make_network(3))
    assert recognizer.preprocessing == Preprocessing(SIDE, "rgb")
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :4, 0] = 255
    recognizer.fit({"red": red, "blue": red[..., ::-1]})
    assert recognizer.predict([red, red[..., ::-1]]) == ["red", "blue"]


def test_a_network_whose_answers_are_not_finite_is_told(network):
    class Broken(KerasNetwork):
        def encode(self, images):
            return np.full((len(images), self.num_features), np.nan, np.float32)

    with pytest.raises(ValueError, match="finite"):
        Recognizer(Broken(network)).embed(drawing(1))

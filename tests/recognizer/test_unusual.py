"""Reasons to doubt an answer are part of it: notes of the reading, and unusual images."""

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, Recognizer
from keras_siamese.data import ReadingWarning
from keras_siamese.evaluation.network import KerasNetwork
from tests.recognizer.drawings import SIDE, SQUARES, drawing


def test_answers_on_images_unlike_the_training_images_carry_a_warning(wary, tmp_path):
    Image.fromarray(SQUARES).save(tmp_path / "squares.png")
    usual, unlike = wary.rank([drawing(3), tmp_path / "squares.png"])
    expected = wary.novelty.scores(wary.embed([drawing(3), SQUARES]))
    assert [usual.novelty, unlike.novelty] == pytest.approx(expected)
    assert usual.novelty < 0.99 <= unlike.novelty and usual.warnings == ()
    (warning,) = unlike.warnings
    assert str(tmp_path / "squares.png") in warning and "unlike the images" in warning
    assert wary.rank(SQUARES).warnings[0].startswith("'picture': it is unlike")
    said = wary.verify(drawing(3), [drawing(3), tmp_path / "squares.png"])
    assert [each.novelty for each in said] == pytest.approx([usual.novelty, unlike.novelty])
    assert [each.warnings for each in said] == [(), (warning,)]
    assert wary.predict([drawing(1), SQUARES])[0] == "one"


def test_without_what_training_images_are_like_nothing_is_said_of_it(known):
    known.novelty = None
    assert known.rank(SQUARES).novelty is None and known.rank(SQUARES).warnings == ()
    assert known.verify(SQUARES, SQUARES).novelty is None


def test_what_the_reading_notes_stands_in_the_answer_and_is_a_warning(network):
    picture = np.full((120, 120), 210, np.uint8)
    picture[55:65, 30:] = picture[20:90, 60:70] = 40
    recognizer = Recognizer(network, Preprocessing(SIDE, paper="find"))
    recognizer.fit([drawing(1), drawing(6)], ["a", "b"])
    with pytest.warns(ReadingWarning) as caught:
        ranked = recognizer.rank([picture, picture, drawing(2)])
    texts = tuple(str(warning.message) for warning in caught)
    assert texts and ranked[0].warnings == ranked[1].warnings == texts
    with pytest.warns(ReadingWarning):
        assert recognizer.verify(picture, picture).warnings == texts


def test_each_image_is_encoded_once_where_novelty_is_told(wary, monkeypatch):
    counted = []
    encode = KerasNetwork.encode
    monkeypatch.setattr(
        KerasNetwork,
        "encode",
        lambda self, images: counted.append(len(images)) or encode(self, images),
    )
    one = drawing(2)
    assert wary.rank([drawing(3), one, one])[0].novelty is not None
    assert counted == [2]
    wary.verify(drawing(3), [one, one, SQUARES])
    assert counted == [2, 1, 2]

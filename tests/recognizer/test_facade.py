"""`Recognizer` as a whole: names, comparisons and neighbours of raw pictures."""

import keras
import numpy as np
import pytest

from keras_siamese import Preprocessing, Recognizer
from keras_siamese.evaluation.network import KerasNetwork
from tests.recognizer.drawings import drawing, same_probability


def test_the_answers_of_one_drawing_are_those_worked_out_by_hand(known):
    ranked = known.rank(drawing(1))
    assert [match.name for match in ranked] == ["one", "two", "six"]
    expected = [same_probability({1}, rows) for rows in ({1}, {1, 2}, {6})]
    np.testing.assert_allclose([match.similarity for match in ranked], expected, rtol=1e-5)
    odds = np.array([p / (1 - p) for p in expected])
    np.testing.assert_allclose(
        [match.probability for match in ranked], odds / odds.sum(), rtol=1e-4
    )
    assert known.predict(drawing(1)) == "one"
    said = known.verify(drawing(1), drawing(1))
    assert said and said.same is True and said.threshold == 0.9
    assert said.probability == pytest.approx(same_probability(set(), set()))
    assert not known.verify(drawing(1), drawing(6))


def test_a_batch_gets_a_list_and_one_image_one_answer(known):
    batch = np.stack([drawing(1), drawing(6)])[..., None]
    assert known.predict(batch) == known.predict(list(batch)) == ["one", "six"]
    assert known.predict([drawing(1)]) == ["one"]
    assert [len(row) for row in known.rank(batch, top=2)] == [2, 2]
    assert known.embed(drawing(1)).shape == (1, 64) and known.embed(batch).shape == (2, 64)
    assert known.embed(batch).dtype == np.float32
    one_to_many = known.verify(drawing(1), batch)
    assert [said.same for said in one_to_many] == [True, False]
    assert one_to_many == known.verify([drawing(1)] * 2, batch)
    assert known.predict(image for image in batch) == ["one", "six"]


def test_each_image_is_encoded_once(network, files, monkeypatch):
    encoded = []
    encode = KerasNetwork.encode
    monkeypatch.setattr(
        KerasNetwork, "encode", lambda self, x: (encoded.append(len(x)), encode(self, x))[1]
    )
    support, queries = files[:5], files[5:]
    recognizer = Recognizer(network, threshold=0.5).fit(support, list("abcde"))
    recognizer.predict(queries)
    assert sum(encoded) == len(support) + len(queries)
    recognizer.rank(queries)
    assert sum(encoded) == len(support) + 2 * len(queries)
    encoded.clear()
    recognizer.verify([files[0]] * 4, files[:4])
    assert sum(encoded) == 1 + 4


def test_bad_arguments_are_told(network, recognizer, known, tmp_path):
    wrong = [
        (lambda: Recognizer(network).predict(drawing(1)), "fitted first"),
        (lambda: Recognizer(network).neighbours(drawing(1)), "fitted first"),
        (lambda: Recognizer(network, Preprocessing(9)), r"\(8, 8, 1\)"),
        (lambda: Recognizer(network, Preprocessing(8, "rgb")), "color"),
        (lambda: Recognizer(network, 8), "Preprocessing"),
        (lambda: Recognizer(network, shots="most"), "mean"),
        (lambda: Recognizer(keras.Sequential([keras.Input((3,))])), "siamese_network"),
        (lambda: known.predict([]), "at least one"),
        (lambda: known.predict(np.zeros((0, 8, 8, 1))), "at least one"),
        (lambda: known.predict({"a": drawing(1)}), "mapping"),
        (lambda: known.predict(None), "NoneType"),
        (lambda: known.rank(drawing(1), top=0), "top"),
        (lambda: known.neighbours(drawing(1), k=0), "`k`"),
        (lambda: known.verify([drawing(1)] * 2, [drawing(1)] * 3), "2 and 3"),
        (lambda: known.predict(drawing(1) / 127.5 - 1), r"\(x \+ 1\) / 2"),
        (lambda: known.predict(np.ones((2, 3, 9, 9))), "moveaxis"),
        (lambda: known.predict(np.full((8, 8), np.nan)), "NaN"),
        (lambda: known.fit({}), "at least one"),
        (lambda: known.fit({"a": []}), "none of 'a'"),
        (lambda: known.fit([drawing(1)] * 2), "labels"),
        (lambda: known.fit({"a": drawing(1)}, split="train"), "with a folder only"),
        (lambda: known.fit(tmp_path), "holds none"),
        (lambda: known.fit([drawing(1)] * 2, ["a"]), "1 labels for 2 images"),
        (lambda: known.fit([drawing(1)] * 2, [0.5, 1.5]), "strings or"),
        (lambda: known.choose_threshold([drawing(1)], [drawing(1)], ["yes"]), "True or False"),
        (lambda: known.encode(np.zeros((1, 8, 8, 1))), "embed"),
        (lambda: known.choose_threshold(drawing(1), drawing(2), [True]), "both True and False"),
        (lambda: known.choose_threshold({"a": drawing(1)}), "1 images of 1 classes"),
        (lambda: known.choose_threshold({"a": [drawing(1), drawing(2)]}), "two classes"),
        (lambda: known.choose_threshold({"a": drawing(1), "b": drawing(2)}), "two images"),
        (lambda: Recognizer.from_preset("omniglt"), "mean 'omniglot'.*Recognizer.load"),
        (lambda: known.save(tmp_path / "x.keras"), r"\.zip"),
        (lambda: known.export(tmp_path / "x", "tflite"), "litert"),
        (lambda: known.export(tmp_path / "x.onnx"), "Rename"),
        (lambda: known.export(tmp_path / "x.tflite", "onnx"), "Rename"),
    ]
    for call, said in wrong:
        with pytest.raises(ValueError, match=said):
            call()
    assert known.classes == ["one", "six", "two"] and list(tmp_path.iterdir()) == []


def test_a_misspelt_keyword_is_told_by_the_name_that_was_called(known, tmp_path):
    with pytest.raises(TypeError, match=r"^fit\(\).*'splt'.*'split'"):
        known.fit(tmp_path, splt="train")
    with pytest.raises(FileNotFoundError, match="nodir"):
        known.save(tmp_path / "nodir" / "a.zip")

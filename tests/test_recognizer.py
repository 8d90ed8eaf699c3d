"""`Recognizer`: names, comparisons and neighbours of raw pictures, by a network told by hand."""

import logging

import keras
import numpy as np
import pytest
from PIL import Image

from keras_siamese import (
    OneShotClassifier,
    Preprocessing,
    Recognizer,
    Verifier,
    evaluate_pairs,
    load_pairs,
    pretrained,
    siamese_network,
)
from keras_siamese.data import ReadingWarning
from keras_siamese.evaluation.network import KerasNetwork
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.models import twin_head

SIDE, BIAS = 8, 3.0


def make_network(channels: int = 1) -> keras.Model:
    """Probability sigmoid(3 - sum of |left - right| over the pixels)."""
    inputs = keras.Input((SIDE, SIDE, channels))
    model = siamese_network(keras.Model(inputs, keras.layers.Flatten()(inputs)))
    kernel = -np.ones((SIDE**2 * channels, 1))
    twin_head(model).set_weights([kernel, np.array([BIAS])])
    return model


@pytest.fixture(scope="module")
def network():
    return make_network()


def drawing(*rows: int, level: int = 0) -> np.ndarray:
    """White paper of 8x8, (8, 8), uint8, with rows of ink."""
    pixels = np.full((SIDE, SIDE), 255, np.uint8)
    pixels[list(rows), 1:7] = level
    return pixels


def same_probability(rows: set[int], others: set[int]) -> float:
    """By hand: each row has six pixels, and counts where one drawing alone has it."""
    return 1 / (1 + np.exp(6 * len(rows ^ others) - BIAS))


@pytest.fixture
def recognizer(network):
    return Recognizer(network, threshold=0.9)


@pytest.fixture
def known(recognizer):
    return recognizer.fit({"one": drawing(1), "two": drawing(1, 2), "six": drawing(6)})


@pytest.fixture
def files(tmp_path):
    """Twelve files, each another drawing."""
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(drawing(number % 8, 3 + number // 8)).save(paths[-1])
    return paths


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


def test_below_the_threshold_a_class_is_unknown(known):
    far = drawing(0, 3, 5)
    assert known.predict([far, drawing(6)]) == ["unknown", "six"]
    known.threshold = None
    assert known.predict(far) in known.classes
    assert known.verify(drawing(1), drawing(1)).threshold == 0.5


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


@pytest.mark.parametrize("layout", ["files", "folders", "mapping", "pair", "beside"])
def test_known_classes_can_be_given_in_many_ways(recognizer, tmp_path, layout):
    drawings = {"a": drawing(1), "b": drawing(6)}
    folder = tmp_path / "known"
    for name, pixels in drawings.items():
        path = folder / (f"{name}.png" if layout == "files" else f"{name}/1.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    images, labels = list(drawings.values()), list(drawings)
    support = {
        "files": (folder,),
        "folders": (str(folder),),
        "mapping": ({"a": drawings["a"], "b": [drawings["b"], drawings["b"]]},),
        "pair": ((np.stack(images)[..., None], np.array(labels)),),
        "beside": (images, labels),
    }[layout]
    assert recognizer.fit(*support) is recognizer
    assert recognizer.classes == ["a", "b"]
    assert recognizer.predict(images) == labels


def test_the_names_of_files_may_hold_the_class(recognizer, tmp_path):
    for name in ("cat_1", "cat_2", "dog_1"):
        Image.fromarray(drawing(int(name[-1]))).save(tmp_path / f"{name}.png")
    assert recognizer.fit(tmp_path, "names").classes == ["cat", "dog"]
    assert recognizer.fit(tmp_path).classes == ["cat_1", "cat_2", "dog_1"]


def test_a_class_cannot_be_named_like_the_answer_for_no_class(recognizer):
    recognizer.fit({"unknown": drawing(1), "a": drawing(6)})
    with pytest.raises(ValueError, match="Rename"):
        recognizer.predict(drawing(1))
    recognizer.threshold = None
    assert recognizer.predict(drawing(1)) == "unknown"


def test_numbers_are_names_too(recognizer):
    recognizer.fit([drawing(1), drawing(6)], [7, 3])
    assert recognizer.classes == [3, 7]
    assert recognizer.predict([drawing(1), drawing(0, 3, 5)]) == [7, "unknown"]


def test_several_images_of_a_class_count_by_their_mean_or_their_best(network):
    recognizer = Recognizer(network)
    recognizer.fit({"a": [drawing(1), drawing(1, 2, 3)], "b": drawing(6)})
    rows = [{1}, {1, 2, 3}]
    logits = [BIAS - 6 * len({1} ^ other) for other in rows]
    assert recognizer.rank(drawing(1))[0].similarity == pytest.approx(
        1 / (1 + np.exp(-np.mean(logits))), rel=1e-5
    )
    recognizer.shots = "best"
    assert recognizer.rank(drawing(1))[0].similarity == pytest.approx(
        1 / (1 + np.exp(-max(logits))), rel=1e-5
    )


def test_neighbours_are_known_images_with_their_files(recognizer, files):
    recognizer.fit(files[:4], ["even", "odd"] * 2)
    near = recognizer.neighbours(files[2], k=2)
    assert (near[0].name, near[0].source) == ("even", str(files[2]))
    assert near[0].similarity == pytest.approx(same_probability(set(), set()))
    assert near[0].similarity >= near[1].similarity
    assert [len(row) for row in recognizer.neighbours(files[:2], k=9)] == [4, 4]
    recognizer.fit([drawing(1)], ["a"])
    assert recognizer.neighbours(drawing(1))[0].source == ""


def test_unreadable_images_are_told_and_leave_a_gap(known, files, tmp_path):
    (tmp_path / "bad.png").write_text("no image")
    told = []
    said = known.predict([files[1], tmp_path / "bad.png"], on_unreadable=told.append)
    assert said[1] is None and isinstance(said[0], str)
    assert len(told) == 1 and "bad.png" in str(told[0])
    with pytest.raises(ValueError, match=r"bad\.png"):
        known.predict([files[1], tmp_path / "bad.png"])
    support = {"a": [tmp_path / "bad.png", files[1]], "b": tmp_path / "bad.png"}
    assert known.fit(support, on_unreadable=told.append).classes == ["a"]
    with pytest.raises(ValueError, match="can be read"):
        known.fit({"b": tmp_path / "bad.png"}, on_unreadable=told.append)


def test_fit_lists_all_unreadable_images_at_once(recognizer, files, tmp_path):
    bad = [tmp_path / f"bad{number}.png" for number in range(3)]
    for file in bad[:2]:
        file.write_text("no image")
    with pytest.raises(ValueError, match=r"3 that cannot: .*bad0\.png.*bad1\.png.*bad2\.png"):
        recognizer.fit([files[0], *bad], ["a", "a", "b", "b"])
    # One error stays what it is.
    with pytest.raises(FileNotFoundError, match=r"bad2\.png"):
        recognizer.fit([files[0], bad[2]], ["a", "b"])
    assert recognizer.classes == []


def test_a_threshold_is_chosen_on_own_pairs(recognizer):
    left = [drawing(1), drawing(1), drawing(6), drawing(6)]
    right = [drawing(1), drawing(1, 2), drawing(6), drawing(1)]
    point = recognizer.choose_threshold(
        left, right, [True, False, True, False], false_accept_rate=0.0
    )
    assert (point.false_accept_rate, point.false_reject_rate) == (0, 0)
    low, high = same_probability({1}, {1, 2}), same_probability(set(), set())
    assert low < recognizer.threshold < high
    assert recognizer.threshold_for(0.0) == recognizer.threshold == point.threshold
    support = {"a": [drawing(1)] * 3, "b": [drawing(6)] * 3}
    point = recognizer.choose_threshold(support)
    assert point.num_same > 0 and point.num_different > 0
    assert recognizer.operating_point == point


def test_a_threshold_is_chosen_on_loaded_pairs(recognizer):
    images = [drawing(1), drawing(1, 2), drawing(6)]
    indices, same = [[0, 1], [0, 2], [1, 2]], [True, False, False]
    reading = recognizer.preprocessing
    data, pairs = load_pairs(images, indices=indices, same=same, preprocessing=reading)
    point = recognizer.choose_threshold(data, pairs)
    left, right = [images[0], images[0], images[1]], [images[1], images[2], images[2]]
    assert point == recognizer.choose_threshold(left, right, same)
    assert evaluate_pairs(recognizer, data, pairs).accuracy == 1
    with pytest.raises(ValueError, match="must be read as the network's images are"):
        recognizer.choose_threshold(*load_pairs(images, indices=indices, same=same, size=4))


def test_a_file_keeps_all_there_is(known, tmp_path):
    known.choose_threshold(
        [drawing(1), drawing(1)], [drawing(1), drawing(6)], [True, False], false_accept_rate=0.0
    )
    known.save(tmp_path / "parts.zip")
    loaded = Recognizer.load(tmp_path / "parts.zip")
    assert loaded.preprocessing == known.preprocessing
    assert loaded.threshold == known.threshold and loaded.thresholds == known.thresholds
    assert loaded.operating_point == known.operating_point
    assert loaded.classes == known.classes and loaded.assumptions == ()
    assert loaded.rank(drawing(1, 3)) == known.rank(drawing(1, 3))
    assert repr(loaded) == repr(known)


def test_a_recognizer_that_is_not_fitted_is_kept_too(recognizer, tmp_path):
    recognizer.preprocessing = Preprocessing(SIDE, polarity="light_on_dark", paper="keep")
    recognizer.save(tmp_path / "parts.zip")
    loaded = Recognizer.load(tmp_path / "parts.zip")
    assert loaded.classes == [] and loaded.preprocessing.polarity == "light_on_dark"


def test_files_of_the_estimators_and_of_keras_are_taken(network, tmp_path, caplog):
    read = Preprocessing(SIDE).read_batch([drawing(1), drawing(6)])
    Verifier(network, threshold=0.25).save(tmp_path / "verifier.zip")
    classifier = OneShotClassifier(network, threshold=0.75, shots="best").fit(read, ["a", "b"])
    classifier.save(tmp_path / "classifier.zip")
    network.save(tmp_path / "network.keras")
    loaded = {path.stem: Recognizer.load(path) for path in tmp_path.iterdir()}
    assert {name: each.threshold for name, each in loaded.items()} == {
        "verifier": 0.25,
        "classifier": 0.75,
        "network": None,
    }
    assert loaded["classifier"].predict([drawing(1), drawing(6)]) == ["a", "b"]
    assert loaded["classifier"].shots == "best"
    expected = same_probability({1}, {1, 2})
    for each in loaded.values():
        assert each.verify(drawing(1), drawing(1, 2)).probability == pytest.approx(expected)


@pytest.mark.parametrize("threshold", [0.25, None])
def test_the_estimators_take_its_file(network, tmp_path, threshold):
    recognizer, path = Recognizer(network, threshold=threshold, shots="best"), tmp_path / "x.zip"
    recognizer.save(path)
    verifier, classifier = Verifier.load(path), OneShotClassifier.load(path)
    images = recognizer.preprocessing.read_batch([drawing(1), drawing(1, 2), drawing(6)])
    said = recognizer.verify([drawing(1)] * 3, [drawing(1), drawing(1, 2), drawing(6)])
    found = verifier.probabilities(images[[0, 0, 0]], images)
    np.testing.assert_allclose(found, [each.probability for each in said], rtol=1e-6)
    assert verifier.threshold == (0.5 if threshold is None else threshold)
    assert verifier.preprocessing == classifier.preprocessing == recognizer.preprocessing
    with pytest.raises(ValueError, match="fit"):
        classifier.predict(images)
    recognizer.fit({"a": drawing(1), "b": [drawing(6), drawing(5, 6)]}).save(path)
    classifier = OneShotClassifier.load(path)
    assert (classifier.threshold, classifier.shots) == (threshold, "best")
    queries = [drawing(1), drawing(5, 6), drawing(0, 3, 4)]
    predicted = classifier.predict(recognizer.preprocessing.read_batch(queries))
    assert predicted.tolist() == recognizer.predict(queries)


def test_what_a_file_does_not_say_is_stated(network, tmp_path, caplog):
    network.save(tmp_path / "network.keras")
    with caplog.at_level(logging.WARNING, "keras_siamese"):
        loaded = Recognizer.load(tmp_path / "network.keras")
    (line,) = [record.getMessage() for record in caplog.records]
    assert loaded.assumptions == (line,) and "network.keras" in line and "auto" in line
    caplog.clear()
    told = Preprocessing(SIDE, polarity="light_on_dark")
    assert Recognizer.load(tmp_path / "network.keras", preprocessing=told).preprocessing == told
    assert not caplog.records


def test_a_shipped_network_has_its_thresholds(network, monkeypatch):
    card = {"image_size": SIDE, "thresholds": {"0.01": 0.9, "0.001": 0.95}}
    monkeypatch.setattr(pretrained, "pretrained_card", lambda name: card)
    monkeypatch.setattr(pretrained, "open_pretrained", lambda name: network)
    assert Recognizer.from_preset("omniglot").threshold == 0.9
    assert Recognizer.from_preset(false_accept_rate=0.001).threshold == 0.95
    with pytest.raises(ValueError, match=r"0\.001, 0\.01"):
        Recognizer.from_preset(false_accept_rate=0.5)


def test_an_unknown_preset_is_told():
    with pytest.raises(ValueError, match="omniglot"):
        Recognizer.from_preset("faces")


@pytest.mark.parametrize("name", ["missing.zip", "folder"])
def test_a_file_that_is_not_there_is_told(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileNotFoundError, match=name):
        Recognizer.load(tmp_path / name)


@pytest.mark.parametrize("name", ["text.zip", "text.keras", "text"])
def test_a_file_without_a_network_is_told(tmp_path, name):
    (tmp_path / name).write_text("no network")
    with pytest.raises(ValueError, match=name):
        Recognizer.load(tmp_path / name)


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan"), "0.5", True])
def test_a_wrong_threshold_is_refused(network, recognizer, threshold):
    with pytest.raises(ValueError, match="threshold"):
        Recognizer(network, threshold=threshold)
    with pytest.raises(ValueError, match="threshold"):
        recognizer.threshold = threshold
    assert recognizer.threshold == 0.9


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


def test_a_network_whose_answers_are_not_finite_is_told(network):
    class Broken(KerasNetwork):
        def encode(self, images):
            return np.full((len(images), self.num_features), np.nan, np.float32)

    with pytest.raises(ValueError, match="finite"):
        Recognizer(Broken(network)).embed(drawing(1))


def test_colour_is_read_as_it_is():
    recognizer = Recognizer(make_network(3))
    assert recognizer.preprocessing == Preprocessing(SIDE, "rgb")
    red = np.zeros((8, 8, 3), np.uint8)
    red[:, :4, 0] = 255
    recognizer.fit({"red": red, "blue": red[..., ::-1]})
    assert recognizer.predict([red, red[..., ::-1]]) == ["red", "blue"]


def test_a_file_changed_by_hand_is_not_believed(known, tmp_path):
    from keras_siamese.models.bundles import read_bundle, write_bundle
    from keras_siamese.saved_recognizer import ARRAYS, SETTINGS

    known.save(tmp_path / "x.zip")
    model, settings, arrays = read_bundle(tmp_path / "x.zip", "Recognizer", SETTINGS, ARRAYS)
    changes = [
        ({"threshold": 2.0}, {}, "threshold"),
        ({"shots": "all"}, {}, "shots"),
        ({"preprocessing": {"size": [8, 8]}}, {}, "preprocessing"),
        ({"operating_point": {"threshold": 1}}, {}, "operating point"),
        ({"report": {"data": "x"}}, {}, "report"),
        ({}, {"counts": np.array([1, 1, 2])}, "embeddings"),
        ({}, {"classes": np.array(["b", "a", "c"])}, "classes"),
        ({}, {"embeddings": arrays["embeddings"][:, :5]}, "features"),
        ({}, {"embeddings": arrays["embeddings"] * np.nan}, "embeddings"),
    ]
    for changed, parts, said in changes:
        path = tmp_path / "changed.zip"
        write_bundle(path, "Recognizer", model, {**settings, **changed}, {**arrays, **parts})
        with pytest.raises(ValueError, match=said):
            Recognizer.load(path)


@pytest.fixture
def wary(known):
    """Knows what drawings of one row are like."""
    rows = [drawing(row, level=5 * step) for row in range(8) for step in range(30)]
    known.novelty = Novelty.fit(known.embed(rows))
    return known


SQUARES = (255 * np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((2, 2)))).astype(np.uint8)


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


def test_a_saved_recognizer_knows_what_training_images_are_like(wary, tmp_path):
    wary.save(tmp_path / "wary.zip")
    loaded = Recognizer.load(tmp_path / "wary.zip")
    assert loaded.rank(SQUARES).novelty == wary.rank(SQUARES).novelty
    assert loaded.classes == wary.classes
    wary.novelty = None
    wary.save(tmp_path / "not.zip")
    assert Recognizer.load(tmp_path / "not.zip").novelty is None
    assert Verifier.load(tmp_path / "wary.zip").threshold == 0.9


def test_a_file_whose_novelty_does_not_fit_is_told(wary, tmp_path):
    wary.novelty = Novelty.fit(np.random.default_rng(0).random((20, 9)))
    wary.save(tmp_path / "wrong.zip")
    with pytest.raises(ValueError, match="novelty has 9 features, and the network gives 64"):
        Recognizer.load(tmp_path / "wrong.zip")

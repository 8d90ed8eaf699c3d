"""Known classes: how they are given, named, ranked, and found by their images."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Recognizer, make_glyphs
from tests.recognizer.drawings import BIAS, drawing, same_probability


def test_below_the_threshold_a_class_is_unknown(known):
    far = drawing(0, 3, 5)
    assert known.predict([far, drawing(6)]) == ["unknown", "six"]
    known.threshold = None
    assert known.predict(far) in known.classes
    assert known.verify(drawing(1), drawing(1)).threshold == 0.5


@pytest.mark.parametrize("layout", ["files", "folders", "mapping", "pair", "arguments"])
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
        "arguments": (images, labels),
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


def test_equal_images_of_two_classes_tie_and_the_first_is_named():
    glyphs = make_glyphs(num_alphabets=5, characters_per_alphabet=20, num_drawers=2)
    images = list(glyphs.images)
    images[63] = images[120] = images[-1] = images[5]
    recognizer = Recognizer.from_preset("omniglot")
    recognizer.preprocessing = replace(recognizer.preprocessing, paper="level")
    recognizer.fit(images, np.arange(len(images)))
    ranked = recognizer.rank(images[5], 4)
    assert [match.name for match in ranked] == [5, 63, 120, len(images) - 1]
    assert len({match.similarity for match in ranked}) == 1

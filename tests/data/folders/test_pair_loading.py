"""Own pairs, in a CSV file, in lists and as places among images: read once, and all faults told."""

import numpy as np
import pytest
from PIL import Image

from keras_siamese import Preprocessing, load_arrays, load_pairs
from keras_siamese.data import LoadedPairs
from keras_siamese.training import pair_batches

SIDE = 8


def drawing(column: int) -> np.ndarray:
    """White paper with a black line."""
    paper = np.full((SIDE, SIDE), 255, np.uint8)
    paper[2:6, column] = 0
    return paper


@pytest.fixture
def folder(tmp_path):
    """Drawings 0.png to 3.png, and one in a folder."""
    (tmp_path / "more").mkdir()
    for column in range(4):
        Image.fromarray(drawing(column)).save(tmp_path / f"{column}.png")
    Image.fromarray(drawing(4)).save(tmp_path / "more" / "4.png")
    return tmp_path


def write(folder, *rows: str, header: str = "left,right,same"):
    table = folder / "pairs.csv"
    table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return table


def check(found: LoadedPairs, pairs: list[tuple[int, int]], same: list[bool]) -> None:
    """The pairs show these drawings."""
    images = [(255 - drawing(column))[..., None] for column in range(5)]
    for sides, left, right in zip(pairs, found.pairs.left, found.pairs.right, strict=True):
        np.testing.assert_array_equal(found.data.images[left], images[sides[0]])
        np.testing.assert_array_equal(found.data.images[right], images[sides[1]])
    assert found.pairs.same.tolist() == same


def test_a_file_is_read_with_each_image_once(folder, monkeypatch):
    read = []
    monkeypatch.setattr(Preprocessing, "read", _counting(Preprocessing.read, read))
    table = write(
        folder,
        "0.png,1.png,1",
        "./0.png,more/4.png,different",
        f"{folder / '1.png'},2.png,TRUE",
        "",
        "more\\4.png, 0.png ,0",
        "3.png,3.png,same",
    )
    found = load_pairs(table, size=SIDE)
    check(found, [(0, 1), (0, 4), (1, 2), (4, 0), (3, 3)], [True, False, True, False, True])
    assert len(read) == len(found.data) == 5
    assert found.data.name == "pairs-pairs"
    assert found.data.preprocessing == Preprocessing(SIDE)
    assert len(set(found.data.labels)) == 5


def _counting(function, calls):
    def counted(self, source):
        calls.append(source)
        return function(self, source)

    return counted


def test_columns_may_be_in_any_order_with_others_and_semicolons(folder):
    table = write(folder, "x;0;1.png;0.png", "y;false;2.png;0.png", header="Who;Same;RIGHT;left")
    check(load_pairs(table, size=SIDE), [(0, 1), (0, 2)], [False, False])


def test_all_bad_lines_are_told_in_one_error(folder):
    (folder / "text.png").write_text("no image")
    table = write(
        folder,
        "0.png,1.png,1",
        "0.png,1.png",
        "0.png,,maybe",
        "0.png,gone.png,1",
        "text.png,1.png,1",
        "2.png,text.png,0",
        "1.png,0.png,0",
        "2.png,2.png,0",
    )
    with pytest.raises(ValueError, match="Correct or remove them") as error:
        load_pairs(table, size=SIDE)
    told = str(error.value)
    assert str(table) in told
    for fault in (
        "line 3 has 2 cells, not 3",
        "line 4 has an empty right and 'maybe' for same, which must be one of 1, true, same, 0,",
        "line 5 has an image that cannot be read",
        "line 6 has an image",
        "line 7 has an image",
        "line 8 says the opposite of the pair of line 2",
        "line 9 calls an image different from itself",
    ):
        assert fault in told
    assert "line 2 has" not in told


def test_of_many_bad_lines_all_have_their_number(folder):
    table = write(folder, *["0.png,1.png,perhaps"] * 30)
    with pytest.raises(ValueError, match="; and also lines 12, 13, 14, .*, 31\\."):
        load_pairs(table, size=SIDE)


def test_pairs_of_unreadable_images_can_be_left_out(folder):
    errors = []
    table = write(folder, "gone.png,1.png,1", "0.png,1.png,1", "gone.png,2.png,0", "2.png,3.png,0")
    found = load_pairs(table, size=SIDE, on_unreadable=errors.append)
    check(found, [(0, 1), (2, 3)], [True, False])
    assert len(errors) == 1
    assert "gone.png" in str(errors[0])
    table = write(folder, "gone.png,1.png,1")
    with pytest.raises(ValueError, match="no pair of such"):
        load_pairs(table, size=SIDE, on_unreadable=errors.append)


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        ("left,right", ["0.png,1.png"], "one column each"),
        ("left,left,right,same", ["0.png,1.png,1.png,1"], "one column each"),
        ("left,right,same", [], "only its header"),
        ("", [], "names its columns. Received: nothing"),
        # Python 3.10's own reader of CSV refuses the NUL.
        ("left,right,\xe4\x00same", ["a,b,c"], "one column each|contains NUL"),
    ],
)
def test_a_wrong_file_is_told(folder, header, rows, told):
    with pytest.raises(ValueError, match=told):
        load_pairs(write(folder, *rows, header=header), size=SIDE)


def test_a_file_that_is_none_is_told(folder):
    for path in ("gone.csv", folder):
        with pytest.raises(FileNotFoundError, match="CSV file"):
            load_pairs(path, size=SIDE)
    with pytest.raises(ValueError, match="CSV file in UTF-8"):
        load_pairs(folder / "0.png", size=SIDE)


def test_lists_and_places_give_the_same_pairs(folder):
    files = [folder / f"{column}.png" for column in range(4)]
    arrays = [drawing(column) for column in range(4)]
    for images in (files, arrays, np.stack(arrays)[..., None], list(map(Image.fromarray, arrays))):
        places = load_pairs(images, indices=[[0, 1], [3, 0]], same=[1, 0], size=SIDE)
        check(places, [(0, 1), (3, 0)], [True, False])
    left, right = [arrays[0], arrays[3]], [arrays[1], arrays[0]]
    found = load_pairs(left, right, np.array([True, False]), size=SIDE)
    check(found, [(0, 1), (3, 0)], [True, False])
    assert len(found.data) == 3


def test_images_of_a_data_set_are_taken_as_they_are():
    data = load_arrays(np.stack([255 - drawing(column) for column in range(4)]), list("aabb"))
    found = load_pairs(data, indices=np.array([[0, 1], [0, 2]]), same=[True, False])
    assert found.data is data
    check(found, [(0, 1), (0, 2)], [True, False])
    with pytest.raises(ValueError, match="read already"):
        load_pairs(data, indices=[[0, 1]], same=[True], size=4)


def test_bad_arguments_are_told():
    images = [drawing(0), drawing(1)]
    for arguments, told in (
        ({"left": images}, "nothing else"),
        ({"left": images, "right": images}, "with right"),
        ({"left": images, "indices": [[0, 1]]}, "with indices"),
        (
            {"left": images, "right": images, "same": [1, 0], "indices": [[0, 1]]},
            "with right, same",
        ),
        ({"left": images, "right": images[:1], "same": [1]}, "2 and 1"),
        ({"left": [], "right": [], "same": []}, "at least one"),
        ({"left": images[0], "right": images, "same": [1]}, "Put a single image into a list"),
        ({"left": images, "right": images, "same": [1, 2]}, "`same`"),
        ({"left": images, "right": images, "same": [1.0, np.nan]}, "`same`"),
        ({"left": images, "right": images, "same": ["same", "different"]}, "`same`"),
        ({"left": images, "indices": [[0, 2]], "same": [1]}, "among the 2 images"),
        ({"left": images, "indices": [0, 1], "same": [1]}, r"shape \(n, 2\)"),
        ({"left": images, "indices": [[0.0, 1.0]], "same": [1]}, "whole numbers"),
        ({"left": images, "indices": [[0, 1]] * 2, "same": [1, 0]}, "opposite"),
        (
            {"left": [images[0], drawing(0) * 0], "indices": [[0, 1]], "same": [0]},
            "image 1 .*blank",
        ),
        ({"left": images, "right": [drawing(0) * 0] * 2, "same": [0, 1]}, "pair 1 "),
    ):
        with pytest.raises(ValueError, match=told):
            load_pairs(size=SIDE, **arguments)
    with pytest.raises(ValueError, match="`size` or `preprocessing`"):
        load_pairs(images, images, [1, 1])


def test_training_takes_the_result(folder):
    data, pairs = load_pairs(write(folder, "0.png,1.png,1", "2.png,3.png,0"), size=SIDE)
    ((batch, same),) = list(pair_batches(data, pairs))
    assert batch["left"].shape == (2, SIDE, SIDE, 1)
    assert sorted(np.ravel(same).tolist()) == [0, 1]

"""Classes by the names of files and by CSV tables, with errors that name file and line."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_siamese.data import load_folder, load_support
from keras_siamese.data.folders.file_labels import NUMBERED
from tests.data.messy_folders import classes, draw


@pytest.fixture
def folder(tmp_path):
    """Images cat_1, cat_2, dog_1 and dog_2, each of another level."""
    for place, name in enumerate(("cat_1", "cat_2", "dog_1", "sub/dog_2")):
        draw(tmp_path / "pets" / f"{name}.png", level=10 * place)
    return tmp_path / "pets"


def labelled(path, **options):
    images, names = load_support(
        path, size=8, paper="keep", on_skipped=lambda file: None, **options
    )
    return {255 - int(image.max()): name for image, name in zip(images, names, strict=True)}


EXPECTED = {0: "cat", 10: "cat", 20: "dog", 30: "dog"}


def test_names_of_files_hold_the_class(folder):
    dataset = load_folder(folder, size=8, labels="names")
    assert dataset.character_names == ("pets/cat", "pets/dog")
    assert dataset.drawer.tolist() == [1, 2, 1, 2]
    assert labelled(folder, labels="names") == EXPECTED


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cat_01", "cat"),
        ("cat.0", "cat"),
        ("cat-3", "cat"),
        ("cat (12)", "cat"),
        ("cat7", "cat"),
        ("cat", "cat"),
        ("black cat_1", "black cat"),
        ("m4 bolt_2", "m4 bolt"),
        ("cat_1b", "cat_1b"),
        ("class_01_02", "class_01"),
        ("猫_3", "猫"),
    ],
)
def test_the_number_at_the_end_is_no_part_of_the_class(tmp_path, name, label):
    draw(tmp_path / f"{name}.png")
    assert load_support(tmp_path, size=8, labels="names")[1] == [label]


@given(st.from_regex(r"[A-Za-z][A-Za-z ]{0,20}[A-Za-z]", fullmatch=True), st.integers(0, 10**6))
def test_a_class_and_a_number_give_the_class(label, number):
    for name in (f"{label}_{number}", f"{label}{number:04}", f"{label} ({number})"):
        assert re.search(NUMBERED, name)[1] == label


@pytest.mark.parametrize("pattern", [r"^([a-z]+)", re.compile("(?P<class>[a-z]+)(_)")])
def test_a_pattern_finds_the_class(folder, pattern):
    assert labelled(folder, labels="names", label_pattern=pattern) == EXPECTED


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "names", "label_pattern": "("}, "must be a regular expression"),
        ({"labels": "names", "label_pattern": 3}, "must be a regular expression"),
        ({"labels": "names", "label_pattern": "cat"}, "one group in parentheses"),
        ({"labels": "names", "label_pattern": "(c)(a)"}, "with 2 groups"),
        (
            {"labels": "names", "label_pattern": "(c.*)"},
            "Received: none in 'dog_1.png'; 'sub/dog_2.png'",
        ),
        ({"label_pattern": "(c)"}, "is for labels='names'. Received: labels='folders'"),
        ({"labels": "nope.csv"}, "must be 'folders', 'names' or a CSV file. Received: 'nope.csv'"),
        ({"labels": ["cat", "dog"]}, "take `load_arrays`"),
        ({"labels": "names", "split": "train"}, "`split` must name one of the splits"),
    ],
)
def test_what_names_no_class_is_refused(folder, options, message):
    for load in (load_folder, load_support):
        with pytest.raises(ValueError, match=message):
            load(folder, size=8, **options)


def test_names_that_are_numbers_alone_are_refused(tmp_path):
    draw(tmp_path / "0001.png")
    with pytest.raises(ValueError, match="Received: none in '0001.png'"):
        load_folder(tmp_path, size=8, labels="names")


def test_a_folder_without_names_is_refused(tmp_path):
    with pytest.raises(ValueError, match="each with its class in its name. Received: none"):
        load_folder(tmp_path, size=8, labels="names")


def test_names_in_splits_need_a_choice(tmp_path):
    draw(tmp_path / "train" / "cat_1.png")
    draw(tmp_path / "test" / "cat_2.png")
    with pytest.raises(ValueError, match="look like parts of one data set"):
        load_folder(tmp_path, size=8, labels="names")
    assert len(load_folder(tmp_path, size=8, labels="names", split="train")) == 1
    assert len(load_folder(tmp_path, size=8, labels="names", split="all")) == 2


ROWS = ["cat_1.png,cat", "cat_2.png,cat", "dog_1.png,dog", "sub/dog_2.png,dog"]


def table(path, header, rows, **options):
    path.write_text("\n".join([header, *rows]) + "\n", **options)
    return path


@pytest.mark.parametrize("header", ["file,class", "Filename,Label", "image , species", "Image,Id"])
def test_a_table_names_the_classes(folder, tmp_path, header):
    path = table(tmp_path / "labels.csv", header, ROWS)
    assert labelled(folder, labels=path) == EXPECTED
    dataset = load_folder(folder, size=8, labels=str(path))
    assert dataset.character_names == ("pets/cat", "pets/dog")


def test_tables_as_programs_write_them(folder):
    plain = [row.split(",") for row in ROWS]
    path = folder / "labels.csv"
    # Excel's mark, semicolons and line ends.
    lines = ["File;Class", *(f'"{file}";{name}' for file, name in plain), ""]
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert labelled(folder, labels="labels.csv") == EXPECTED
    lines = ["x\tid\tbreed", *(f"1\t{file[:-4]}\t{name}" for file, name in plain)]
    path.write_text("\n".join(lines))
    assert labelled(folder, labels=path) == EXPECTED
    path.write_text("\n".join(["class,file", *(f"{n},{f}".replace("/", "\\") for f, n in plain)]))
    assert labelled(folder, labels=path) == EXPECTED


def test_names_with_commas_quotes_and_line_ends(tmp_path):
    draw(tmp_path / "a,b.png")
    (tmp_path / "labels.csv").write_text('file,class\n"a,b.png","the ""big""\none"\n')
    assert load_support(tmp_path, size=8, labels="labels.csv")[1] == ['the "big"\none']


def test_a_table_may_name_groups_and_splits(folder, tmp_path):
    rows = [f"{row},{kind},{split}" for row, kind, split in
            zip(ROWS, "AABB", ("train", "test", "train", "test"), strict=True)]  # fmt: skip
    path = table(tmp_path / "labels.csv", "file,class,group,split", rows)
    with pytest.raises(ValueError, match="`split` must name one of the splits"):
        load_folder(folder, size=8, labels=path)
    dataset = load_folder(folder, size=8, labels=path, split="all")
    assert dataset.character_names == ("A/cat", "B/dog")
    with pytest.warns(UserWarning, match="not in 'labels.csv'"):
        assert len(load_folder(folder, size=8, labels=path, split="train")) == 2


def test_a_column_of_other_sets_is_no_split(folder, tmp_path):
    rows = [f"{row},{kind}" for row, kind in zip(ROWS, "ABAB", strict=True)]
    path = table(tmp_path / "labels.csv", "file,class,set", rows)
    assert len(load_folder(folder, size=8, labels=path)) == 4


def test_images_that_the_table_does_not_name_are_told(folder):
    path = table(folder / "labels.csv", "file,class", ROWS[:2])
    with pytest.warns(UserWarning) as told:
        assert len(load_folder(folder, size=8, labels=path)) == 2
    said = str(told[0].message)
    assert "dog_1.png" in said and "dog_2.png" in said and "labels.csv' (" not in said


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("a,b", ROWS, r"must have a column 'file' in its first line. Received: \['a', 'b'\]"),
        ("cat_1.png,cat", ROWS, "must have a column 'file'"),
        ("file", ["cat_1.png"], "must have a column 'class'"),
        ("id,x", ROWS, "must have columns 'file' and 'class'"),
        ("path,image,class", ROWS, "'path' and 'image', which may both be it"),
        ("file,class", [ROWS[0], "cat_2.png", "dog_1.png,"],
         "line 3 has 1 cells, not 2; line 4 has an empty class"),
        ("file,class", [*ROWS, "a,b,c"], "line 6 has 3 cells"),
        ("file,class", [*ROWS, "", "gone.png,cat"], r"line 7: there is no file 'gone.png' in"),
        ("file,class", [*ROWS, "./cat_1.png,dog"], "line 6: './cat_1.png' is on line 2 already"),
        ("file,class", [], "Received: only its header"),
        ("", [], "names its columns. Received: nothing"),
        ("file,class", ['"cat_1.png,cat'], "must be a CSV file in UTF-8. Received"),
        ("file,class", ["sub,cat"], "line 2: there is no file 'sub'"),
    ],
)  # fmt: skip
def test_damaged_tables_are_refused_by_line(folder, tmp_path, header, rows, message):
    path = table(tmp_path / "labels.csv", header, rows)
    with pytest.raises(ValueError, match=message) as refusal:
        load_folder(folder, size=8, labels=path)
    assert "labels.csv" in str(refusal.value)


def test_a_table_in_another_encoding_is_refused(folder):
    path = table(folder / "labels.csv", "file,class", ["cat_1.png,Kätzchen"], encoding="latin-1")
    with pytest.raises(ValueError, match="must be a CSV file in UTF-8"):
        load_folder(folder, size=8, labels=path)


def test_many_problems_are_one_error(folder, tmp_path):
    path = table(tmp_path / "labels.csv", "file,class", [f"{n}.png,cat" for n in range(30)])
    with pytest.raises(ValueError, match=r"line 11: .*; and 20 more lines"):
        load_folder(folder, size=8, labels=path)


def test_missing_files_can_be_passed_over(folder, tmp_path):
    path = table(tmp_path / "labels.csv", "file,class", [*ROWS, "gone.png,cat"])
    errors: list[Exception] = []
    dataset = load_folder(folder, size=8, labels=path, on_unreadable=errors.append)
    assert len(dataset) == 4
    (error,) = errors
    assert isinstance(error, FileNotFoundError) and "line 6" in str(error)


def test_a_class_folder_tree_can_be_named_by_a_table(tmp_path):
    root = classes(tmp_path / "things", number=2, images=1)
    path = table(tmp_path / "labels.csv", "file,class", ["c0/0.png,x", "c1/0.png,x"])
    assert load_support(root, size=8, labels=path)[1] == ["x", "x"]
    assert np.unique(load_folder(root, size=8, labels=path).character).tolist() == [0]

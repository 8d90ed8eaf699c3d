"""Folders such as train and test are never alphabets or classes, and real alphabets stay."""

import shutil

import numpy as np
import pytest

from keras_siamese.data import load_folder, load_support
from keras_siamese.data.folders.folder_splits import part_of
from tests.data.messy_folders import classes, draw


def splits(root, *names, images=3):
    """The same six classes in each of some folders, other images in each."""
    for place, name in enumerate(names):
        classes(root / name, images=images, start=images * place)
    return root


@pytest.mark.parametrize(
    "names",
    [
        ("train", "val", "test"),
        ("Train", "Valid"),
        ("TRAINING", "Testing"),
        ("training_set", "test_set"),
        ("seg_train", "seg_test", "seg_pred"),
        ("train_images", "validation-images", "dev"),
        ("trainset", "testset"),
        ("train", "test", "samples"),
        ("fold_1", "fold_2", "fold_3"),
        ("train1", "train2"),
    ],
)
@pytest.mark.parametrize("load", [load_folder, load_support])
def test_splits_are_refused_with_advice(tmp_path, names, load):
    root = splits(tmp_path / "data", *names)
    with pytest.raises(ValueError, match="look like parts of one data set") as refusal:
        load(root, size=8)
    said = str(refusal.value)
    assert "split='all'" in said and "--split" in said and "rename them" in said
    assert any(f"'{root}/{name}'" in said for name in names)


@pytest.mark.parametrize(
    ("split", "folder"),
    [("train", "Training"), ("val", "valid"), ("VALIDATION", "valid"), ("test", "test_set")],
)
def test_one_split_is_read_as_its_folder_is(tmp_path, split, folder):
    root = splits(tmp_path / "data", "Training", "valid", "test_set")
    chosen, named = load_folder(root, size=8, split=split), load_folder(root / folder, size=8)
    np.testing.assert_array_equal(chosen.images, named.images)
    assert chosen.character_names == named.character_names
    assert load_support(root, size=8, split=split)[1] == list(
        np.repeat([f"c{number}" for number in range(6)], 3)
    )


def test_all_splits_together_are_the_classes_once(tmp_path):
    split = load_folder(splits(tmp_path / "data", "train", "val", "test"), size=8, split="all")
    flat = load_folder(classes(tmp_path / "flat" / "data", images=9), size=8)
    assert split.character_names == flat.character_names
    assert sorted(map(bytes, split.images)) == sorted(map(bytes, flat.images))
    assert len(split) == 54


def test_splits_below_the_classes_are_no_classes(tmp_path):
    for place, split in enumerate(("train", "test")):
        for name in ("cat", "dog"):
            draw(tmp_path / "data" / name / split / "1.png", level=50 * place)
    root = tmp_path / "data"
    with pytest.raises(ValueError, match="'test' and 'train' in them look like parts"):
        load_folder(root, size=8)
    dataset = load_folder(root, size=8, split="test", paper="keep")
    assert dataset.character_names == ("data/cat", "data/dog")
    assert dataset.images.max() == 205
    assert len(load_folder(root, size=8, split="all")) == 4


def test_splits_of_alphabets_and_below_another_folder_are_seen(tmp_path):
    for split in ("train", "test"):
        for name in ("Greek/alpha", "Latin/a"):
            draw(tmp_path / "outer" / "data" / split / name / "1.png")
    for root in (tmp_path / "outer", tmp_path / "outer" / "data"):
        with pytest.raises(ValueError, match="look like parts of one data set"):
            load_folder(root, size=8)
    dataset = load_folder(tmp_path / "outer" / "data", size=8, split="train")
    assert dataset.character_names == ("Greek/alpha", "Latin/a")


def test_a_labelled_and_an_unlabelled_split_are_seen(tmp_path):
    classes(tmp_path / "train", number=2)
    draw(tmp_path / "test" / "1.png")
    with pytest.raises(ValueError, match="look like parts of one data set"):
        load_folder(tmp_path, size=8)
    assert len(load_folder(tmp_path, size=8, split="train")) == 6
    with pytest.raises(ValueError, match="Received: the file '1.png'"):
        load_folder(tmp_path, size=8, split="test")


def test_splits_without_classes_are_no_two_classes(tmp_path):
    for split in ("train", "test"):
        draw(tmp_path / split / "cat_1.png")
    with pytest.raises(ValueError, match="look like parts of one data set"):
        load_folder(tmp_path, size=8)


@pytest.mark.parametrize(
    "names",
    [
        ("Greek/alpha", "Latin/a"),
        ("Greek/character01", "Latin/character01"),
        # The class of a vehicle.
        ("train", "plane", "bus"),
        ("land/train", "land/bus", "water/ship"),
        ("test", "control"),
        ("valid", "invalid"),
        ("writer1/genuine", "writer1/forged", "writer2/genuine", "writer2/forged"),
        ("train/steam", "train/diesel", "bus/steam"),
        ("train/steam", "test/tube", "bus/coach"),
        ("set1/a", "set2/a"),
        ("train/a", "train/b"),
    ],
)
def test_real_alphabets_and_classes_are_taken(tmp_path, names):
    for name in names:
        draw(tmp_path / "data" / name / "1.png")
    dataset = load_folder(tmp_path / "data", size=8)
    lone = "/" not in names[0]
    assert dataset.character_names == tuple(
        sorted(f"data/{name}" if lone else name for name in names)
    )


@pytest.mark.parametrize("split", ["dev", "greek", "", "fold"])
def test_a_split_that_is_not_there_is_refused(tmp_path, split):
    root = splits(tmp_path / "data", "train", "test")
    with pytest.raises(ValueError, match="`split` must be 'all' or name one of the splits"):
        load_folder(root, size=8, split=split)


@pytest.mark.parametrize("split", ["train", 3])
def test_a_split_of_a_folder_without_splits_is_refused(tmp_path, split):
    with pytest.raises(ValueError, match="`split` must name one of the splits"):
        load_folder(classes(tmp_path), size=8, split=split)


def test_a_doubtful_split_is_refused(tmp_path):
    root = splits(tmp_path / "data", "train", "test1", "test2")
    with pytest.raises(ValueError, match="'test1', 'test2' and 'train'"):
        load_folder(root, size=8, split="test")
    assert len(load_folder(root, size=8, split="test2")) == 18


def test_names_that_say_no_part():
    assert {part_of(name) for name in ("contest", "trainer", "latest", "data", "set", "", "1")} == {
        None
    }


def test_the_report_is_of_a_split_alone_or_of_all(tmp_path):
    shutil.copytree(splits(tmp_path / "data", "train", "test"), tmp_path / "copy")
    (tmp_path / "copy" / "train" / "c0" / "notes.txt").write_text("hello")
    with pytest.warns(UserWarning, match="notes.txt"):
        load_folder(tmp_path / "copy", size=8, split="train")

"""One rule says what is an image, what is left out, and what is reported about it."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from keras_siamese.data import SkippedFile, find_images, load_folder, load_support
from keras_siamese.data.folders.folder_layout import describe_skipped, scan_folder
from tests.data.messy_folders import classes, draw, mess


def test_mess_is_left_out_and_told_and_the_classes_are_those_of_a_clean_folder(tmp_path):
    clean = load_folder(classes(tmp_path / "clean" / "things"), size=8)
    root = classes(tmp_path / "messy" / "things")
    expected = mess(root)
    skipped: list[SkippedFile] = []
    messy = load_folder(root, size=8, on_skipped=skipped.append)
    np.testing.assert_array_equal(messy.images, clean.images)
    assert messy.character_names == clean.character_names
    assert sorted(file.path for file in skipped) == sorted(expected)


def test_all_loaders_leave_out_the_same(tmp_path):
    root = classes(tmp_path / "things")
    mess(root)
    told: list[list[SkippedFile]] = [[], [], []]
    load_folder(root, size=8, on_skipped=told[0].append)
    load_support(root, size=8, on_skipped=told[1].append)
    find_images(root, told[2].append)
    assert told[0] == told[1] == told[2]


def test_reasons_name_what_is_wrong(tmp_path):
    root = classes(tmp_path / "things")
    mess(root)
    skipped: list[SkippedFile] = []
    scan_folder(root, skipped.append)
    reasons = {str(file.path.relative_to(root)): file.reason for file in skipped}
    assert reasons["README.txt"] == "no image by its name and its first bytes"
    assert reasons["c1/Icon\r"] == "left by the system or a file manager"
    assert reasons["c2/@eaDir"] == "left by the system or a file manager"
    assert reasons["c0/gone.png"] == reasons["c0/round.png"] == "a link that leads nowhere"
    assert reasons["c2/above"] == "a link to a folder that it lies in"
    assert reasons["c2/pipe.png"] == "a pipe, socket or device"
    assert reasons["empty"] == reasons["notebooks"] == "a folder without images"
    assert reasons["c1/.DS_Store"] == "hidden"
    expected = {str(file.path.relative_to(root)) for file in skipped if file.expected}
    assert expected == {
        "c1/.DS_Store",
        "c1/Thumbs.db",
        "c1/desktop.ini",
        "__MACOSX",
        ".ipynb_checkpoints",
    }


def test_one_warning_tells_of_all_that_is_left_out_and_names_the_caller(tmp_path):
    root = classes(tmp_path / "things")
    for name in "abcdefghijk":
        (root / f"{name}.txt").write_text("hello")
    (root / "c0" / ".DS_Store").write_bytes(b"")
    with pytest.warns(UserWarning) as told:
        load_folder(root, size=8)
    (warning,) = told
    assert "a.txt', " in str(warning.message) and "and 1 more" in str(warning.message)
    assert "DS_Store" not in str(warning.message)
    assert warning.filename == __file__
    with pytest.warns(UserWarning, match="a.txt") as told:
        load_support(root, size=8)
    assert told[0].filename == __file__


def test_hidden_files_are_left_out_without_a_warning(tmp_path):
    root = classes(tmp_path / "things")
    (root / "c0" / ".DS_Store").write_bytes(b"")
    (root / "Thumbs.db").write_bytes(b"")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(load_folder(root, size=8)) == 18


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_an_image_without_an_ending_is_known_by_its_first_bytes(tmp_path, kind):
    root = classes(tmp_path / "things", number=1)
    path = root / "c0" / "subject01.glasses"
    Image.fromarray(np.zeros((5, 7, 3), np.uint8)).save(path, format=kind)
    assert path in find_images(root)


@pytest.mark.parametrize(
    "start", [b"", b"BM is short for", b"P5 is a prime", b"\xef\xbb\xbffile,class", b"%PDF-1.7"]
)
def test_text_is_no_image_by_its_first_bytes(tmp_path, start):
    root = classes(tmp_path / "things", number=1)
    (root / "c0" / "README").write_bytes(start + b" and much else that is no image")
    skipped: list[SkippedFile] = []
    assert len(find_images(root, skipped.append)) == 3
    assert [file.path.name for file in skipped] == ["README"]


@pytest.mark.parametrize("name", ["bad.jpg", "bad.PNG", "bad.heic", "bad.svg"])
def test_what_should_be_an_image_and_cannot_be_read_is_an_error(tmp_path, name):
    root = classes(tmp_path / "things", number=1)
    (root / "c0" / name).write_text("<html>not found</html>")
    with pytest.raises(ValueError, match=name):
        load_folder(root, size=8)


@given(name=st.text(min_size=1, max_size=20), content=st.binary(max_size=40))
def test_a_file_is_an_image_or_is_told(tmp_path_factory, name, content):
    root = tmp_path_factory.mktemp("any")
    draw(root / "whole.png")
    try:
        (root / name).write_bytes(content)
    except (ValueError, OSError):
        # No name of a file, such as "..", or one too long.
        return
    skipped: list[SkippedFile] = []
    images = find_images(root, skipped.append)
    listed = sorted([*images, *(file.path for file in skipped)])
    assert listed == sorted(root.iterdir())


def test_find_images_goes_through_all_folders(tmp_path):
    files = [draw(tmp_path / name) for name in ("b.png", "a/2.png", "a/x/1.png", "a/10.jpg")]
    (tmp_path / "linked").symlink_to(tmp_path / "a" / "x", target_is_directory=True)
    assert sorted(find_images(tmp_path)) == sorted([*files, tmp_path / "linked" / "1.png"])
    assert find_images(tmp_path) == find_images(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError, match="must hold images. Received: none"):
        find_images(tmp_path, lambda file: None)


def test_many_files_of_one_reason_are_one_line():
    files = [SkippedFile(Path(f"a/{number}.txt"), "text") for number in range(12)]
    (line,) = describe_skipped(files)
    assert line.startswith("'a/0.txt', ") and line.endswith("'a/9.txt' and 2 more (text)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_is_an_error(tmp_path):
    root = classes(tmp_path / "things", number=2)
    (root / "c1").chmod(0)
    try:
        with pytest.raises(PermissionError, match="c1"):
            load_folder(root, size=8)
    finally:
        (root / "c1").chmod(0o700)


def test_what_cannot_be_called_is_refused(tmp_path):
    for load in (load_folder, load_support):
        with pytest.raises(ValueError, match="`on_skipped` must be a function"):
            load(classes(tmp_path), size=8, on_skipped=True)

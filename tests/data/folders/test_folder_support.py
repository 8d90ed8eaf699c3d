import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import load_support


def write(path, level=0):
    """A dot of a level on a ground of level 100."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((3, 3), 100, np.uint8)
    pixels[1, 1] = level
    Image.fromarray(pixels).save(path)


def test_class_folders_and_single_images_are_the_same_support(tmp_path):
    for name, level in (("nut", 50), ("bolt.m4", 200)):
        write(tmp_path / "folders" / name / "any.png", level)
        write(tmp_path / "single" / f"{name}.png", level)
    (tmp_path / "single" / ".hidden").write_text("x")
    folders, single = (
        load_support(tmp_path / name, size=3, paper="keep") for name in ("folders", "single")
    )
    assert folders[1] == single[1] == ["bolt.m4", "nut"]
    np.testing.assert_array_equal(folders[0], single[0])
    # Of the nut the dot is darker than the ground, of the bolt it is lighter.
    assert single[0][:, 1, 1, 0].tolist() == [200, 255 - 50]


def test_a_class_may_have_several_images(tmp_path):
    for number in range(2):
        write(tmp_path / "a" / f"{number}.png", number)
    write(tmp_path / "b" / "0.png", 9)
    assert load_support(tmp_path, size=3)[1] == ["a", "a", "b"]


def test_classes_of_several_alphabets_go_by_both_names(tmp_path):
    for alphabet in ("Greek", "Latin"):
        write(tmp_path / alphabet / "a" / "1.png", 0)
    assert load_support(tmp_path, size=3)[1] == ["Greek/a", "Latin/a"]


def test_two_images_of_one_name_are_refused(tmp_path):
    write(tmp_path / "nut.png", 0)
    write(tmp_path / "nut.bmp", 0)
    with pytest.raises(ValueError, match=r"'nut.bmp' and 'nut.png', which both name 'nut'"):
        load_support(tmp_path, size=3)


def test_unreadable_files_are_left_out_and_told(tmp_path):
    write(tmp_path / "a.png", 0)
    (tmp_path / "b.png").write_text("no image")
    errors: list[Exception] = []
    assert load_support(tmp_path, size=3, on_unreadable=errors.append)[1] == ["a"]
    assert "b.png" in str(errors[0])
    with pytest.raises(ValueError, match=r"b.png' must be an image"):
        load_support(tmp_path, size=3)


def test_folders_without_an_image_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: nothing"):
        load_support(tmp_path, size=3)
    (tmp_path / "b.png").write_text("no image")
    with pytest.raises(ValueError, match="none of which can|one that cannot"):
        load_support(tmp_path, size=3, on_unreadable=lambda error: None)
    with pytest.raises(FileNotFoundError, match="which is not there"):
        load_support(tmp_path / "missing", size=3)

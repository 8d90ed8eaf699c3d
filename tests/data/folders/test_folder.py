import numpy as np
import pytest
from PIL import Image

from keras_siamese.data import Preprocessing, load_folder


def write(root, **files):
    """Writes images; a key such as `cat__2` is the file 2.png of the folder cat."""
    for name, pixels in files.items():
        path = root / (name.replace("__", "/") + ".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


GREY = np.array([[0, 60], [200, 255]])
RED = np.zeros((2, 2, 3)) + [255, 0, 0]
RED[1, 1] = 255


def test_class_folders_are_one_alphabet(tmp_path):
    write(tmp_path / "pets", dog__b=GREY, dog__a=255 - GREY, cat__1=GREY + 0)
    (tmp_path / "pets/cat/.DS_Store").write_bytes(b"")
    (tmp_path / "pets/Thumbs.db").write_bytes(b"")
    dataset = load_folder(tmp_path / "pets", size=2, polarity="dark_on_light")
    assert dataset.name == "folder-pets"
    assert dataset.alphabet_names == ("pets",)
    assert dataset.character_names == ("pets/cat", "pets/dog")
    assert dataset.character.tolist() == [0, 1, 1]
    assert dataset.drawer.tolist() == [1, 1, 2]
    assert dataset.images[1, 1, 1, 0] == 255  # dog/a goes before dog/b


def test_alphabets_hold_class_folders(tmp_path):
    write(tmp_path / "all", Greek__beta__1=GREY, Greek__alpha__1=GREY, Aztec__one__1=GREY)
    dataset = load_folder(tmp_path / "all", size=2)
    assert dataset.alphabet_names == ("Aztec", "Greek")
    assert dataset.character_names == ("Aztec/one", "Greek/alpha", "Greek/beta")
    assert dataset.alphabet.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"polarity": "dark_on_light"}, 255 - GREY),
        ({"polarity": "light_on_dark"}, GREY),
    ],
)
def test_dark_ink_is_turned_bright(tmp_path, options, expected):
    write(tmp_path, a__1=GREY)
    np.testing.assert_array_equal(load_folder(tmp_path, size=2, **options).images[0, ..., 0],
                                  expected)  # fmt: skip


def test_colour_has_three_channels_and_grey_one(tmp_path):
    write(tmp_path, a__1=RED, b__1=GREY)
    rgb = load_folder(tmp_path, size=2, color="rgb", polarity="light_on_dark").images
    np.testing.assert_array_equal(rgb[0], RED)
    np.testing.assert_array_equal(rgb[1], np.repeat(GREY[..., None], 3, axis=-1))
    as_it_is = {"polarity": "light_on_dark", "paper": "keep"}
    assert load_folder(tmp_path, size=2, **as_it_is).images[0, 0, 0].tolist() == [76]


def test_images_of_all_shapes_are_stretched_to_one(tmp_path):
    halves = [np.repeat([[9], [200]], [side, side], axis=0) for side in (9, 3)]
    write(tmp_path, a__1=np.tile(halves[0], 7), a__2=np.tile(halves[1], 30))
    dataset = load_folder(tmp_path, size=(6, 4), polarity="light_on_dark", paper="keep")
    expected = np.tile(np.repeat([9, 200], 3)[:, None, None], (2, 1, 4, 1))
    np.testing.assert_array_equal(dataset.images, expected)
    assert dataset.preprocessing == Preprocessing((6, 4), "grey", "light_on_dark", "keep")


def test_a_file_that_is_no_image_is_named(tmp_path):
    write(tmp_path, a__1=GREY)
    (tmp_path / "a" / "2.png").write_text("hello")
    with pytest.raises(ValueError, match=r"a/2.png' must be an image file.*take it out"):
        load_folder(tmp_path, size=2)


def test_a_truncated_image_is_named(tmp_path):
    write(tmp_path, a__1=np.random.default_rng(0).integers(0, 256, (50, 50)))
    path = tmp_path / "a" / "1.png"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"a/1.png' must be an image file"):
        load_folder(tmp_path, size=2)


def test_files_that_cannot_be_read_are_left_out_and_told(tmp_path):
    write(tmp_path, a__1=GREY, a__2=GREY, b__1=GREY, c__1=GREY)
    for name in ("a/1.png", "b/1.png"):
        (tmp_path / name).write_text("no image")
    errors: list[Exception] = []
    dataset = load_folder(tmp_path, size=2, on_unreadable=errors.append)
    assert [str(tmp_path / name) in str(error) for name, error in
            zip(("a/1.png", "b/1.png"), errors, strict=True)] == [True, True]  # fmt: skip
    # The class b has nothing left.
    assert [name.split("/")[1] for name in dataset.character_names] == ["a", "c"]
    assert dataset.character.tolist() == [0, 1]
    assert dataset.drawer.tolist() == [1, 1]


def test_a_folder_without_a_readable_image_is_refused(tmp_path):
    write(tmp_path, a__1=GREY)
    (tmp_path / "a" / "1.png").write_text("no image")
    with pytest.raises(ValueError, match="none of which can|one that cannot"):
        load_folder(tmp_path, size=2, on_unreadable=lambda error: None)


@pytest.mark.parametrize(
    ("files", "folders", "message"),
    [
        ({}, [], "must hold class folders only. Received: nothing"),
        ({"1": GREY}, [], "must hold class folders only. Received: the file '1.png'"),
        ({}, ["b"], "must hold class folders only. Received: nothing"),
        ({"a__1": GREY, "b__x__1": GREY}, [], "Received: folders in 'b' and none in 'a'"),
        ({"a__x__1": GREY, "a__1": GREY}, [], "a' must hold class folders only.*file '1.png'"),
        ({"a__x__1": GREY, "a__y__z__1": GREY}, [], "y' must hold images and no folders"),
    ],
)
def test_other_layouts_are_refused(tmp_path, files, folders, message):
    write(tmp_path, **files)
    for name in folders:
        (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match=message):
        load_folder(tmp_path, size=2, on_skipped=lambda file: None)


def test_unknown_arguments_are_refused(tmp_path):
    write(tmp_path, a__1=GREY)
    with pytest.raises(ValueError, match="`color` must be one of"):
        load_folder(tmp_path, size=2, color="gray")
    with pytest.raises(ValueError, match="`polarity` must be one of"):
        load_folder(tmp_path, size=2, polarity="black")
    with pytest.raises(ValueError, match="`size` must be"):
        load_folder(tmp_path, size=0)
    with pytest.raises(FileNotFoundError, match="`path` must be a folder"):
        load_folder(tmp_path / "missing", size=2)

"""Data sets from arrays: the same as from a folder of the same images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from keras_siamese.data import load_arrays, load_folder, sample_pairs

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 5), dtype=np.uint8)
LABELS = ["nut", "bolt", "nut", "bolt", "nut", "washer"]


def test_arrays_and_a_folder_of_the_same_images_are_alike(tmp_path):
    groups = ["b", "a", "b", "a", "a", "a"]
    for number, (image, group, label) in enumerate(zip(IMAGES, groups, LABELS, strict=True)):
        (tmp_path / group / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / group / label / f"{number}.png")
    folder = load_folder(tmp_path, size=(4, 5), polarity="light_on_dark", paper="keep")
    arrays = load_arrays(IMAGES, LABELS, groups=groups)
    assert arrays.alphabet_names == folder.alphabet_names
    assert arrays.character_names == folder.character_names
    order = np.lexsort((np.arange(6), arrays.character))
    for field in ("images", "alphabet", "character", "drawer"):
        np.testing.assert_array_equal(getattr(arrays, field)[order], getattr(folder, field))


def test_without_groups_all_classes_are_one_group():
    dataset = load_arrays(IMAGES, LABELS, name="parts")
    assert dataset.name == "parts" and dataset.alphabet_names == ("parts",)
    assert dataset.character_names == ("parts/bolt", "parts/nut", "parts/washer")
    assert dataset.character.tolist() == [1, 0, 1, 0, 1, 2]
    assert dataset.drawer.tolist() == [1, 1, 2, 2, 3, 1]
    assert dataset.images.shape == (6, 4, 5, 1)


def test_numbers_are_sorted_as_numbers_and_keep_their_names():
    dataset = load_arrays(IMAGES[:3], np.array([10, -2, 9]))
    assert dataset.character_names == ("arrays/-2", "arrays/9", "arrays/10")
    assert dataset.character.tolist() == [2, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=30))
def test_drawers_number_the_images_of_a_class_in_their_order(pairs):
    groups, labels = zip(*pairs, strict=True)
    dataset = load_arrays(np.zeros((len(pairs), 2, 2), np.uint8), labels, groups=groups)
    seen = {}
    for row, pair in enumerate(pairs):
        seen[pair] = seen.get(pair, 0) + 1
        assert dataset.drawer[row] == seen[pair]
        assert dataset.character_names[dataset.character[row]] == f"{pair[0]}/{pair[1]}"
        assert dataset.alphabet_names[dataset.alphabet[row]] == str(pair[0])


def test_floats_become_bytes_and_colour_stays():
    colour = np.random.default_rng(1).random((2, 3, 3, 3))
    dataset = load_arrays(colour, [0, 1])
    assert dataset.images.dtype == np.uint8
    np.testing.assert_allclose(dataset.images / 255, colour, atol=0.5 / 255 + 1e-9)
    back = load_arrays(dataset.images / np.float32(255), [0, 1])
    np.testing.assert_array_equal(back.images, dataset.images)


@pytest.mark.parametrize(
    ("images", "labels", "groups", "message"),
    [
        (IMAGES[0], LABELS, None, r"`images` must have shape.*\(4, 5\)"),
        (IMAGES[:0], [], None, "at least one image"),
        (IMAGES[..., None, None], LABELS, None, r"\(6, 4, 5, 1, 1\)"),
        (IMAGES.astype(int), LABELS, None, "`images` must be uint8.*int64 from .*astype"),
        (IMAGES.astype(float), LABELS, None, r"become right by astype.*or by x / 255"),
        (np.where(IMAGES > 9, np.nan, 0.5), LABELS, None, "without NaN"),
        (np.full((6, 2, 2), np.inf), LABELS, None, "float from 0 to 1"),
        (np.full((6, 2, 2), -0.1), LABELS, None, "from -0.1 to -0.1"),
        (IMAGES, LABELS[:5], None, r"`labels` must be 6 strings.*\(5,\)"),
        (IMAGES, [0.5] * 6, None, "`labels`.*float64"),
        (IMAGES, [[label] * 2 for label in LABELS], None, r"\(6, 2\)"),
        (IMAGES, LABELS, "all", "`groups` must be 6 strings"),
        (IMAGES, np.array(LABELS, object), None, "`labels`.*object"),
    ],
)
def test_what_is_no_image_or_label_is_named(images, labels, groups, message):
    with pytest.raises(ValueError, match=message):
        load_arrays(images, labels, groups=groups)


def test_one_class_only_gives_no_different_pairs():
    dataset = load_arrays(IMAGES, ["nut"] * 6)
    with pytest.raises(ValueError, match="of 2 characters .*'arrays', which has 1"):
        sample_pairs(dataset, 4, seed=0)


def test_labels_may_be_a_column():
    """As `keras.datasets.cifar10` gives them."""
    images = np.zeros((4, 5, 5), np.uint8)
    column = load_arrays(images, np.array([[3], [1], [3], [2]]))
    assert column.character.tolist() == load_arrays(images, [3, 1, 3, 2]).character.tolist()
    with pytest.raises(ValueError, match=r"`labels` must be 4 .*of shape \(4, 2\)"):
        load_arrays(images, np.zeros((4, 2), int))

"""Pictures with labels: grey batches by their labels, and the reason where none can be read."""

import numpy as np
import pytest

from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.pictures import read_labelled
from keras_siamese.data.unreadable import sentence

READING = Preprocessing(8)


def grey(count: int, width: int = 8) -> np.ndarray:
    """`(count, 8, width)`: white paper, in each another row of ink."""
    pixels = np.full((count, 8, width), 255, np.uint8)
    pixels[np.arange(count), np.arange(count), : max(width - 2, 1)] = 0
    return pixels


def read(data, labels=None, **options):
    return read_labelled(data, labels, READING, argument="data", **options)


@pytest.mark.parametrize(("count", "width"), [(5, 8), (1, 8), (5, 3), (8, 1)])
def test_a_label_for_each_makes_three_dimensions_a_grey_batch(count, width):
    images, labels = grey(count, width), [f"c{i}" for i in range(count)]
    expected = READING.read_batch(list(images))
    for given in ((images, labels), ((images, np.array(labels)), None)):
        pictures, names = read(*given)
        np.testing.assert_array_equal(pictures.images[pictures.rows], expected)
        assert names == labels


def test_one_label_makes_three_dimensions_one_picture():
    picture = np.repeat(grey(1)[0][..., None], 3, axis=-1)
    assert len(read(picture, ["a"])[0].images) == 1


def test_labels_of_a_grey_batch_are_counted():
    with pytest.raises(ValueError, match="4 labels for 5 images"):
        read(grey(5), list("abcd"))


@pytest.mark.parametrize("count", [3, 5])
def test_a_grey_batch_without_labels_is_told_to_add_the_channel(count):
    with pytest.raises(ValueError, match=r"add the channel: images\[\.\.\., None\]"):
        READING.read(grey(count))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda images: images / 127.5 - 1, r"\(x \+ 1\) / 2"),
        (lambda images: np.stack([images] * 3, axis=1), "moveaxis"),
        (lambda images: images * np.nan, r"NaN.*Mend the picture\.$"),
    ],
)
def test_where_none_can_be_read_the_first_reason_is_given(spoil, reason):
    with pytest.raises(ValueError, match=f"5, none of which can; the first: .*{reason}"):
        read(spoil(grey(5)), list("aabbc"), on_unreadable=lambda _: None)


@pytest.mark.parametrize("told", ["Mend it", "Mend it.", "What?", "Wait ..."])
def test_a_sentence_ends_once(told):
    assert sentence(told) == (told if told[-1] in ".?" else f"{told}.")

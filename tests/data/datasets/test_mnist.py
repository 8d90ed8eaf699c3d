import gzip
import struct

import numpy as np
import pytest

from keras_siamese.data import load_mnist
from keras_siamese.data.datasets import mnist

DIGITS = np.array([3, 1, 3, 0, 3], np.uint8)
PIXELS = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def idx(array):
    """Content of an idx file as LeCun's page describes it."""
    magic = {1: 2049, 3: 2051}[array.ndim]
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def compressed(content):
    """Gzip without the time of day: the same bytes, and names of tests, in every process."""
    return gzip.compress(content, mtime=0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a test split of five images."""
    monkeypatch.setitem(mnist.SPLITS, "test", ("t10k", 5))
    (tmp_path / IMAGES).write_bytes(compressed(idx(PIXELS)))
    (tmp_path / LABELS).write_bytes(compressed(idx(DIGITS)))
    return tmp_path


def test_digits_are_one_alphabet_and_drawers_run_inside_each(folder):
    dataset = load_mnist("test", data_dir=folder)
    np.testing.assert_array_equal(dataset.images[..., 0], PIXELS)
    assert dataset.name == "mnist-test"
    assert dataset.alphabet_names == ("mnist",)
    assert dataset.alphabet.tolist() == [0] * 5
    assert dataset.character.tolist() == [3, 1, 3, 0, 3]
    assert [dataset.character_names[i] for i in dataset.character[:2]] == ["mnist/3", "mnist/1"]
    assert dataset.drawer.tolist() == [1, 1, 2, 1, 3]


@pytest.mark.parametrize("subfolder", ["", "mnist"])
@pytest.mark.parametrize("dotted", [False, True])
def test_uncompressed_files_give_the_same(folder, subfolder, dotted):
    gzipped = load_mnist("test", data_dir=folder)
    (folder / subfolder).mkdir(exist_ok=True)
    for name in (IMAGES, LABELS):
        plain = name.replace("-idx", ".idx") if dotted else name
        content = gzip.decompress((folder / name).read_bytes())
        (folder / subfolder / plain.removesuffix(".gz")).write_bytes(content)
        (folder / name).unlink()
    plain = load_mnist("test", data_dir=folder)
    np.testing.assert_array_equal(plain.images, gzipped.images)
    np.testing.assert_array_equal(plain.character, gzipped.character)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx(PIXELS)[:-1], "Received: 3935 bytes"),
        (idx(PIXELS) + b"0", "Received: more bytes"),
        (compressed(idx(PIXELS)), "the header 1f 8b"),
        (b"", "Received: 0 bytes"),
    ],
)
def test_a_damaged_uncompressed_file_is_refused_by_name(folder, content, message):
    (folder / IMAGES).rename(folder / "old")
    (folder / IMAGES.removesuffix(".gz")).write_bytes(content)
    with pytest.raises(ValueError, match=f"images-idx3-ubyte' must be an idx file.*{message}"):
        load_mnist("test", data_dir=folder)


def test_images_are_enlarged(folder):
    assert load_mnist("test", data_dir=folder, size=35).images.shape == (5, 35, 35, 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (IMAGES, compressed(idx(PIXELS))[:-100], "must be a complete gzip file"),
        (IMAGES, b"no gzip", "must be a complete gzip file"),
        (IMAGES, compressed(idx(PIXELS[:4])), "must be an idx file of 3936 bytes"),
        (IMAGES, compressed(idx(PIXELS) + b"0"), "Received: more bytes"),
        (IMAGES, compressed(idx(PIXELS.reshape(5, 14, 56))), "header 00 00 08 03 00 00 00 05"),
        (IMAGES, compressed(b""), "Received: 0 bytes"),
        (LABELS, compressed(idx(PIXELS)), "must be an idx file of 13 bytes"),
        (LABELS, compressed(idx(DIGITS + np.uint8(7))), "must hold digits from 0 to 9. Received"),
    ],
)
def test_a_damaged_file_is_refused_by_name(folder, name, content, message):
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}.*{message}.*fetch it again"):
        load_mnist("test", data_dir=folder)


def test_a_flipped_byte_is_refused(folder):
    content = bytearray((folder / IMAGES).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / IMAGES).write_bytes(content)
    with pytest.raises(ValueError, match="must be a complete gzip file"):
        load_mnist("test", data_dir=folder)


def test_a_missing_file_is_named(folder):
    (folder / LABELS).unlink()
    with pytest.raises(FileNotFoundError, match=f"must hold {LABELS} or t10k-labels-idx1-ubyte."):
        load_mnist("test", data_dir=folder)


def test_unknown_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`split` must be one of \('test', 'train'\)"):
        load_mnist("validation", data_dir=tmp_path)
    with pytest.raises(ValueError, match="`size` must be"):
        load_mnist("test", data_dir=tmp_path, size=-1)


@pytest.mark.data
@pytest.mark.parametrize(
    ("split", "counts"),
    [
        ("test", [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
        ("train", [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]),
    ],
)
def test_the_real_files_hold_the_known_digits_in_bright_ink(split, counts, data_dir):
    dataset = load_mnist(split, data_dir=data_dir)
    assert np.bincount(dataset.character).tolist() == counts
    # The border is paper nearly everywhere.
    assert dataset.images[:, 0].mean() < 1 and dataset.images[:, 14].mean() > 50

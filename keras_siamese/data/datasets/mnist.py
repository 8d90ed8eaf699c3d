"""MNIST: ten handwritten digits, taken as one alphabet of ten characters."""

import gzip
import math
import os
import zlib
from pathlib import Path

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.datasets.archives import DATA_VARIABLE, cache_folder, data_folder, download
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.resampling import check_size

_MIRROR = "https://storage.googleapis.com/cvdf-datasets/mnist"
_SIDE = 28

# Prefix of the file names and number of images.
SPLITS = {"test": ("t10k", 10_000), "train": ("train", 60_000)}

_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


def load_mnist(
    split: str = "test",
    *,
    data_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    size: int | tuple[int, int] = 28,
) -> ImageDataset:
    """Load MNIST.

    Source: Koch et al. 2015, sec. 4.4 and Table 3: 400 10-way trials on the test split, such as
    `sample_episodes(dataset, num_episodes=40, n_way=10, seed=0)` draws. Data of LeCun, Cortes and
    Burges,
    commonly said to be under CC BY-SA 3.0.

    Args:
        split: "test" (10,000 images) or "train" (60,000).
        data_dir: Folder with the two idx files of the split, gzipped or not, such as
            `t10k-images-idx3-ubyte.gz`, `t10k-images-idx3-ubyte` or `t10k-images.idx3-ubyte`; None
            for the environment variable `KERAS_SIAMESE_DATA`, or a download where that is not set.
        cache_dir: Folder for downloads; None for the environment variable `KERAS_SIAMESE_CACHE`,
            or `~/.cache/keras_siamese`.
        size: Side of the images in pixels, or (height, width). The paper enlarges to 35.

    Returns:
        A data set named "mnist-SPLIT" in the files' order, images `(n, size, size, 1)`, uint8, ink
        255. One alphabet, "mnist"; characters "mnist/0" to "mnist/9"; MNIST does not say who drew,
        so the drawer is a running number from 1 inside each digit.

    Raises:
        ValueError: If `split` or `size` is unknown, or a file is damaged or incomplete.
        FileNotFoundError: If the data folder named does not hold a file.
        OSError: If a download fails.

    Example:
        >>> from keras_siamese import load_mnist
        >>> load_mnist("test", size=35).images.shape  # doctest: +SKIP
        (10000, 35, 35, 1)
    """
    check_choice("split", split, sorted(SPLITS))
    check_size(size)
    prefix, num_images = SPLITS[split]
    named, cache = data_folder(data_dir), cache_folder(cache_dir) / "mnist"
    images = _read_idx(
        _find(f"{prefix}-images-idx3-ubyte.gz", named, cache), (num_images, _SIDE, _SIDE)
    )
    label_file = _find(f"{prefix}-labels-idx1-ubyte.gz", named, cache)
    digits = _read_idx(label_file, (num_images,))
    if digits.max() > 9:
        raise ValueError(
            f"{str(label_file)!r} must hold digits from 0 to 9. Received: {digits.max()}. Delete "
            "it and fetch it again."
        )
    drawer = np.zeros(num_images, np.int32)
    for digit in range(10):
        of_digit = np.flatnonzero(digits == digit)
        drawer[of_digit] = np.arange(1, len(of_digit) + 1)
    return ImageDataset(
        images=images[..., None],
        alphabet=np.zeros(num_images, np.int32),
        character=digits.astype(np.int32),
        drawer=drawer,
        alphabet_names=("mnist",),
        character_names=tuple(f"mnist/{digit}" for digit in range(10)),
        name=f"mnist-{split}",
        preprocessing=Preprocessing(_SIDE),
    ).resized(size)


def _find(name: str, named: Path | None, cache: Path) -> Path:
    if named is None:
        return download(f"{_MIRROR}/{name}", _MD5[name], cache)
    # As unpacked by gunzip, and with the dot that other tools put there.
    plain = name.removesuffix(".gz")
    for variant in (name, plain, plain.replace("-idx", ".idx")):
        for path in (named / variant, named / "mnist" / variant):
            if path.is_file():
                return path
    raise FileNotFoundError(
        f"{str(named)!r} must hold {name} or {plain}. Received: neither. Fetch {_MIRROR}/{name} "
        f"into it, or leave `data_dir` and ${DATA_VARIABLE} unset to download."
    )


def _read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read an idx file of bytes, gzipped where its name says so, that must have this shape."""
    # Two zero bytes, the code of uint8, the number of axes; then each axis as four bytes.
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    expected = len(header) + math.prod(shape)
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read(expected + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(
            f"{str(path)!r} must be a complete gzip file. Received: one that cannot be read: "
            f"{error}. Delete it and fetch it again."
        ) from error
    if len(content) != expected or not content.startswith(header):
        raise ValueError(
            f"{str(path)!r} must be an idx file of {expected} bytes with the header "
            f"{header.hex(' ')} (uint8 of shape {shape}). Received: "
            f"{'more' if len(content) > expected else len(content)} bytes and the header "
            f"{content[: len(header)].hex(' ')}. Delete it and fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)

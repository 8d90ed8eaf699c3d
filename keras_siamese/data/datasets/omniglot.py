"""Omniglot: 50 alphabets, 1,623 characters, each drawn by 20 people."""

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from keras_siamese.argument_checks import check_choice
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.datasets.archives import (
    Archive,
    archive_stamp,
    cache_folder,
    data_folder,
    find_archive,
    read_files,
)
from keras_siamese.data.datasets.array_cache import read_cache, write_cache
from keras_siamese.data.images.image_files import decode_binary
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.resampling import check_size

NUM_DRAWERS = 20
IMAGE_SIZE = (105, 105)

_REPOSITORY = "https://github.com/brendenlake/omniglot/raw/master/python"

ALL_RUNS = Archive(
    "all_runs",
    f"{_REPOSITORY}/one-shot-classification/all_runs.zip",
    "e8996daecdf12afeeb4a53a179f06b19",
)


@dataclass(frozen=True)
class Subset:
    """One part of Omniglot.

    Attributes:
        archive: Where it is kept.
        num_characters: Number of characters per alphabet, by the alphabet's name.
    """

    archive: Archive
    num_characters: dict[str, int]


_BACKGROUND = {
    "Alphabet_of_the_Magi": 20,
    "Anglo-Saxon_Futhorc": 29,
    "Arcadian": 26,
    "Armenian": 41,
    "Asomtavruli_(Georgian)": 40,
    "Balinese": 24,
    "Bengali": 46,
    "Blackfoot_(Canadian_Aboriginal_Syllabics)": 14,
    "Braille": 26,
    "Burmese_(Myanmar)": 34,
    "Cyrillic": 33,
    "Early_Aramaic": 22,
    "Futurama": 26,
    "Grantha": 43,
    "Greek": 24,
    "Gujarati": 48,
    "Hebrew": 22,
    "Inuktitut_(Canadian_Aboriginal_Syllabics)": 16,
    "Japanese_(hiragana)": 52,
    "Japanese_(katakana)": 47,
    "Korean": 40,
    "Latin": 26,
    "Malay_(Jawi_-_Arabic)": 40,
    "Mkhedruli_(Georgian)": 41,
    "N_Ko": 33,
    "Ojibwe_(Canadian_Aboriginal_Syllabics)": 14,
    "Sanskrit": 42,
    "Syriac_(Estrangelo)": 23,
    "Tagalog": 17,
    "Tifinagh": 55,
}

# In the order of the numbers in the files' names, 0965 to 1623: Syriac stands before Sylheti.
_EVALUATION = {
    "Angelic": 20,
    "Atemayar_Qelisayer": 26,
    "Atlantean": 26,
    "Aurek-Besh": 26,
    "Avesta": 26,
    "Ge_ez": 26,
    "Glagolitic": 45,
    "Gurmukhi": 45,
    "Kannada": 41,
    "Keble": 26,
    "Malayalam": 47,
    "Manipuri": 40,
    "Mongolian": 30,
    "Old_Church_Slavonic_(Cyrillic)": 45,
    "Oriya": 46,
    "Syriac_(Serto)": 23,
    "Sylheti": 28,
    "Tengwar": 25,
    "Tibetan": 42,
    "ULOG": 26,
}

_SMALL1 = ("Balinese", "Early_Aramaic", "Greek", "Korean", "Latin")
_SMALL2 = ("Greek", "Japanese_(katakana)", "Latin", "Sanskrit", "Tagalog")

SUBSETS = {
    "background": Subset(
        Archive(
            "images_background",
            f"{_REPOSITORY}/images_background.zip",
            "68d2efa1b9178cc56df9314c21c6e718",
        ),
        _BACKGROUND,
    ),
    "evaluation": Subset(
        Archive(
            "images_evaluation",
            f"{_REPOSITORY}/images_evaluation.zip",
            "6b91aef0f799c5bb55b94e3f2daec811",
        ),
        _EVALUATION,
    ),
    "small1": Subset(
        Archive(
            "images_background_small1",
            f"{_REPOSITORY}/images_background_small1.zip",
            "e704a628b5459e08445c13499850abc4",
        ),
        {name: _BACKGROUND[name] for name in _SMALL1},
    ),
    "small2": Subset(
        Archive(
            "images_background_small2",
            f"{_REPOSITORY}/images_background_small2.zip",
            "b75a71a51d3b13f821f212756fe481fd",
        ),
        {name: _BACKGROUND[name] for name in _SMALL2},
    ),
}


_LAYOUT = re.compile(r"([^/]+)/(character\d+)/\d+_(\d+)\.png", re.IGNORECASE)


def load_omniglot(
    subset: str = "background",
    *,
    data_dir: str | os.PathLike[str] | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    size: int | tuple[int, int] = 105,
    download: bool = True,
) -> ImageDataset:
    """Load one part of Omniglot.

    The archive is parsed once; the result is kept as one array file in the cache, until the archive
    changes. Where the cache cannot be written, every call parses. With no data folder named, arrays
    parsed before are used as they are, and a missing archive is downloaded.

    Source: Koch et al. 2015, sec. 4.1; data of Lake, Salakhutdinov and Tenenbaum 2015 (Science
    350), under the MIT licence, https://github.com/brendenlake/omniglot.

    Args:
        subset: "background" (30 alphabets, 964 characters, 19,280 images), "evaluation" (20, 659,
            13,180), or a small background set, "small1" (5, 136, 2,720) or "small2" (5, 156,
            3,120).
        data_dir: Folder with the zip archive or the unpacked tree; None for the environment
            variable `KERAS_SIAMESE_DATA`. The files are judged by their content.
        cache_dir: Folder for parsed arrays and downloads; None for the environment variable
            `KERAS_SIAMESE_CACHE`, or `~/.cache/keras_siamese`.
        size: Side of the images in pixels, or (height, width). 35 takes exact means of 3x3 blocks.
        download: Whether a missing archive may be downloaded.

    Returns:
        A data set named "omniglot-SUBSET", images `(n, size, size, 1)`, uint8, ink 255, ordered by
        alphabet, character and drawer. Drawers have the numbers 1 to 20.

    Raises:
        ValueError: If `subset` or `size` is unknown, or the archive is damaged, incomplete or holds
            something else.
        FileNotFoundError: If the data folder named does not hold the archive.
        OSError: If the download fails.

    Example:
        >>> from keras_siamese import load_omniglot
        >>> load_omniglot("small1", size=35).images.shape  # doctest: +SKIP
        (2720, 35, 35, 1)
    """
    check_choice("subset", subset, sorted(SUBSETS))
    check_size(size)
    contents = SUBSETS[subset]
    cache = cache_folder(cache_dir) / f"omniglot-{subset}-v1.npz"
    arrays = read_cache(cache) if data_folder(data_dir) is None else None
    if not _are_of(contents, arrays):
        path = find_archive(
            contents.archive, data_dir=data_dir, cache_dir=cache_dir, download_missing=download
        )
        stamp = archive_stamp(path)
        arrays = read_cache(cache, stamp)
        if not _are_of(contents, arrays):
            arrays = {"bits": np.packbits(_parse(path, contents))}
            write_cache(cache, stamp, arrays)
    return _dataset(subset, contents, cast(dict, arrays)["bits"]).resized(size)


def _are_of(contents: Subset, arrays: dict[str, np.ndarray] | None) -> bool:
    """Say whether arrays of the cache are the ink of a subset's images."""
    if arrays is None or set(arrays) != {"bits"}:
        return False
    pixels = len(_names(contents)) * NUM_DRAWERS * math.prod(IMAGE_SIZE)
    bits = arrays["bits"]
    return bits.dtype == np.uint8 and bits.shape == (-(-pixels // 8),)


def _parse(path: Path, contents: Subset) -> np.ndarray:
    """Return the ink of every image, `(n, 105, 105)`, bool, in the data set's order."""
    images: dict[tuple[str, str, int], np.ndarray] = {}
    for name, content in read_files(path):
        if not name.lower().endswith(".png"):
            continue
        place = _LAYOUT.fullmatch(name)
        if place is None:
            raise ValueError(
                f"{str(path)!r} must hold images named ALPHABET/characterNN/NNNN_DD.png. "
                f"Received: {name!r}. Fetch the original archive {contents.archive.url}."
            )
        key = (place[1], place[2], int(place[3]))
        if key in images:
            raise ValueError(
                f"{str(path)!r} must hold one image per character and drawer. Received: a "
                f"second one, {name!r}. Fetch the original archive {contents.archive.url}."
            )
        images[key] = decode_binary(content, f"{str(path)}: {name}", IMAGE_SIZE)
    _check_complete(path, contents, set(images))
    return np.stack([images[key] for key in sorted(images)])


def _names(contents: Subset) -> list[tuple[str, str]]:
    """Return (alphabet, character) of every character, sorted as the images are."""
    return [
        (alphabet, f"character{number:02d}")
        for alphabet, count in sorted(contents.num_characters.items())
        for number in range(1, count + 1)
    ]


def _check_complete(path: Path, contents: Subset, found: set[tuple[str, str, int]]) -> None:
    characters = _names(contents)
    drawers = range(1, NUM_DRAWERS + 1)
    expected = {(*character, drawer) for character in characters for drawer in drawers}
    if found == expected:
        return
    missing, surplus = sorted(expected - found), sorted(found - expected)
    example = missing[0] if missing else surplus[0]
    raise ValueError(
        f"{str(path)!r} must hold {len(contents.num_characters)} alphabets, "
        f"{len(characters)} characters and {len(drawers)} drawers of each ({len(expected)} images)."
        f" Received: {len({key[0] for key in found})} alphabets, "
        f"{len({key[:2] for key in found})} characters and {len(found)} images: {len(missing)} "
        f"missing and {len(surplus)} unknown, such as {example[0]}/{example[1]}, drawer "
        f"{example[2]}, which is {'missing' if missing else 'unknown'}. Fetch the original archive "
        f"{contents.archive.url}."
    )


def evaluation_files(dataset: ImageDataset) -> tuple[str, ...]:
    """Return the names that images of the evaluation set have inside its archive.

    Args:
        dataset: "omniglot-evaluation", or a selection of it.

    Returns:
        Of each image "ALPHABET/characterNN/NNNN_DD.png", below the folder `images_evaluation`.
    """
    number: dict[str, int] = {}
    first = sum(_BACKGROUND.values()) + 1
    for alphabet, count in _EVALUATION.items():
        number |= {f"{alphabet}/character{1 + i:02d}": first + i for i in range(count)}
        first += count
    return tuple(
        f"{name}/{number[name]:04d}_{drawer:02d}.png"
        for name, drawer in zip(dataset.labels.tolist(), dataset.drawer.tolist(), strict=True)
    )


def _dataset(subset: str, contents: Subset, bits: np.ndarray) -> ImageDataset:
    characters = _names(contents)
    alphabets = sorted(contents.num_characters)
    character = np.repeat(np.arange(len(characters), dtype=np.int32), NUM_DRAWERS)
    of_character = np.array([alphabets.index(name) for name, _ in characters], np.int32)
    # Eight pixels at a time through a table: several times faster than unpackbits and a product.
    eight = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) * np.uint8(255)
    shape = (len(character), *IMAGE_SIZE, 1)
    images = eight.view(np.uint64)[:, 0][bits].view(np.uint8)[: np.prod(shape)].reshape(shape)
    return ImageDataset(
        images=images,
        alphabet=of_character[character],
        character=character,
        drawer=np.tile(np.arange(1, NUM_DRAWERS + 1, dtype=np.int32), len(characters)),
        alphabet_names=tuple(alphabets),
        character_names=tuple("/".join(name) for name in characters),
        name=f"omniglot-{subset}",
        preprocessing=Preprocessing(IMAGE_SIZE),
    )

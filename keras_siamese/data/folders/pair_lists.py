"""Pairs as people write them down: a CSV file, two lists, or images and places in them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_siamese.data.folders.label_tables import read_lines
from keras_siamese.data.pictures import is_picture
from keras_siamese.data.unreadable import what_is_at

COLUMNS = ("left", "right", "same")
WORDS = {"1": True, "true": True, "same": True, "0": False, "false": False, "different": False}
# Problems that one error tells in full; of the others it names the places.
_LISTED = 10


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place.

    Attributes:
        place: Number of the line, pair or image.
        text: What is wrong with it.
    """

    place: int
    text: str


@dataclass(frozen=True)
class PairList:
    """Pairs of pictures that were not read yet.

    Attributes:
        noun: What `places` count: "line" (from 1), "pair" or "image" (from 0).
        pictures: Each picture once, as for `Preprocessing.read`.
        names: What each picture is called.
        picture_places: Places that name each picture.
        left: `(n,)`, int32, each pair's first picture.
        right: `(n,)`, int32, its second.
        same: `(n,)`, bool.
        pair_places: Place of each pair.
        problems: What is wrong with pairs that are left out.
    """

    noun: str
    pictures: list[Any]
    names: list[str]
    picture_places: list[list[int]]
    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    pair_places: list[int]
    problems: list[Problem]


class _Pictures:
    """Numbers pictures; one that is given several times has one number."""

    def __init__(self) -> None:
        self.pictures: list[Any] = []
        self.names: list[str] = []
        self.places: list[list[int]] = []
        self._numbers: dict[Any, int] = {}

    def number(self, picture: Any, place: int) -> int:
        is_path = isinstance(picture, str | os.PathLike)
        # What is identified by its place in memory stays there: it is in the list.
        key = os.path.realpath(picture) if is_path else id(picture)
        number = self._numbers.setdefault(key, len(self.pictures))
        if number == len(self.pictures):
            self.pictures.append(picture)
            self.names.append(os.fsdecode(picture) if is_path else str(number))
            self.places.append([])
        self.places[number].append(place)
        return number

    def pairs(
        self, noun: str, rows: list[tuple[int, int, bool, int]], problems: list[Problem]
    ) -> PairList:
        """Return the pairs of `(left, right, same, place)`."""
        columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
        return PairList(
            noun,
            self.pictures,
            self.names,
            self.places,
            np.array(columns[0], np.int32),
            np.array(columns[1], np.int32),
            np.array(columns[2], bool),
            list(columns[3]),
            problems + _contradictions(noun, rows),
        )


def from_table(path: Path) -> PairList:
    """Read pairs from a CSV file with the columns left, right and same.

    Args:
        path: The file; the images' paths start from its folder.

    Returns:
        The pairs, and what is wrong with other lines.

    Raises:
        ValueError: If it is no CSV file, a column is missing or there twice, or there are no lines.
        OSError: If the file cannot be read.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"Pairs must be in a CSV file with the columns left, right and same. Received: "
            f"{str(path)!r}, which is {what_is_at(path)}. Correct the path."
        )
    lines = read_lines(path)
    header = [name.strip().lower() for name in lines[0][1]]
    if any(header.count(column) != 1 for column in COLUMNS):
        raise ValueError(
            f"{str(path)!r} must have one column each of left, right and same. Received: a first "
            f"line of {lines[0][1]}. Give the columns these names; there may be others."
        )
    if len(lines) == 1:
        raise ValueError(
            f"{str(path)!r} must have a line for each pair. Received: only its header. Add lines."
        )
    pictures, rows, problems = _Pictures(), [], []
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            problems.append(Problem(number, f"has {len(cells)} cells, not {len(header)}"))
            continue
        left, right, word = (cells[header.index(column)].strip() for column in COLUMNS)
        wrong = [
            f"an empty {name}" for name, cell in (("left", left), ("right", right)) if not cell
        ]
        if word.lower() not in WORDS:
            wrong.append(f"{word!r} for same, which must be one of {', '.join(WORDS)}")
        if wrong:
            problems.append(Problem(number, f"has {' and '.join(wrong)}"))
            continue
        files = [pictures.number(_file(path.parent, cell), number) for cell in (left, right)]
        rows.append((files[0], files[1], WORDS[word.lower()], number))
    return pictures.pairs("line", rows, problems)


def from_lists(left: Any, right: Any, same: Any) -> PairList:
    """Take pairs from two lists of pictures.

    Args:
        left: A list of pictures, or an array of four dimensions.
        right: As many.
        same: As many bools, or 0 and 1.

    Returns:
        The pairs.

    Raises:
        ValueError: If these are no such lists.
    """
    sides = [_batch("left", left), _batch("right", right)]
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        raise ValueError(
            "`left` and `right` must hold as many images, at least one. Received: "
            f"{len(sides[0])} and {len(sides[1])}. Give each image its other."
        )
    labels = as_same(same, len(sides[0]))
    pictures = _Pictures()
    rows = [
        (pictures.number(first, place), pictures.number(second, place), bool(label), place)
        for place, (first, second, label) in enumerate(zip(*sides, labels, strict=True))
    ]
    return pictures.pairs("pair", rows, [])


def from_indices(images: Any, indices: Any, same: Any) -> PairList:
    """Take pairs of places in a list of pictures.

    Args:
        images: A list of pictures, or an array of four dimensions.
        indices: `(n, 2)`, whole numbers.
        same: `(n,)`, bools, or 0 and 1.

    Returns:
        The pairs.

    Raises:
        ValueError: If these are no such lists.
    """
    batch = _batch("left", images)
    pairs = as_indices(indices, len(batch))
    labels = as_same(same, len(pairs))
    rows = [
        (int(left), int(right), bool(label), place)
        for place, ((left, right), label) in enumerate(zip(pairs, labels, strict=True))
    ]
    numbered = _Pictures()
    numbered.pictures, numbered.names = batch, [str(place) for place in range(len(batch))]
    numbered.places = [[place] for place in range(len(batch))]
    return numbered.pairs("image", rows, [])


def as_indices(indices: Any, num_images: int) -> np.ndarray:
    """Check pairs of places among images.

    Args:
        indices: `(n, 2)`, whole numbers from 0.
        num_images: Number of images.

    Returns:
        `(n, 2)`, int32.

    Raises:
        ValueError: If they are no such numbers.
    """
    given = np.asarray(indices)
    if given.ndim != 2 or given.shape[1] != 2 or not len(given) or given.dtype.kind not in "iu":
        raise ValueError(
            "`indices` must be pairs of whole numbers, shape (n, 2), with at least one pair. "
            f"Received: {given.dtype} of shape {given.shape}. Give the places of both images."
        )
    if given.min() < 0 or given.max() >= num_images:
        raise ValueError(
            f"`indices` must be places among the {num_images} images, from 0 on. Received: "
            f"{given.min()} to {given.max()}. Correct them."
        )
    return given.astype(np.int32)


def as_same(same: Any, count: int) -> np.ndarray:
    """Check what says about each pair whether it is the same.

    Args:
        same: `(n,)`, bools, or 0 and 1.
        count: Number of pairs.

    Returns:
        `(n,)`, bool.

    Raises:
        ValueError: If it is no such list.
    """
    given = np.asarray(same)
    fits = given.shape == (count,) and given.dtype.kind in "biuf"
    if not fits or not np.isin(given, (0, 1)).all():
        raise ValueError(
            f"`same` must say for each of the {count} pairs whether its images show the same "
            f"class: True or False. Received: {type(same).__name__} of {given.dtype}, shape "
            f"{given.shape}. Give one per pair."
        )
    return given.astype(bool)


def told(noun: str, problems: list[Problem]) -> str:
    """Say what is wrong where, in the order of the places; each place is named.

    Args:
        noun: What the places count.
        problems: At least one.

    Returns:
        A list for an error.
    """
    ordered = sorted(problems, key=lambda problem: problem.place)
    text = "; ".join(f"{noun} {problem.place} {problem.text}" for problem in ordered[:_LISTED])
    rest = sorted({problem.place for problem in ordered[_LISTED:]})
    return text + (f"; and also {noun}s {', '.join(map(str, rest))}" if rest else "")


def _contradictions(noun: str, rows: list[tuple[int, int, bool, int]]) -> list[Problem]:
    """Find pairs that cannot be as they say."""
    problems = []
    known: dict[frozenset[int], tuple[bool, int]] = {}
    for left, right, same, place in rows:
        before, where = known.setdefault(frozenset((left, right)), (same, place))
        if left == right and not same:
            problems.append(Problem(place, "calls an image different from itself"))
        elif before != same:
            what = f"the pair of {noun} {where}" if noun != "image" else "an earlier pair"
            problems.append(Problem(place, f"says the opposite of {what}"))
    return problems


def _batch(argument: str, pictures: Any) -> list[Any]:
    dimensions = getattr(pictures, "ndim", None)
    if is_picture(pictures) or not isinstance(pictures, Iterable) or (dimensions or 4) > 4:
        raise ValueError(
            f"`{argument}` must be a list of images, or an array (n, height, width, channels). "
            f"Received: {type(pictures).__name__}"
            + ("" if dimensions is None else f" of {dimensions} dimensions")
            + ". Put a single image into a list."
        )
    return list(np.asarray(pictures) if dimensions == 4 else pictures)


def _file(folder: Path, name: str) -> Path:
    """Return the path of a file that a table names, as Windows writes it, too."""
    file = folder / name
    other = folder / name.replace("\\", "/")
    return other if not file.exists() and other.exists() else file

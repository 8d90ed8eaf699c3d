"""Same and different pairs: their table, drawn and distorted (Koch et al. 2015, sec. 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from keras_siamese.argument_checks import (
    check_list,
    check_whole,
    is_number,
    random_generator,
)
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.distortions import IDENTITY, AffineRanges, draw_transforms


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs of images by index, with a label and, where distorted, two affine transforms.

    Args:
        left: `(n,)`, integer from 0 (`sample_pairs` gives int32), index of the first image in its
            data set; at least one pair.
        right: `(n,)`, integer from 0, index of the second image.
        same: `(n,)`, bool, whether both show the same character.
        left_transform: `(n, 6)`, float32, finite, output-to-input affine rows of the first image
            (see `draw_transforms`), or None where no pair is distorted.
        right_transform: The same for the second image, drawn on its own.

    Raises:
        ValueError: If an array has another shape or type, an index is negative, a transform is not
            finite, the arrays differ in length, or only one side is distorted.
    """

    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    left_transform: np.ndarray | None = None
    right_transform: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check every column, and that they belong together."""
        _check_indices("left", self.left)
        _check_indices("right", self.right)
        if getattr(self.same, "dtype", None) != np.bool_ or self.same.ndim != 1:
            raise ValueError(
                "`same` must be a bool array of shape (n,), True where both images show the same "
                f"character. Received: {_describe(self.same)}. Compare the two images' labels."
            )
        if (self.left_transform is None) != (self.right_transform is None):
            raise ValueError(
                "`left_transform` and `right_transform` must be given together: both images of a "
                "pair are distorted (Koch et al. 2015, sec. 3.2). Received: one of them. Give "
                "both, or none."
            )
        _check_transforms("left_transform", self.left_transform)
        _check_transforms("right_transform", self.right_transform)
        for name in ("right", "same", "left_transform", "right_transform"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self.left):
                raise ValueError(
                    f"`{name}` must have as many rows as `left` ({len(self.left)}). "
                    f"Received: {len(column)}. Give one row per pair."
                )

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    @property
    def nbytes(self) -> int:
        """Memory of the table in bytes."""
        columns = (self.left, self.right, self.same, self.left_transform, self.right_transform)
        return sum(column.nbytes for column in columns if column is not None)

    def check_undistorted(self, argument: str = "pairs") -> None:
        """Check that these are pairs of undistorted images.

        Args:
            argument: Name of the argument that they are, for errors.

        Raises:
            ValueError: If the pairs have transforms.
        """
        if self.left_transform is not None:
            raise ValueError(
                f"`{argument}` must be undistorted. Received: pairs with transforms. Take those of "
                "before `distort_pairs`."
            )


def _check_indices(name: str, column: np.ndarray) -> None:
    integers = isinstance(column, np.ndarray) and np.issubdtype(column.dtype, np.integer)
    if not integers or column.ndim != 1 or not len(column):
        raise ValueError(
            f"`{name}` must be an integer array of shape (n,), one index per pair and at least one "
            f"pair. Received: {_describe(column)}. Convert it, e.g. to int32."
        )
    if column.min() < 0:
        raise ValueError(
            f"`{name}` must hold indices of at least 0. Received: {column.min()}. Count the images "
            "from the first."
        )


def _check_transforms(name: str, rows: np.ndarray | None) -> None:
    if rows is None:
        return
    if getattr(rows, "dtype", None) != np.float32 or rows.shape[1:] != (6,):
        raise ValueError(
            f"`{name}` must be a float32 array of shape (n, 6). Received: {_describe(rows)}. Take "
            "rows as `draw_transforms` gives them."
        )
    if not np.isfinite(rows).all():
        raise ValueError(
            f"`{name}` must be finite. Received: {(~np.isfinite(rows)).any(axis=1).sum()} rows of "
            f"{len(rows)} with NaN or infinity. Draw them again with `draw_transforms`."
        )


def _describe(column: object) -> str:
    if isinstance(column, np.ndarray):
        return f"{column.dtype} of shape {column.shape}"
    return f"{type(column).__name__}, no NumPy array"


DIFFERENT_PAIRS = ("within-alphabet", "across-alphabets")


def sample_pairs(
    dataset: ImageDataset,
    num_pairs: int,
    *,
    seed: int,
    same_fraction: float = 0.5,
    different: str = "within-alphabet",
) -> PairTable:
    """Draw random same and different pairs, the same number for every alphabet.

    Source: Koch et al. 2015, sec. 4.2: 30,000, 90,000 or 150,000 training pairs, 10,000 validation
    pairs. Open in Koch et al. 2015, sec. 4.2: the ratio of same to different pairs, whether a
    different pair stays inside one alphabet, and the number of test pairs. Decided: half and half;
    yes, since pairs are counted per alphabet; 10,000. A same pair is never the same image twice.
    Pairs are drawn with replacement.

    Args:
        dataset: Images to draw from; alphabets without images are passed over.
        num_pairs: Number of pairs; where it is no multiple of the number of alphabets, the first
            alphabets get one more.
        seed: Seed of the draw.
        same_fraction: Fraction of same pairs in each alphabet, in [0, 1].
        different: `"within-alphabet"`, or `"across-alphabets"` to take the second image of a
            different pair from any other character of the data set.

    Returns:
        A `PairTable` of `num_pairs` rows without distortions, grouped by alphabet.

    Raises:
        ValueError: If an argument is out of range, or an alphabet has too few characters or
            images for such pairs.

    Example:
        >>> from keras_siamese import make_glyphs, sample_pairs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=3)
        >>> pairs = sample_pairs(glyphs, 40, seed=0)
        >>> pairs.left.shape, int(pairs.same.sum())
        ((40,), 20)
    """
    check_whole("num_pairs", num_pairs, least=1)
    if not is_number(same_fraction) or not 0 <= same_fraction <= 1:
        raise ValueError(
            f"`same_fraction` must lie in [0, 1]. Received: same_fraction={same_fraction}. Give "
            "the share of same pairs, such as 0.5."
        )
    if different not in DIFFERENT_PAIRS:
        raise ValueError(
            f"`different` must be one of {DIFFERENT_PAIRS}. Received: {different!r}. Choose from "
            "that list."
        )
    if len(dataset) == 0:
        raise ValueError(
            f"`dataset` must hold images. Received: an empty {dataset.name!r}. Give one with "
            "images."
        )
    rng = random_generator(seed)
    everyone = _Characters(dataset, np.arange(len(dataset)))
    alphabets = np.unique(dataset.alphabet)
    share = np.full(len(alphabets), num_pairs // len(alphabets))
    share[: num_pairs % len(alphabets)] += 1
    tables = []
    for alphabet, count in zip(alphabets, share, strict=True):
        members = _Characters(dataset, np.flatnonzero(dataset.alphabet == alphabet))
        num_same = int(round(same_fraction * count))
        others = members if different == "within-alphabet" else everyone
        tables += [
            (*members.same_pairs(num_same, rng), np.ones(num_same, bool)),
            (*members.different_pairs(count - num_same, others, rng),)
            + (np.zeros(count - num_same, bool),),
        ]
    left, right, same = (np.concatenate(column) for column in zip(*tables, strict=True))
    return PairTable(left.astype(np.int32), right.astype(np.int32), same)


class _Characters:
    """The images of some characters, grouped so that draws need no loop."""

    def __init__(self, dataset: ImageDataset, indices: np.ndarray) -> None:
        order = np.argsort(dataset.character[indices], kind="stable")
        self.images = indices[order]
        self.labels, self.starts, self.counts = np.unique(
            dataset.character[self.images], return_index=True, return_counts=True
        )
        self.name = dataset.alphabet_names[dataset.alphabet[indices[0]]]

    def same_pairs(self, num_pairs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        drawn_often = np.flatnonzero(self.counts > 1)
        if num_pairs and not len(drawn_often):
            raise ValueError(
                "A same pair must be of a character (class) with at least 2 images. "
                f"Received: alphabet (group) {self.name!r}, which has none. Add a second image "
                "of some classes, leave that group out, or draw no same pairs: same_fraction=0."
            )
        if not num_pairs:
            return np.empty(0, int), np.empty(0, int)
        character = rng.choice(drawn_often, num_pairs)
        count = self.counts[character]
        first = rng.integers(0, count)
        # A step of at least one around the circle never meets the first image again.
        second = (first + rng.integers(1, count)) % count
        start = self.starts[character]
        return self.images[start + first], self.images[start + second]

    def different_pairs(
        self, num_pairs: int, others: _Characters, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if not num_pairs:
            return np.empty(0, int), np.empty(0, int)
        if len(others.labels) < 2:
            raise ValueError(
                "A different pair must be of 2 characters (classes). Received: alphabet (group) "
                f"{self.name!r}, which has {len(others.labels)}. Add a class, draw from all groups "
                "with different='across-alphabets', or draw same pairs alone: same_fraction=1."
            )
        first = rng.integers(0, len(self.labels), num_pairs)
        place = np.searchsorted(others.labels, self.labels[first])
        # As above: never the same character.
        second = (place + rng.integers(1, len(others.labels), num_pairs)) % len(others.labels)
        return self._any_image(first, rng), others._any_image(second, rng)

    def _any_image(self, character: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self.images[self.starts[character] + rng.integers(0, self.counts[character])]


def distort_pairs(
    pairs: PairTable,
    num_distortions: int,
    image_size: tuple[int, int],
    *,
    seed: int,
    ranges: AffineRanges | None = None,
) -> PairTable:
    """Add distorted copies of every pair (Koch et al. 2015, sec. 4.2: eight per pair).

    The two images of a pair get independent transforms. The undistorted pairs stay in the table.

    Args:
        pairs: Undistorted pairs.
        num_distortions: Copies per pair; 0 gives `pairs` back.
        image_size: `(height, width)` of the images in pixels.
        seed: Seed of the draw.
        ranges: Ranges of the transforms; the paper's by default.

    Returns:
        A `PairTable` of `len(pairs) * (1 + num_distortions)` rows.

    Raises:
        ValueError: If `pairs` is distorted already, `num_distortions` is negative, or `image_size`
            is no height and width.
    """
    check_whole("num_distortions", num_distortions)
    pairs.check_undistorted()
    if num_distortions == 0:
        return pairs
    rng = random_generator(seed)
    sides = image_size.tolist() if isinstance(image_size, np.ndarray) else image_size
    check_list("image_size", sides, partial(check_whole, least=1), length=2)
    count = len(pairs)

    def transforms() -> np.ndarray:
        rows = np.empty((count * (1 + num_distortions), 6), np.float32)
        rows[:count] = IDENTITY
        rows[count:] = draw_transforms(count * num_distortions, image_size, rng, ranges)
        return rows

    repeats = 1 + num_distortions
    return PairTable(
        np.tile(pairs.left, repeats),
        np.tile(pairs.right, repeats),
        np.tile(pairs.same, repeats),
        transforms(),
        transforms(),
    )

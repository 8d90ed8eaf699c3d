"""The one type that every loader returns: images with alphabet, character and drawer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.data.resampling import check_size, resize_images


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Images of characters, each by one drawer, the characters grouped in alphabets.

    Open in Koch et al. 2015, sec. 4.1: ink polarity and scaling. Decided: ink 1 and paper 0, float
    in [0, 1] where the network takes them; stored as 255 and 0.

    Attributes:
        images: `(n, height, width, channels)`, uint8, ink 255 and paper 0, so that dividing by 255
            gives the network's input (ink 1, paper 0).
        alphabet: `(n,)`, int32, index into `alphabet_names`.
        character: `(n,)`, int32, index into `character_names`; unique over all alphabets.
        drawer: `(n,)`, int32, the drawer's number, from 1.
        alphabet_names: Names of the alphabets.
        character_names: Names of the characters, such as "Greek/character01".
        name: Name of the data set, such as "omniglot-background".
        preprocessing: How raw pictures are read to be like these images; None where nobody said.
            Training passes it on to the files that it writes.

    Raises:
        ValueError: If an array has a wrong shape or type, an index has no name, or `preprocessing`
            gives images of another shape.

    Example:
        >>> from keras_siamese.data import make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=3, num_drawers=4)
        >>> len(glyphs), glyphs.image_size
        (24, (35, 35))
        >>> len(glyphs.select(drawers=[1, 2]))
        12
    """

    images: np.ndarray
    alphabet: np.ndarray
    character: np.ndarray
    drawer: np.ndarray
    alphabet_names: tuple[str, ...]
    character_names: tuple[str, ...]
    name: str
    preprocessing: Preprocessing | None = None

    def __post_init__(self) -> None:
        """Check that the arrays fit each other."""
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(
                "`images` must be a uint8 array of shape (n, height, width, channels). Received: "
                f"{self.images.dtype} of shape {self.images.shape}. Convert it to uint8, ink 255."
            )
        if self.preprocessing and self.preprocessing.shape != self.images.shape[1:]:
            raise ValueError(
                f"`preprocessing` must give images of shape {self.images.shape[1:]}, as `images` "
                f"has. Received: {self.preprocessing.shape}. Take that of these images, or None."
            )
        tables = {"alphabet": self.alphabet_names, "character": self.character_names}
        for field in ("alphabet", "character", "drawer"):
            labels = getattr(self, field)
            if labels.shape != (len(self.images),) or labels.dtype != np.int32:
                raise ValueError(
                    f"`{field}` must be an int32 array of shape ({len(self.images)},), one label "
                    f"per image. Received: {labels.dtype} of shape {labels.shape}. Give every "
                    "image one label."
                )
            low, high = (0, len(tables[field]) - 1) if field in tables else (1, 2**31 - 1)
            if len(labels) and not (low <= labels.min() and labels.max() <= high):
                raise ValueError(
                    f"`{field}` must hold numbers from {low} to {high}. Received: "
                    f"{labels.min()} to {labels.max()}. Add the missing names or mend the labels."
                )

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __repr__(self) -> str:
        """Write one line that says what the data set holds."""
        height, width = self.image_size
        return (
            f"ImageDataset({self.name!r}, {len(self)} images of {height}x{width}, "
            f"{len(np.unique(self.alphabet))} alphabets, "
            f"{len(np.unique(self.character))} characters, "
            f"{len(np.unique(self.drawer))} drawers)"
        )

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def labels(self) -> np.ndarray:
        """Name of each image's character, `(n,)`, strings."""
        return np.array(self.character_names)[self.character]

    def select(
        self,
        *,
        alphabets: str | Iterable[str] | None = None,
        drawers: int | Iterable[int] | None = None,
        indices: np.ndarray | None = None,
    ) -> ImageDataset:
        """Return the images that meet every condition given.

        The tables of names stay as they are, so an index means the same in the result.

        Args:
            alphabets: Names of the alphabets to keep.
            drawers: Numbers of the drawers to keep.
            indices: Integer or boolean array that picks from the images left by the other two.

        Returns:
            A data set with the images chosen, in their order (with `indices`, in its order).

        Raises:
            ValueError: If no image is of a named alphabet or drawer, or `indices` does not fit.
        """
        keep = np.ones(len(self), bool)
        if alphabets is not None:
            wanted = [alphabets] if isinstance(alphabets, str) else list(alphabets)
            present = {self.alphabet_names[i]: i for i in np.unique(self.alphabet)}
            _check_known("alphabets", wanted, list(present), self.name)
            keep &= np.isin(self.alphabet, [present[name] for name in wanted])
        if drawers is not None:
            numbers = [drawers] if isinstance(drawers, (int, np.integer)) else list(drawers)
            _check_known("drawers", numbers, np.unique(self.drawer).tolist(), self.name)
            keep &= np.isin(self.drawer, numbers)
        chosen = np.flatnonzero(keep)
        if indices is not None:
            chosen = chosen[
                check_indices(
                    "indices", indices, len(chosen), "the images left by `alphabets` and `drawers`"
                )
            ]
        return replace(
            self,
            images=self.images[chosen],
            alphabet=self.alphabet[chosen],
            character=self.character[chosen],
            drawer=self.drawer[chosen],
        )

    def resized(self, size: int | tuple[int, int]) -> ImageDataset:
        """Return the same data with images of another size.

        Args:
            size: New side in pixels, or (height, width). Shrinking takes area means (105 to 35 is
                the exact mean of 3x3 blocks), enlarging is bilinear.

        Returns:
            A data set whose images are `(n, height, width, channels)`, uint8, rounded to nearest,
            and whose `preprocessing` is for that size.
        """
        images = resize_images(self.images, size)
        reading = self.preprocessing and replace(self.preprocessing, size=check_size(size))
        return replace(self, images=images, preprocessing=reading)


def _check_known(argument: str, wanted: list, present: list, name: str) -> None:
    unknown = [item for item in wanted if item not in present]
    if unknown:
        raise ValueError(
            f"`{argument}` must be among those of data set {name!r}, {present}. Received: "
            f"{unknown}. Choose from that list."
        )


def check_indices(argument: str, indices: Any, length: int, those: str) -> np.ndarray:
    """Check what picks rows from a table.

    Args:
        argument: Name of the argument, for errors.
        indices: What was given: places as whole numbers, or one boolean per row.
        length: Number of rows.
        those: What the rows are, for errors.

    Returns:
        The indices, as an array.

    Raises:
        ValueError: If they do not fit.
    """
    indices = np.asarray(indices)
    if indices.dtype == bool and indices.shape == (length,):
        return indices
    if indices.ndim == 1 and not len(indices):
        return indices.astype(np.int64)
    integers = indices.ndim == 1 and np.issubdtype(indices.dtype, np.integer)
    if not integers or indices.min() < 0 or indices.max() >= length:
        raise ValueError(
            f"`{argument}` must be integers from 0 to {length - 1} or {length} booleans. Received: "
            f"{indices.dtype} of shape {indices.shape}"
            + (f" from {indices.min()} to {indices.max()}" if integers else "")
            + f". Count from {those}."
        )
    return indices


def check_dataset(argument: str, value: object) -> None:
    """Refuse what is no data set, such as a pair of arrays.

    Args:
        argument: Name of the argument, for errors.
        value: What was given.

    Raises:
        ValueError: If it is no `ImageDataset`.
    """
    if not isinstance(value, ImageDataset):
        raise ValueError(
            f"`{argument}` must be an ImageDataset. Received: {type(value).__name__}. Make one "
            "with load_arrays(images, labels) or load_folder(folder)."
        )


def image_table(dataset: ImageDataset, pool: np.ndarray) -> np.ndarray:
    """Lay out images by character and drawer.

    Args:
        dataset: The images.
        pool: `(m,)`, integer, the images to lay out, such as those of one alphabet.

    Returns:
        `(characters, drawers)`, int64, the image of each character by each drawer, or -1 where the
        pool has none.

    Raises:
        ValueError: If a drawer has two images of a character, of which the table holds one.
    """
    characters, row = np.unique(dataset.character[pool], return_inverse=True)
    drawers, column = np.unique(dataset.drawer[pool], return_inverse=True)
    table = np.full((len(characters), len(drawers)), -1)
    table[row, column] = pool
    if np.count_nonzero(table >= 0) < len(pool):
        twice = pool[table[row, column] != pool][0]
        raise ValueError(
            "`dataset` must have one image of each character by each drawer. Received: two of "
            f"{dataset.character_names[dataset.character[twice]]!r} by drawer "
            f"{dataset.drawer[twice]} in {dataset.name!r}. Number the images of a character "
            "differently in `drawer`."
        )
    return table

"""The table of pairs: indices, labels and transforms, never materialised images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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

"""A user's own pairs of images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.folders.pair_lists import (
    PairList,
    Problem,
    as_indices,
    as_same,
    from_indices,
    from_lists,
    from_table,
    told,
)
from keras_siamese.data.images.image_reading import as_preprocessing
from keras_siamese.data.images.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.pairs import PairTable


class LoadedPairs(NamedTuple):
    """Images and labelled pairs of them.

    Attributes:
        data: The images, each once. Their classes are not known: each image is a class, named by
            its file, so that no other pairs can be drawn of them.
        pairs: The pairs, which index the images.
    """

    data: ImageDataset
    pairs: PairTable


def load_pairs(
    left: Any,
    right: Any = None,
    same: Any = None,
    *,
    indices: Any = None,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
    name: str | None = None,
    on_unreadable: OnUnreadable | None = None,
) -> LoadedPairs:
    """Load pairs of images of which it is known whether they show the same class.

    Training (`train`, `pair_batches`), `evaluate_pairs` and `choose_threshold` take the result.
    Each image is read once, in however many pairs it is.

    Args:
        left: A CSV file with the columns `left`, `right` and `same`, in any order, and maybe
            others. Paths of images start from the file's folder; `same` is 1 or 0, true or false,
            same or different. Or, with `right` and `same`, a list of the first images. Or, with
            `indices` and `same`, all images: a list, or a data set, whose images are taken as they
            are. Images are as for `Preprocessing.read`: paths, PIL images, arrays as in a file.
        right: A list of as many images, the second of each pair.
        same: `(n,)`, bool, or 0 and 1, whether both images of each pair show the same class.
        indices: `(n, 2)`, whole numbers, the places in `left` of each pair's images.
        size: Side of the images in pixels, or (height, width).
        color: As for `load_folder`.
        polarity: As for `load_folder`.
        paper: As for `load_folder`.
        aspect: As for `load_folder`.
        preprocessing: All of the above in one value, such as a recognizer's.
        name: Name of the data set; None for "pairs-NAME" of a file, and "pairs".
        on_unreadable: Called with the error of each image that cannot be read; its pairs are then
            left out. None raises one error for all of them.

    Returns:
        The images and the pairs, in their order: `data, pairs = load_pairs(...)`.

    Raises:
        ValueError: If arguments do not fit each other, there are no pairs, or lines or pairs are
            wrong: an unknown `same`, a missing or unreadable image, an image said to be different
            from itself, two pairs that contradict each other. One error names all of them, with
            the numbers of their lines.
        FileNotFoundError: If there is no such CSV file.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import load_pairs
        >>> images = np.zeros((3, 20, 20, 1), np.uint8)
        >>> images[0, 5:15, 10] = images[1, 5:15, 9] = images[2, 10, 5:15] = 255
        >>> data, pairs = load_pairs(images, indices=[[0, 1], [0, 2]], same=[1, 0], size=10)
        >>> data.images.shape, pairs.same.tolist()
        ((3, 10, 10, 1), [True, False])
    """
    _check_combination(left, right, same, indices)
    look = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
    if isinstance(left, ImageDataset) and indices is not None:
        if size is not None or preprocessing is not None or any(look.values()):
            raise ValueError(
                "`size`, `preprocessing` and the like are for images that are to be read. "
                f"Received: the data set {left.name!r}, which was read already. Leave them out."
            )
        places = as_indices(indices, len(left))
        columns = places[:, 0].copy(), places[:, 1].copy()
        return LoadedPairs(left, PairTable(*columns, as_same(same, len(places))))
    reading = as_preprocessing(size, preprocessing=preprocessing, **look)
    if indices is not None:
        source, found = "The pairs", from_indices(left, indices, same)
    elif right is not None:
        source, found = "The pairs", from_lists(left, right, same)
    else:
        table = Path(left).expanduser()
        source, found = repr(str(table)), from_table(table)
        name = name or f"pairs-{table.stem}"
    return _read(found, source, name or "pairs", reading, on_unreadable)


def _check_combination(left: Any, right: Any, same: Any, indices: Any) -> None:
    alone = right is None and same is None and indices is None
    if alone and isinstance(left, str | os.PathLike):
        return
    if alone or same is None or (right is None) == (indices is None):
        given = {"right": right, "same": same, "indices": indices}
        told_of = [argument for argument, value in given.items() if value is not None]
        raise ValueError(
            "Pairs must be a CSV file alone, or `left`, `right` and `same`, or images, `indices` "
            f"and `same`. Received: `left` as {type(left).__name__} with "
            f"{', '.join(told_of) or 'nothing else'}. Give what is missing."
        )


def _read(
    found: PairList,
    source: str,
    name: str,
    reading: Preprocessing,
    on_unreadable: OnUnreadable | None,
) -> LoadedPairs:
    problems = list(found.problems)
    images: list[np.ndarray] = []
    rows = np.full(len(found.pictures), -1, np.int32)
    for number, picture in enumerate(found.pictures):
        try:
            image = reading.read(picture)
        except (ValueError, OSError) as error:
            if on_unreadable is not None:
                on_unreadable(error)
            else:
                problems += [
                    Problem(place, f"has an image that cannot be read: {str(error).rstrip('.')}")
                    for place in dict.fromkeys(found.picture_places[number])
                ]
            continue
        rows[number] = len(images)
        images.append(image)
    if problems:
        raise ValueError(
            f"{source} must be pairs of images that can be read, each with same or different. "
            f"Received: {told(found.noun, problems)}. Correct or remove them."
        )
    kept = np.flatnonzero((rows[found.left] >= 0) & (rows[found.right] >= 0))
    if not len(kept):
        raise ValueError(
            f"{source} must have images that can be read. Received: no pair of such. Replace them."
        )
    used = np.flatnonzero(rows >= 0)
    count = len(images)
    data = ImageDataset(
        images=np.stack(images),
        alphabet=np.zeros(count, np.int32),
        character=np.arange(count, dtype=np.int32),
        drawer=np.ones(count, np.int32),
        alphabet_names=(name,),
        character_names=tuple(f"{name}/{found.names[number]}" for number in used),
        name=name,
        preprocessing=reading,
    )
    columns = rows[found.left[kept]], rows[found.right[kept]]
    return LoadedPairs(data, PairTable(*columns, found.same[kept]))

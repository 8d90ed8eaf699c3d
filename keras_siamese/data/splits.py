"""Splits by alphabet and drawer, the paper's and others, and the guards on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from keras_siamese.argument_checks import random_generator
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.datasets.lake_runs import LAKE_RUNS

# The ten alphabets of the official runs, which are the paper's test alphabets (sec. 4.1).
LAKE_ALPHABETS = tuple(sorted({alphabet for alphabet, _, _ in LAKE_RUNS}))

# The four drawers of each alphabet's two official runs: the paper's test drawers (sec. 4.1).
OFFICIAL_DRAWERS: dict[str, tuple[int, ...]] = {
    name: tuple(sorted({drawer for run in LAKE_RUNS if run[0] == name for drawer in run[1:]}))
    for name in LAKE_ALPHABETS
}

# The paper's validation images are by four drawers that train nothing (sec. 4.1).
VALIDATION_DRAWERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Splits:
    """The three parts of the data.

    Attributes:
        train: Images to fit weights on.
        validation: Images to choose rates, thresholds and the best epoch on.
        test: Images to report on, once.
    """

    train: ImageDataset
    validation: ImageDataset
    test: ImageDataset


def paper_splits(
    background: ImageDataset,
    evaluation: ImageDataset,
    *,
    train_drawers: Iterable[int] = range(9, 21),
    validation_drawers: Iterable[int] = VALIDATION_DRAWERS,
) -> Splits:
    """Split Omniglot as the paper does.

    Source: Koch et al. 2015, sec. 4.1 and 4.2: 30 alphabets by 12 drawers for training, 10 by 4
    further ones for validation, and for test the 10 alphabets and 4 drawers of Lake et al. 2013.
    Open in Koch et al. 2015, sec. 4.1 and 4.2: the drawers of training and validation, the ten
    validation alphabets, and the drawers of the verification test pairs. Decided: drawers 9 to 20
    train, since the official runs use 1 to 8 only; drawers 1 to 4 validate, on the ten evaluation
    alphabets without official runs; test pairs come from each test alphabet's own four drawers of
    the official runs.

    Args:
        background: Omniglot's background set.
        evaluation: Omniglot's evaluation set.
        train_drawers: Drawers of the training images.
        validation_drawers: Drawers of the validation images.

    Returns:
        Training: the background alphabets by `train_drawers`. Test: Lake's ten alphabets, each by
        its own four drawers of the official runs. Validation: the other evaluation alphabets by
        `validation_drawers`.

    Raises:
        ValueError: If alphabets or drawers are not in the data, or parts overlap.
    """
    others, test = evaluation_parts(evaluation)
    splits = Splits(
        train=background.select(drawers=list(train_drawers)),
        validation=others.select(drawers=list(validation_drawers)),
        test=test,
    )
    check_disjoint(splits)
    return splits


def evaluation_parts(evaluation: ImageDataset) -> tuple[ImageDataset, ImageDataset]:
    """Take Omniglot's evaluation set apart as the paper does (sec. 4.1).

    Args:
        evaluation: Omniglot's evaluation set.

    Returns:
        The ten alphabets without official runs, by all drawers; and Lake's ten alphabets, each by
        its own four drawers of the official runs.

    Raises:
        ValueError: If alphabets or drawers are not in the data.
    """
    others = [name for name in evaluation.alphabet_names if name not in LAKE_ALPHABETS]
    # Each alphabet has its own four drawers, so the test images are the union of ten selections.
    in_test = np.zeros(len(evaluation), bool)
    for name, drawers in OFFICIAL_DRAWERS.items():
        evaluation.select(alphabets=name, drawers=drawers)
        index = evaluation.alphabet_names.index(name)
        in_test |= (evaluation.alphabet == index) & np.isin(evaluation.drawer, drawers)
    return evaluation.select(alphabets=others), evaluation.select(indices=in_test)


def split_alphabets(
    dataset: ImageDataset,
    *,
    num_validation: int,
    num_test: int,
    seed: int,
    heldout_drawers: Iterable[int],
    train_drawers: Iterable[int] | None = None,
) -> Splits:
    """Split any data set by alphabets drawn at random, and by drawers.

    Args:
        dataset: Images of several alphabets and drawers.
        num_validation: Number of validation alphabets, at least 1.
        num_test: Number of test alphabets, at least 1.
        seed: Seed of the draw of alphabets.
        heldout_drawers: Drawers of the validation and test images.
        train_drawers: Drawers of the training images; None for all others.

    Returns:
        The three parts, without an alphabet or image in common; training has no drawer in common
        with the other two.

    Raises:
        ValueError: If too few alphabets are left for training, alphabets or drawers are not in the
            data, or parts overlap.
    """
    present = [dataset.alphabet_names[i] for i in np.unique(dataset.alphabet)]
    if min(num_validation, num_test) < 1 or num_validation + num_test >= len(present):
        raise ValueError(
            "`num_validation` and `num_test` must be at least 1 and leave at least one of the "
            f"{len(present)} alphabets for training. Received: {num_validation} and {num_test}. "
            "Lower them or give more alphabets."
        )
    order = random_generator(seed).permutation(present).tolist()
    heldout = list(heldout_drawers)
    others = np.setdiff1d(dataset.drawer, heldout) if train_drawers is None else train_drawers
    bounds = num_validation, num_validation + num_test
    splits = Splits(
        train=dataset.select(alphabets=order[bounds[1] :], drawers=list(others)),
        validation=dataset.select(alphabets=order[: bounds[0]], drawers=heldout),
        test=dataset.select(alphabets=order[bounds[0] : bounds[1]], drawers=heldout),
    )
    check_disjoint(splits)
    return splits


def check_disjoint(splits: Splits) -> None:
    """Check that nothing crosses between training, validation and test.

    No two parts may share an alphabet (by name) or an identical image. Training may share no
    drawer with the other two, which may share drawers with each other. Identical images inside one
    part are allowed (Omniglot's Braille/character01 has one).

    Args:
        splits: The three parts.

    Raises:
        ValueError: If a part is empty, or something crosses; names what and between which parts.
    """
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    for name, part in parts.items():
        if not len(part):
            raise ValueError(
                f"`splits.{name}` must hold images. Received: none. Choose alphabets and drawers "
                f"that {part.name!r} has together."
            )
    digests = {name: _digests(part) for name, part in parts.items()}
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        shared = sorted(_alphabets(parts[one]) & _alphabets(parts[other]))
        _refuse(shared, "alphabets", one, other)
        if one == "train":
            drawers = np.intersect1d(parts[one].drawer, parts[other].drawer).tolist()
            _refuse(drawers, "drawers", one, other)
        images = [
            f"{_place(parts[one], digests[one][key])} = {_place(parts[other], digests[other][key])}"
            for key in sorted(
                digests[one].keys() & digests[other].keys(), key=digests[one].__getitem__
            )
        ]
        _refuse(images, "identical images", one, other)


def _refuse(shared: list, what: str, one: str, other: str) -> None:
    if shared:
        raise ValueError(
            f"`splits.{one}` and `splits.{other}` must share no {what}. Received: {len(shared)} "
            f"shared: {shared[:5]}. Take them out of one of the two."
        )


def _alphabets(part: ImageDataset) -> set[str]:
    return {part.alphabet_names[i] for i in np.unique(part.alphabet)}


def _digests(part: ImageDataset) -> dict[bytes, int]:
    """Return the index of one image for each different content."""
    shape = str(part.images.shape[1:]).encode()
    return {
        blake2b(image.tobytes(), digest_size=16, key=shape[:64]).digest(): i
        for i, image in enumerate(part.images)
    }


def _place(part: ImageDataset, index: int) -> str:
    blank = "" if part.images[index].any() else " (blank)"
    return f"{part.character_names[part.character[index]]} drawer {part.drawer[index]}{blank}"

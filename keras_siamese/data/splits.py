"""Splits by alphabet and drawer, classes held out of any data set, and the guards on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from keras_siamese.argument_checks import is_number, random_generator
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import check_protocol
from keras_siamese.data.lake_runs import LAKE_RUNS

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


# From so many alphabets on, whole ones are held out.
_MANY_ALPHABETS = 5


def hold_out_classes(
    dataset: ImageDataset, *, fraction: float = 0.2, seed: int
) -> tuple[ImageDataset, ImageDataset]:
    """Split classes at random into those to train on and those to validate on.

    Where a data set has five alphabets or more, each with two usable classes, whole alphabets are
    held out. A class is usable with two images or more: one alone can be no same pair.

    Args:
        dataset: Images of four usable classes or more.
        fraction: Share of the classes (or alphabets) to hold out, in (0, 1); at least two usable
            classes go to either part.
        seed: Seed of the draw.

    Returns:
        The images to train on and those held out, which have only usable classes.

    Raises:
        ValueError: If the fraction is out of range or there are too few usable classes.

    Example:
        >>> from keras_siamese import hold_out_classes, make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=10, num_drawers=2)
        >>> training, held_out = hold_out_classes(glyphs, fraction=0.3, seed=0)
        >>> len(training.images), len(held_out.images)
        (14, 6)
    """
    if not is_number(fraction) or not 0 < fraction < 1:
        raise ValueError(f"`fraction` must lie in (0, 1). Received: fraction={fraction}")
    usable = check_classes(dataset, 4, "two to train on and two to hold out")
    rng = random_generator(seed)
    of_class = np.zeros(len(dataset.character_names), np.int32)
    of_class[dataset.character] = dataset.alphabet
    alphabets, counts = np.unique(of_class[usable], return_counts=True)
    everyone = np.array_equal(alphabets, np.unique(dataset.alphabet)) and counts.min() > 1
    if everyone and len(alphabets) >= _MANY_ALPHABETS:
        number = min(max(1, round(fraction * len(alphabets))), len(alphabets) - 1)
        held_out = np.isin(dataset.alphabet, rng.permutation(alphabets)[:number])
    else:
        number = min(max(2, round(fraction * len(usable))), len(usable) - 2)
        held_out = np.isin(dataset.character, rng.permutation(usable)[:number])
    kept = held_out & np.isin(dataset.character, usable)
    return dataset.select(indices=~held_out), dataset.select(indices=kept)


def part_classes(
    images: ImageDataset, held_out: float | Sequence[str], *, seed: int
) -> tuple[ImageDataset, ImageDataset | None]:
    """Split classes into those to train on and those to validate on.

    Args:
        images: Images of the classes.
        held_out: Share in (0, 1) of the classes (or alphabets) to hold out, as for
            `hold_out_classes`; or their names, each with or without its alphabet's; or 0 for none.
        seed: Seed of the draw of a share.

    Returns:
        The images to train on and those held out, None for none.

    Raises:
        ValueError: If the share is out of range, a name is unknown, or there are too few usable
            classes.
    """
    if isinstance(held_out, str) or np.ndim(held_out) > 0:
        names = [held_out] if isinstance(held_out, str) else list(held_out)  # type: ignore[arg-type]
        return _without(images, list(map(str, names)))
    if held_out:
        return hold_out_classes(images, fraction=float(held_out), seed=seed)  # type: ignore[arg-type]
    check_classes(images, 2, "to train on")
    return images, None


def _without(images: ImageDataset, names: list[str]) -> tuple[ImageDataset, ImageDataset]:
    """Hold out classes by name: that of the class alone, or with its alphabet's before it."""
    places = [{name, name.split("/", 1)[-1]} & set(names) for name in images.character_names]
    unknown = set(names).difference(*places)
    if unknown or not names:
        raise ValueError(
            f"`held_out` must name classes of {images.name!r}. Received: {sorted(unknown)}, which "
            f"are none of {list(images.character_names)[:10]}. Correct the names."
        )
    chosen = np.flatnonzero([bool(place) for place in places])
    held = np.isin(images.character, chosen)
    known, unseen = images.select(indices=~held), images.select(indices=held)
    check_classes(known, 2, "to train on")
    check_classes(unseen, 2, "to hold out")
    return known, unseen


def check_classes(dataset: ImageDataset, least: int, purpose: str) -> np.ndarray:
    """Check that enough classes have two images or more.

    Args:
        dataset: The images.
        least: How many such classes are needed.
        purpose: What for, in the error.

    Returns:
        `(n,)`, int32, those classes, as in `dataset.character`.

    Raises:
        ValueError: If there are fewer.
    """
    classes, counts = np.unique(dataset.character, return_counts=True)
    usable = classes[counts > 1]
    if len(usable) < least:
        raise ValueError(
            f"{dataset.name!r} must have at least {least} classes with two images or more "
            f"({purpose}). Received: {len(usable)} among its {len(classes)} classes. Add classes, "
            f"or images of those that have one. {_way_out(len(usable))}"
        )
    return usable


def _way_out(usable: int) -> str:
    """Say what can be done with so few usable classes."""
    if usable > 1:
        return (
            "Or hold none out, and so measure no score: `train_recognizer(..., held_out=0)`, "
            "`keras-siamese train --validation 0`."
        )
    return (
        "Or train nothing: `Recognizer` and `keras-siamese classify` name images by one image of "
        "each class."
    )


def most_ways(
    dataset: ImageDataset, *, n_shot: int = 1, protocol: str = "across-alphabets", limit: int = 20
) -> int:
    """Find how many classes a one-shot run on a data set can have.

    Args:
        dataset: Images to draw episodes from.
        n_shot: Support images per class; one more is the query.
        protocol: As for `sample_episodes`.
        limit: Most classes to return.

    Returns:
        The `n_way` for `sample_episodes`, from 2 to `limit`.

    Raises:
        ValueError: If the protocol is unknown or not even two classes have enough images.
    """
    protocol = check_protocol(protocol)
    classes, first, counts = np.unique(dataset.character, return_index=True, return_counts=True)
    complete = counts > n_shot
    alphabet = (
        dataset.alphabet[first[complete]] if protocol == "within-alphabet" else complete[complete]
    )
    most = min(np.unique(alphabet, return_counts=True)[1], default=0)
    if most < 2:
        raise ValueError(
            f"{dataset.name!r} must have at least 2 classes with {n_shot + 1} images or more to "
            f"draw trials of {n_shot} shot(s) from. Received: {int(complete.sum())} among its "
            f"{len(classes)} classes. Add images to classes that have fewer, or classes."
        )
    return int(min(most, limit))

"""Classes held out of any data set, and how many classes an episode of it can have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_siamese.argument_checks import is_number, random_generator
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.episodes import check_protocol

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
        raise ValueError(
            f"`fraction` must lie in (0, 1). Received: fraction={fraction}. Give a share, such as "
            "0.2."
        )
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
            f"are not among {list(images.character_names)[:10]}. Correct the names."
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


def max_n_way(
    dataset: ImageDataset, *, n_shot: int = 1, protocol: str = "across-alphabets", limit: int = 20
) -> int:
    """Find how many classes an episode of a data set can have.

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

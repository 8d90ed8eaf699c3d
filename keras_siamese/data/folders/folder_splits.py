"""Folders such as train, val and test: the parts of one data set, never alphabets or classes."""

from __future__ import annotations

import re

from keras_siamese.data.folders.folder_layout import ImageFolder

# Asks for all splits, classes of one name put together.
ALL = "all"

_PARTS = {
    "train": "train training trn trainval",
    "validation": "val valid validate validation dev develop development devel",
    "test": "test testing tst holdout heldout",
    "evaluation": "eval evaluate evaluation",
    "unlabelled": "unlabelled unlabeled predict prediction inference infer submission extra",
    "fold": "fold cv kfold",
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words.split()}
# Words that such names have besides, as in "seg_train", "TrainingSet" and "test_images".
_FILLERS = frozenset(
    "set sets split splits data dataset datasets image images img imgs pics pictures photos seg "
    "folder dir files my the all new".split()
)


def part_of(name: str) -> str | None:
    """Tell which part of a data set a folder's name stands for.

    Args:
        name: The name, such as "Training_set", "val" or "test1".

    Returns:
        "train", "validation", "test", "evaluation", "unlabelled", "fold", or None.
    """
    # "TrainSet" is two words, "HELDOUT" is one.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().replace("held out", "heldout")
    words = re.findall(r"[^\W\d_]+", re.sub(r"held[^a-z]out", "heldout", spaced))
    # "trainset" and "testdata" are written as one word, too.
    words = [re.sub(r"(?<=...)(set|data|images)$", "", word) for word in words]
    rest = [word for word in words if word not in _FILLERS]
    return _PART_OF.get(rest[0]) if len(rest) == 1 else None


def choose(tree: ImageFolder, split: str | None) -> list[ImageFolder]:
    """Return the folders to look for classes in.

    Splits lie above the classes (`train/cat`) or below them (`cat/train`).

    Args:
        tree: The folder that the user names.
        split: As for `load_folder`.

    Returns:
        `tree` itself where it has no splits.

    Raises:
        ValueError: If there are splits and none is chosen, or the one chosen is not there.
    """
    above = _splits_among(tree)
    below = {} if above else _splits_below(tree)
    names = sorted(above or below)
    if split is None and not names:
        return [tree]
    path = str(tree.path)
    if split is None:
        name = next((name for name in names if part_of(name) == "train"), names[0])
        where = f"its folders {_listed(names)} look" if above else f"{_listed(names)} in them look"
        advice = f"Name one of them, such as '{path}/{name}', or choose" if above else "Choose"
        raise ValueError(
            f"{path!r} must hold the folders of classes. Received: {where} like parts of one data "
            "set: read as alphabets or classes, one class would count as several. "
            f"{advice} with split={name!r} (--split {name}); split={ALL!r} puts them together. If "
            "they are classes or alphabets, rename them."
        )
    if not isinstance(split, str) or not names:
        found = _listed([folder.path.name for folder in tree.folders]) or "no folders with images"
        raise ValueError(
            f"`split` must name one of the splits of {path!r}. Received: {split!r} where there are "
            f"{found}. Drop it."
        )
    chosen = names if split == ALL else [find(names, split, path)]
    if above:
        return [above[name] for name in chosen]
    return _lifted(tree, chosen)


def _splits_among(tree: ImageFolder) -> dict[str, ImageFolder]:
    """Find the splits right in a folder, by name; none where they may be alphabets or classes."""
    named = {folder.path.name: folder for folder in tree.folders if part_of(folder.path.name)}
    if len(named) < 2:
        return {}
    parts = {part_of(name) for name in named}
    # Names alone are enough where all are such names, of two kinds; else the same classes in two.
    if len(parts) > 1 and len(named) == len(tree.folders):
        return named
    held = [{folder.path.name for folder in part.folders} for part in named.values()]
    shared = sum(map(len, held)) > len(set().union(*held))
    return named if shared else {}


def _splits_below(tree: ImageFolder) -> dict[str, list[ImageFolder]]:
    """Find the splits in class folders, where these hold nothing else."""
    found: dict[str, list[ImageFolder]] = {}
    for folder in tree.folders:
        for part in folder.folders:
            found.setdefault(part.path.name, []).append(part)
    several = len({part_of(name) for name in found}) > 1
    nothing_else = all(not folder.images and folder.folders for folder in tree.folders)
    return found if several and nothing_else and all(map(part_of, found)) else {}


def _lifted(tree: ImageFolder, chosen: list[str]) -> list[ImageFolder]:
    """Return the folder with only the chosen parts, their images in the class folders."""
    classes = []
    for folder in tree.folders:
        parts = [part for part in folder.folders if part.path.name in chosen]
        images = [image for part in parts for image in part.images]
        deeper = [below for part in parts for below in part.folders]
        if parts:
            classes.append(ImageFolder(folder.path, tuple(images), tuple(deeper)))
    return [ImageFolder(tree.path, tree.images, tuple(classes))]


def find(names: list[str], split: str, path: str) -> str:
    """Find a split by its name, else by what the name stands for.

    Args:
        names: The splits that there are.
        split: The one asked for, such as "val" for "Validation".
        path: Where they are, for errors.

    Returns:
        One of the names.

    Raises:
        ValueError: If none fits, or several do.
    """
    part = part_of(split)
    exact = [name for name in names if name.lower() == split.lower()]
    found = exact or [name for name in names if part and part_of(name) == part]
    if len(found) != 1:
        raise ValueError(
            f"`split` must be {ALL!r} or name one of the splits of {path!r}, {_listed(names)}. "
            f"Received: {split!r}. Choose from that list."
        )
    return found[0]


def _listed(names: list[str]) -> str:
    """Return names as a list in a sentence, the first ten of many."""
    shown = [repr(name) for name in names[:10]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)

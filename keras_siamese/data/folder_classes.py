"""The classes in a folder of images: class folders, alphabets of them, or splits with either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keras_siamese.data import folder_splits
from keras_siamese.data.folder_layout import ImageFolder


def find_classes(tree: ImageFolder, split: str | None) -> dict[tuple[str, str], list[Path]]:
    """Find the images of each class in a folder.

    Args:
        tree: A folder of class folders, of alphabets with class folders, or of splits with either.
        split: As for `load_folder`.

    Returns:
        Files of each (alphabet, class), all sorted. A lone alphabet is named as the folder.

    Raises:
        ValueError: If the folders are laid out in another way, or are splits of which none is
            chosen; says what to do.
    """
    classes: dict[tuple[str, str], list[Path]] = {}
    for part in folder_splits.choose(tree, split):
        # Parts that are put together make the alphabets of the whole.
        alone = tree.path if split == folder_splits.ALL else part.path
        for alphabet, folder in _class_folders(part, alone):
            classes.setdefault((alphabet, folder.path.name), []).extend(folder.all_images)
    return dict(sorted(classes.items()))


def _class_folders(tree: ImageFolder, alone: Path) -> Iterator[tuple[str, ImageFolder]]:
    """Yield the class folders of a folder, each with the name of its alphabet."""
    _check_folders_only(tree)
    nested = [folder for folder in tree.folders if folder.folders]
    flat = [folder for folder in tree.folders if not folder.folders]
    if nested and flat:
        raise ValueError(
            f"{str(tree.path)!r} must hold either class folders or folders of alphabets. Received: "
            f"folders in {nested[0].path.name!r} and none in {flat[0].path.name!r}. "
            "Give both the same layout, or name the folder of one alphabet."
        )
    for folder in flat:
        yield alone.resolve().name, folder
    for alphabet in nested:
        _check_folders_only(alphabet)
        for folder in alphabet.folders:
            if folder.folders:
                raise ValueError(
                    f"{str(folder.path)!r} must hold images and no folders with images, for it is "
                    f"a class of {alphabet.path.name!r}. Received: {folder.folders[0].path.name!r}."
                    " Put the images of each class into one folder, or name a folder further down."
                )
            yield alphabet.path.name, folder


def _check_folders_only(tree: ImageFolder) -> None:
    """Check that there are folders of images and no images next to them."""
    if tree.images:
        others = len(tree.images) - 1
        more = f" and {others} more such images" if others else ""
        raise ValueError(
            f"{str(tree.path)!r} must hold class folders only. Received: the file "
            f"{tree.images[0].name!r}{more}. Put images into one folder per class, or name the "
            "classes by a CSV file or by the names of the files: labels=... (--labels)."
        )
    if not tree.folders:
        raise ValueError(
            f"{str(tree.path)!r} must hold class folders only. Received: nothing that is an image. "
            "Put images into one folder per class."
        )

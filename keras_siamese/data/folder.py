"""A user's own images: one folder per class, or folders of alphabets with one folder per class."""

import os
from pathlib import Path

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.image_reading import OnUnreadable, check_look, read_images
from keras_siamese.data.resampling import check_size

# What file managers leave behind.
_IGNORED = {"thumbs.db", "desktop.ini", "__macosx"}


def load_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int],
    color: str = "grey",
    ink: str = "dark",
    on_unreadable: OnUnreadable | None = None,
) -> ImageDataset:
    """Loads images sorted into folders.

    `path` holds either class folders with images (which make one alphabet, named as `path`), or
    folders of alphabets, each with class folders. Hidden files are left out; every other file must
    be an image.

    Args:
        path: The outer folder.
        size: Side of the images in pixels, or (height, width). Images of another shape are
            stretched: area mean where an axis shrinks, bilinear where it grows.
        color: "grey" for one channel or "rgb" for three.
        ink: "dark" where what is drawn is darker than the ground (the values are turned, so that
            ink is 255), "bright" where it is brighter, and for photographs. "auto", for drawings,
            judges each image by itself: the brightness of most of its pixels is the ground's.
            "redraw" makes drawings of any place, size and pen like Omniglot's (`read_image`).
        on_unreadable: Called with the error of each file that cannot be read, which is then left
            out, and so is a class of which nothing is left. None raises the first error.

    Returns:
        A data set named "folder-NAME", images `(n, height, width, channels)`, uint8, sorted by
        alphabet, class and file name. The drawer is a running number from 1 inside each class.

    Raises:
        ValueError: If an argument is unknown, the folders are not laid out as above, a class is
            empty, or a file is no image or too large; names the file.
        FileNotFoundError: If `path` is no folder.
    """
    shape = check_size(size)
    check_look(color, ink)
    root = Path(path).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(
            f"`path` must be a folder of class folders, but {str(root)!r} is no folder. Correct it."
        )
    images: list[np.ndarray] = []
    names: list[tuple[str, str]] = []
    character: list[int] = []
    drawer: list[int] = []
    for name, files in _find_classes(root).items():
        of_class = read_images(files, shape, color=color, ink=ink, on_unreadable=on_unreadable)
        if of_class:
            images += of_class.values()
            character += [len(names)] * len(of_class)
            drawer += range(1, len(of_class) + 1)
            names.append(name)
    if not images:
        raise ValueError(
            f"{str(root)!r} must hold images, but none of its files could be read. Replace them."
        )
    alphabets = sorted({alphabet for alphabet, _ in names})
    of_character = np.array([alphabets.index(alphabet) for alphabet, _ in names], np.int32)
    return ImageDataset(
        images=np.stack(images),
        alphabet=of_character[character],
        character=np.array(character, np.int32),
        drawer=np.array(drawer, np.int32),
        alphabet_names=tuple(alphabets),
        character_names=tuple("/".join(pair) for pair in names),
        name=f"folder-{root.resolve().name}",
    )


def _find_classes(root: Path) -> dict[tuple[str, str], list[Path]]:
    """Files of each (alphabet, class), all sorted."""
    folders = _subfolders(root)
    nested = [
        folder for folder in folders if any(entry.is_dir() for entry in folder_entries(folder))
    ]
    if nested and len(nested) < len(folders):
        flat = next(folder for folder in folders if folder not in nested)
        raise ValueError(
            f"{str(root)!r} must hold either class folders or folders of alphabets, but "
            f"{nested[0].name!r} holds folders and {flat.name!r} holds none. Lay out both alike."
        )
    classes = {}
    for alphabet in nested if nested else [root]:
        for folder in _subfolders(alphabet):
            entries = folder_entries(folder)
            files = [entry for entry in entries if entry.is_file()]
            if not files or len(files) < len(entries):
                held = f"{len(files)} files and {len(entries) - len(files)} folders"
                raise ValueError(
                    f"{str(folder)!r} must hold images and no folders, but "
                    f"{'holds ' + held if entries else 'is empty'}. Fill it or move it."
                )
            classes[alphabet.resolve().name, folder.name] = files
    return classes


def _subfolders(folder: Path) -> list[Path]:
    entries = folder_entries(folder)
    files = [entry.name for entry in entries if not entry.is_dir()]
    if files or not entries:
        raise ValueError(
            f"{str(folder)!r} must hold class folders only, but holds "
            f"{'the file ' + repr(files[0]) if files else 'nothing'}. Put images into one folder "
            "per class, and take other files out."
        )
    return entries


def folder_entries(folder: Path) -> list[Path]:
    """Lists what a folder holds, without hidden files and those that file managers leave behind.

    Args:
        folder: The folder.

    Returns:
        Files and folders, sorted by name.
    """
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED
    )

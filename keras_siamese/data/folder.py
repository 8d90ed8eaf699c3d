"""A user's own images: one folder per class, or folders of alphabets with one folder per class."""

import os
from pathlib import Path

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.image_files import decode_image
from keras_siamese.data.resampling import check_size, resize_images

# Largest file that is read, in bytes.
_MAX_BYTES = 256_000_000
# What file managers leave behind.
_IGNORED = {"thumbs.db", "desktop.ini", "__macosx"}


def load_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int],
    color: str = "grey",
    ink: str = "dark",
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
            ink is 255), "bright" where it is brighter, and for photographs.

    Returns:
        A data set named "folder-NAME", images `(n, height, width, channels)`, uint8, sorted by
        alphabet, class and file name. The drawer is a running number from 1 inside each class.

    Raises:
        ValueError: If an argument is unknown, the folders are not laid out as above, a class is
            empty, or a file is no image or too large; names the file.
        FileNotFoundError: If `path` is no folder.
    """
    height, width = check_size(size)
    for argument, value, known in (
        ("color", color, ("grey", "rgb")),
        ("ink", ink, ("dark", "bright")),
    ):
        if value not in known:
            raise ValueError(
                f"`{argument}` must be one of {known}, but got {value!r}. Choose from that list."
            )
    root = Path(path).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(
            f"`path` must be a folder of class folders, but {str(root)!r} is no folder. Correct it."
        )
    classes = _find_classes(root)
    alphabets = sorted({alphabet for alphabet, _ in classes})
    images, character, drawer = [], [], []
    for index, files in enumerate(classes.values()):
        for number, file in enumerate(files, start=1):
            images.append(_read(file, color, (height, width)))
            character.append(index)
            drawer.append(number)
    of_class = np.array([alphabets.index(alphabet) for alphabet, _ in classes], np.int32)
    stack = np.stack(images)
    return ImageDataset(
        images=~stack if ink == "dark" else stack,
        alphabet=of_class[character],
        character=np.array(character, np.int32),
        drawer=np.array(drawer, np.int32),
        alphabet_names=tuple(alphabets),
        character_names=tuple("/".join(names) for names in classes),
        name=f"folder-{root.resolve().name}",
    )


def _find_classes(root: Path) -> dict[tuple[str, str], list[Path]]:
    """Files of each (alphabet, class), all sorted."""
    folders = _subfolders(root)
    nested = [folder for folder in folders if any(entry.is_dir() for entry in _entries(folder))]
    if nested and len(nested) < len(folders):
        flat = next(folder for folder in folders if folder not in nested)
        raise ValueError(
            f"{str(root)!r} must hold either class folders or folders of alphabets, but "
            f"{nested[0].name!r} holds folders and {flat.name!r} holds none. Lay out both alike."
        )
    classes = {}
    for alphabet in nested if nested else [root]:
        for folder in _subfolders(alphabet):
            files = [entry for entry in _entries(folder) if entry.is_file()]
            if not files or len(files) < len(_entries(folder)):
                raise ValueError(
                    f"{str(folder)!r} must hold images and no folders, but holds {len(files)} "
                    f"files and {len(_entries(folder)) - len(files)} folders. Fill it or move it."
                )
            classes[alphabet.resolve().name, folder.name] = files
    return classes


def _subfolders(folder: Path) -> list[Path]:
    entries = _entries(folder)
    files = [entry.name for entry in entries if not entry.is_dir()]
    if files or not entries:
        raise ValueError(
            f"{str(folder)!r} must hold class folders only, but holds "
            f"{'the file ' + repr(files[0]) if files else 'nothing'}. Put images into one folder "
            "per class."
        )
    return entries


def _entries(folder: Path) -> list[Path]:
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED
    )


def _read(file: Path, color: str, size: tuple[int, int]) -> np.ndarray:
    num_bytes = file.stat().st_size
    if num_bytes > _MAX_BYTES:
        raise ValueError(
            f"{str(file)!r} must have at most {_MAX_BYTES} bytes, but has {num_bytes}. Reduce it."
        )
    return resize_images(decode_image(file.read_bytes(), str(file), color=color)[None], size)[0]

"""References of known classes, read from a folder."""

import os
from pathlib import Path

import numpy as np

from keras_siamese.data.folder import folder_entries, load_folder
from keras_siamese.data.image_reading import OnUnreadable, check_look, read_images
from keras_siamese.data.resampling import check_size


def load_support(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int],
    color: str = "grey",
    ink: str = "dark",
    on_unreadable: OnUnreadable | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Loads one image or more of each class, as `OneShotClassifier.fit` takes them.

    `path` holds class folders, laid out as for `load_folder`, or images alone: then each is one
    class, named as the file without its ending.

    Args:
        path: The folder.
        size: As for `load_folder`.
        color: As for `load_folder`.
        ink: As for `load_folder`.
        on_unreadable: As for `load_folder`.

    Returns:
        Images `(n, height, width, channels)`, uint8, ink 255, and the class of each. Where the
        folder holds folders of several alphabets, a class is named "ALPHABET/CLASS".

    Raises:
        ValueError: As `load_folder`, or if two images name one class.
        FileNotFoundError: If `path` is no folder.
    """
    shape = check_size(size)
    check_look(color, ink)
    root = Path(path).expanduser()
    if not root.is_dir() or any(entry.is_dir() for entry in folder_entries(root)):
        return _from_class_folders(root, shape, color, ink, on_unreadable)
    files: dict[str, Path] = {}
    for file in folder_entries(root):
        if file.stem in files:
            raise ValueError(
                f"{str(root)!r} must hold one image a class, but {files[file.stem].name!r} and "
                f"{file.name!r} both name {file.stem!r}. Rename one, or give each class a folder."
            )
        files[file.stem] = file
    images = read_images(files.values(), shape, color=color, ink=ink, on_unreadable=on_unreadable)
    if not images:
        raise ValueError(
            f"{str(root)!r} must hold class folders or images named by their class, but holds "
            f"{'none that can be read' if files else 'nothing'}. Add one image of each class."
        )
    return np.stack(list(images.values())), [file.stem for file in images]


def _from_class_folders(
    root: Path, size: tuple[int, int], color: str, ink: str, on_unreadable: OnUnreadable | None
) -> tuple[np.ndarray, list[str]]:
    dataset = load_folder(root, size=size, color=color, ink=ink, on_unreadable=on_unreadable)
    names = list(dataset.character_names)
    if len(dataset.alphabet_names) == 1:
        names = [name.split("/", 1)[1] for name in names]
    return dataset.images, [names[character] for character in dataset.character]

"""A user's own images: in class folders, or with a class in the name of each or in a table."""

import os
import re
from pathlib import Path

import numpy as np

from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.folders.file_labels import FOLDERS, find_labelled
from keras_siamese.data.folders.folder_layout import (
    ImageFolder,
    OnSkipped,
    SkippedFile,
    reporting,
    scan_folder,
)
from keras_siamese.data.images.image_reading import as_preprocessing, read_images
from keras_siamese.data.images.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.unreadable import first_reason, keeping, what_is_at
from keras_siamese.deprecated import with_ink


@with_ink
def load_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
    labels: str | os.PathLike[str] = FOLDERS,
    label_pattern: str | re.Pattern[str] | None = None,
    split: str | None = None,
    on_skipped: OnSkipped | None = None,
    on_unreadable: OnUnreadable | None = None,
) -> ImageDataset:
    """Load images sorted into folders, or named by their class.

    `path` holds either class folders with images (which make one alphabet, named as `path`), or
    folders of alphabets, each with class folders. Files that are no images by their name and first
    bytes, hidden files and what systems leave behind, links that lead nowhere, pipes, and folders
    without images are left out.

    Args:
        path: The outer folder.
        size: Side of the images in pixels, or (height, width). Images of another shape are
            stretched (`aspect`): area mean where an axis shrinks, bilinear where it grows.
        color: "grey" for one channel (the default) or "rgb" for three.
        polarity: As `Preprocessing` has it: "dark_on_light", "light_on_dark" or "auto". None judges
            each grey drawing separately and takes coloured images as they are.
        paper: As `Preprocessing` has it: "find", "level", "keep", "crop" or "redraw". None brings
            paper and ink of grey drawings to 0 and 255, and leaves the levels of coloured images.
        aspect: As `Preprocessing` has it: "stretch" (the default) or "fit".
        preprocessing: All of the above in one value, such as another data set's.
        labels: "folders"; "names" where the name of each file holds its class; or a CSV file with
            the columns `file`, from `path` on, and `class` (or other words for these), looked for
            in `path`, too. A column `group` makes alphabets.
        label_pattern: For labels="names", a regular expression that is searched for in the name
            without its ending; its group, or that named "class", is the class. None takes the name
            without the number at its end: cat_01.png, cat.2.png and cat (3).png are all "cat".
        split: Where `path` holds splits, such as train, val and test, above or below the classes:
            the one to read, by its folder's name or as "train", "validation" or "test"; "all"
            puts them together. In a table, the column `split`.
        on_skipped: Called with a `SkippedFile` for each file or folder that is left out. None
            gives one warning for all but those that lie in nearly every folder, as `.DS_Store`.
        on_unreadable: Called with the error of each file that cannot be read, which is then left
            out, and so is a class of which nothing is left. None raises the first error.

    Returns:
        A data set named "folder-NAME", images `(n, height, width, channels)`, uint8, sorted by
        alphabet, class and file name. The drawer is a running number from 1 inside each class.
        Its `preprocessing` says how the files were read.

    Raises:
        ValueError: If an argument is unknown, the folders are not laid out as above or are splits
            of which none is chosen, the table is damaged, or an image cannot be read; names the
            file.
        FileNotFoundError: If `path` is no folder.

    Example:
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> from keras_siamese import load_folder, make_glyphs
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=1)
        >>> for name, image in zip(["bolt", "nut"], glyphs.images):
        ...     Path("parts", name).mkdir(parents=True)
        ...     Image.fromarray(255 - image[..., 0]).save(f"parts/{name}/1.png")
        >>> load_folder("parts", size=28)
        ImageDataset('folder-parts', 2 images of 28x28, 1 alphabets, 2 characters, 1 drawers)
    """
    look = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
    reading = as_preprocessing(size, preprocessing=preprocessing, **look)
    root = Path(path).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(
            f"`path` must be a folder of class folders. Received: {str(root)!r}, which is "
            f"{what_is_at(root)}. Correct it."
        )
    errors: list[Exception] = []
    on_unreadable = keeping(on_unreadable, errors)
    images: list[np.ndarray] = []
    names: list[tuple[str, str]] = []
    character: list[int] = []
    drawer: list[int] = []
    with reporting(on_skipped) as skip:
        classes = find_labelled(
            root,
            labels=labels,
            label_pattern=label_pattern,
            split=split,
            on_skipped=skip,
            on_unreadable=on_unreadable,
        )
    for name, files in classes.items():
        of_class = read_images(files, preprocessing=reading, on_unreadable=on_unreadable)
        if of_class:
            images += of_class.values()
            character += [len(names)] * len(of_class)
            drawer += range(1, len(of_class) + 1)
            names.append(name)
    if not images:
        raise ValueError(
            f"{str(root)!r} must hold images that can be read. Received: {first_reason(errors)}"
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
        preprocessing=reading,
    )


@with_ink
def load_support(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    polarity: str | None = None,
    paper: str | None = None,
    aspect: str | None = None,
    preprocessing: Preprocessing | None = None,
    labels: str | os.PathLike[str] = FOLDERS,
    label_pattern: str | re.Pattern[str] | None = None,
    split: str | None = None,
    on_skipped: OnSkipped | None = None,
    on_unreadable: OnUnreadable | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Load one image or more of each class, as `OneShotClassifier.fit` takes them.

    `path` holds class folders, laid out as for `load_folder`, or images alone: then each is one
    class, named as the file without its ending.

    Args:
        path: The folder.
        size: As for `load_folder`.
        color: As for `load_folder`.
        polarity: As for `load_folder`.
        paper: As for `load_folder`.
        aspect: As for `load_folder`.
        preprocessing: As for `load_folder`; the network's own reads the images as it was trained.
        labels: As for `load_folder`.
        label_pattern: As for `load_folder`.
        split: As for `load_folder`.
        on_skipped: As for `load_folder`.
        on_unreadable: As for `load_folder`.

    Returns:
        Images `(n, height, width, channels)`, uint8, ink 255, and the class of each. Where the
        folder holds folders of several alphabets, a class is named "ALPHABET/CLASS".

    Raises:
        ValueError: As `load_folder`, or if two images name one class.
        FileNotFoundError: If `path` is no folder.

    Example:
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> from keras_siamese import load_support, make_glyphs
        >>> Path("support").mkdir()
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=2, num_drawers=1)
        >>> for name, image in zip(["bolt", "nut"], glyphs.images):
        ...     Image.fromarray(255 - image[..., 0]).save(f"support/{name}.png")
        >>> images, labels = load_support("support", size=28)
        >>> images.shape, labels
        ((2, 28, 28, 1), ['bolt', 'nut'])
    """
    look = {"color": color, "polarity": polarity, "paper": paper, "aspect": aspect}
    reading = as_preprocessing(size, preprocessing=preprocessing, **look)
    errors: list[Exception] = []
    on_unreadable = keeping(on_unreadable, errors)
    files = support_files(
        path,
        labels=labels,
        label_pattern=label_pattern,
        split=split,
        on_skipped=on_skipped,
        on_unreadable=on_unreadable,
    )
    images = read_images(
        [file for _, file in files], preprocessing=reading, on_unreadable=on_unreadable
    )
    if not images:
        held = first_reason(errors) if errors else "nothing. Add one image of each class."
        raise ValueError(
            f"{str(path)!r} must hold class folders or images named by their class. Received: "
            f"{held}"
        )
    return np.stack(list(images.values())), [name for name, file in files if file in images]


def support_files(
    path: str | os.PathLike[str],
    *,
    labels: str | os.PathLike[str] = FOLDERS,
    label_pattern: str | re.Pattern[str] | None = None,
    split: str | None = None,
    on_skipped: OnSkipped | None = None,
    on_unreadable: OnUnreadable | None = None,
) -> list[tuple[str, Path]]:
    """List the images of known classes in a folder, without reading them.

    Args:
        path: As for `load_support`.
        labels: As for `load_folder`.
        label_pattern: As for `load_folder`.
        split: As for `load_folder`.
        on_skipped: As for `load_folder`.
        on_unreadable: As for `load_folder`.

    Returns:
        The class and the file of each image, sorted by class.

    Raises:
        ValueError: As `load_support`, except for images that cannot be read.
        FileNotFoundError: If `path` is no folder.
    """
    root = Path(path).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(
            f"`path` must be a folder of known classes. Received: {str(root)!r}, which is "
            f"{what_is_at(root)}. Correct it."
        )
    with reporting(on_skipped) as skip:
        if labels == FOLDERS and split is None and label_pattern is None:
            skipped: list[SkippedFile] = []
            tree = scan_folder(root, skipped.append)
            if not tree.folders:
                for file in skipped:
                    skip(file)
                return _named_by_class(tree)
        classes = find_labelled(
            root,
            labels=labels,
            label_pattern=label_pattern,
            split=split,
            on_skipped=skip,
            on_unreadable=on_unreadable,
        )
    several = len({alphabet for alphabet, _ in classes}) > 1
    return [
        (f"{alphabet}/{name}" if several else name, file)
        for (alphabet, name), files in classes.items()
        for file in files
    ]


def _named_by_class(tree: ImageFolder) -> list[tuple[str, Path]]:
    """List images that are a class each, named by it."""
    files: dict[str, Path] = {}
    for file in tree.images:
        if file.stem in files:
            raise ValueError(
                f"{str(tree.path)!r} must hold one image per class. Received: "
                f"{files[file.stem].name!r} and {file.name!r}, which both name {file.stem!r}. "
                "Rename one, or give each class a folder."
            )
        files[file.stem] = file
    return list(files.items())

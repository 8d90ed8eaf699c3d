"""The class of each image file: by its folder, by its name, or by a CSV table."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from keras_siamese.data.folders import folder_splits
from keras_siamese.data.folders.folder_layout import (
    ImageFolder,
    OnSkipped,
    SkippedFile,
    scan_folder,
)
from keras_siamese.data.folders.label_tables import Row, read_table

FOLDERS = "folders"
NAMES = "names"

# The name without the number at its end: cat_01, cat.1, cat-1, cat (1) and cat1 are all "cat".
NUMBERED = r"^(.*[^\d\s._()-].*?)[\s._-]*\(?\d*\)?$"
# Problems that one error lists.
_LISTED = 10

Classes = dict[tuple[str, str], list[Path]]


def find_labelled(
    root: Path,
    *,
    labels: str | os.PathLike[str],
    label_pattern: str | re.Pattern[str] | None,
    split: str | None,
    on_skipped: OnSkipped,
    on_unreadable: Callable[[Exception], None] | None,
) -> Classes:
    """Find the images of each class.

    Args:
        root: The folder.
        labels: As for `load_folder`.
        label_pattern: As for `load_folder`.
        split: As for `load_folder`.
        on_skipped: Called with what is left out.
        on_unreadable: As for `load_folder`.

    Returns:
        Files of each (alphabet, class), all sorted.

    Raises:
        ValueError: If the folder or the table is not as it must be.
        OSError: If a folder or the table cannot be read.
    """
    check_labels(root, labels, label_pattern)
    if labels == FOLDERS:
        return find_classes(scan_folder(root, on_skipped), split)
    if labels == NAMES:
        return classes_by_name(scan_folder(root, on_skipped), label_pattern, split)
    table = find_table(root, labels)

    def skip(file: SkippedFile) -> None:
        if not (file.path.exists() and file.path.samefile(table)):
            on_skipped(file)

    return classes_by_table(scan_folder(root, skip), table, split, skip, on_unreadable)


def check_labels(
    root: Path, labels: str | os.PathLike[str], label_pattern: str | re.Pattern[str] | None
) -> None:
    """Check how the classes of a folder are to be found, before anything in it is read.

    Args:
        root: The folder.
        labels: As for `load_folder`.
        label_pattern: As for `load_folder`.

    Raises:
        ValueError: If they are out of range or do not fit each other, or there is no such table.
    """
    if not isinstance(labels, str | os.PathLike):
        raise ValueError(
            f"`labels` must be {FOLDERS!r}, {NAMES!r} or a CSV file. Received: {labels!r}. "
            "For arrays with a list of labels take `load_arrays`."
        )
    if label_pattern is not None:
        if labels != NAMES:
            raise ValueError(
                f"`label_pattern` is for labels={NAMES!r}. Received: labels={os.fspath(labels)!r}. "
                "Drop one of them."
            )
        _compiled(label_pattern)
    if labels not in (FOLDERS, NAMES):
        find_table(root, labels)


def find_table(root: Path, labels: str | os.PathLike[str]) -> Path:
    """Find a CSV file of labels.

    Args:
        root: The folder of the images.
        labels: The file; where no file has that name, one in the folder.

    Returns:
        Its path.

    Raises:
        ValueError: If there is no such file.
    """
    named = Path(labels).expanduser()
    for table in (named, root / named):
        if table.is_file():
            return table
    raise ValueError(
        f"`labels` must be {FOLDERS!r}, {NAMES!r} or a CSV file. Received: {os.fspath(labels)!r}, "
        f"which is no file, neither here nor in {str(root)!r}. Correct it."
    )


def classes_by_name(
    tree: ImageFolder, pattern: str | re.Pattern[str] | None, split: str | None
) -> Classes:
    """Find the class of each image in the name of its file.

    Args:
        tree: A folder of images, in whatever folders.
        pattern: As `label_pattern` of `load_folder`.
        split: As for `load_folder`.

    Returns:
        Files of each (alphabet, class), all sorted; the alphabet is named as the folder.

    Raises:
        ValueError: If the pattern is not valid, or does not fit a name; lists the files.
    """
    find = _compiled(pattern)
    classes: dict[str, list[Path]] = {}
    misfits = []
    files = [file for part in folder_splits.choose(tree, split) for file in part.all_images]
    for file in files:
        match = find.search(file.stem)
        name = match and (match["class"] if "class" in find.groupindex else match[1])
        if name:
            classes.setdefault(name, []).append(file)
        else:
            misfits.append(repr(str(file.relative_to(tree.path))))
    if not files:
        raise ValueError(
            f"{str(tree.path)!r} must hold images, each with its class in its name. Received: none."
            " Add some, or name another folder."
        )
    if misfits:
        raise ValueError(
            f"The names of all images in {str(tree.path)!r} must hold their class, as "
            f"{find.pattern!r} finds it. Received: none in {_listed(misfits, 'files')}. Rename "
            "them, or give another pattern: label_pattern=... (--label-pattern)."
        )
    return _in_one_alphabet(tree.path, classes.items())


def _compiled(pattern: str | re.Pattern[str] | None) -> re.Pattern[str]:
    try:
        find = re.compile(NUMBERED if pattern is None else pattern)
    except (re.error, TypeError) as error:
        raise ValueError(
            f"`label_pattern` must be a regular expression. Received: {pattern!r}: {error}. Mend "
            r"it, as in '^([a-z]+)_\d+$'."
        ) from error
    if find.groups != 1 and "class" not in find.groupindex:
        raise ValueError(
            f"`label_pattern` must have one group in parentheses, or one named 'class', that finds "
            f"the class. Received: {find.pattern!r} with {find.groups} groups. Mend it, as in "
            r"'^([a-z]+)_\d+$' or '(?P<class>[a-z]+)'."
        )
    return find


def classes_by_table(
    tree: ImageFolder,
    table: Path,
    split: str | None,
    on_skipped: OnSkipped,
    on_unreadable: Callable[[Exception], None] | None,
) -> Classes:
    """Find the class of each image in a CSV file.

    Args:
        tree: The folder that the table's file names start from.
        table: The CSV file; see `read_table`.
        split: As for `load_folder`; for tables with a column "split".
        on_skipped: Called with each image that the table does not name.
        on_unreadable: Called with an error for each file that is not there, or None to raise one
            error for all of them.

    Returns:
        Files of each (alphabet, class), all sorted.

    Raises:
        ValueError: If the table is damaged, or names a file twice or one that is not there; lists
            the lines.
        OSError: If the table cannot be read.
    """
    rows = _of_split(read_table(table), table, split)
    images = tree.all_images
    short: dict[str, list[Path]] = {}
    for image in images:
        short.setdefault(str(image.relative_to(tree.path).with_suffix("")), []).append(image)
    classes: dict[tuple[str, str], list[Path]] = {}
    lines: dict[Path, int] = {}
    missing, problems = [], []
    for row in rows:
        file = _find(tree.path, row.file, short)
        if file is None:
            missing.append(f"line {row.line}: there is no file {row.file!r} in {str(tree.path)!r}")
        elif file in lines:
            problems.append(f"line {row.line}: {row.file!r} is on line {lines[file]} already")
        else:
            lines[file] = row.line
            alphabet = tree.path.resolve().name if row.group is None else row.group
            classes.setdefault((alphabet, row.label), []).append(file)
    if on_unreadable is None:
        problems = missing + problems
    if problems:
        raise ValueError(
            f"{str(table)!r} must name images that are there, each once. Received: "
            f"{_listed(problems, 'lines')}. Correct the table; its file names start from the "
            "folder of images."
        )
    if on_unreadable is not None:
        for problem in missing:
            on_unreadable(FileNotFoundError(f"{str(table)!r}, {problem}"))
    named = {os.path.realpath(file) for file in lines}
    for image in images:
        if os.path.realpath(image) not in named:
            on_skipped(SkippedFile(image, f"not in {table.name!r}"))
    return dict(sorted((key, sorted(files)) for key, files in classes.items()))


def _find(root: Path, name: str, short: dict[str, list[Path]]) -> Path | None:
    """Find a file by the name that a table has for it: as written, else without its ending."""
    for written in (name, name.replace("\\", "/")):
        file = Path(os.path.normpath(root / written))
        if file.is_file():
            return file
        without_ending = short.get(os.path.normpath(written), [])
        if len(without_ending) == 1:
            return without_ending[0]
    return None


def _of_split(rows: list[Row], table: Path, split: str | None) -> list[Row]:
    """Return the rows of a split, by the table's own column."""
    names = sorted({row.split for row in rows if row.split is not None})
    parts = {folder_splits.part_of(name) for name in names}
    # A column "set" may well mean something else.
    if split is None and (len(names) < 2 or parts == {None}):
        return rows
    if split is None or not names:
        found = f"splits {names}" if names else "no column of splits"
        raise ValueError(
            f"`split` must name one of the splits of {str(table)!r}, or be {folder_splits.ALL!r}. "
            f"Received: {split!r} where the table has {found}. "
            + ("Choose: split=... (--split)." if names else "Drop it, or add the column.")
        )
    if split == folder_splits.ALL:
        return rows
    chosen = folder_splits.find(names, split, str(table))
    return [row for row in rows if row.split == chosen]


def _in_one_alphabet(root: Path, classes: Iterable[tuple[str, list[Path]]]) -> Classes:
    alphabet = root.resolve().name
    return {(alphabet, name): files for name, files in sorted(classes)}


def _listed(problems: list[str], noun: str) -> str:
    more = len(problems) - _LISTED
    return "; ".join(problems[:_LISTED]) + (f"; and {more} more {noun}" if more > 0 else "")


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

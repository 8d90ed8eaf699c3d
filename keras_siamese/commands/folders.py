"""Options of a command line for a folder of images, and messages about its files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_siamese import data
from keras_siamese.commands.output import one_line, print_error, print_status, printable
from keras_siamese.data.folders.file_labels import FOLDERS as FOLDERS
from keras_siamese.data.folders.file_labels import check_labels, find_labelled
from keras_siamese.data.folders.folder_layout import describe_skipped

Labels = Annotated[
    str,
    typer.Option(
        metavar="folders|names|FILE",
        help="Where to find an image's class: in the name of its folder, in its file name "
        "(cat_01.png is a cat), or in a CSV file with the columns file and class.",
    ),
]
Pattern = Annotated[
    str | None,
    typer.Option(
        "--label-pattern",
        metavar="REGEX",
        help=r"For --labels names: the group in it finds the class in the name, as '^([a-z]+)_\d'.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|all",
        help="Which of the folders train, val, test or the like to read; all puts them together.",
    ),
]
SkipUnreadable = Annotated[
    bool, typer.Option("--skip-unreadable", help="Continue without the files that cannot be read.")
]


@dataclass(frozen=True)
class FolderOptions:
    """What a command line says about a folder of images.

    Attributes:
        labels: Of --labels.
        label_pattern: Of --label-pattern.
        split: Of --split.
        skip_unreadable: Of --skip-unreadable.
    """

    labels: str = FOLDERS
    label_pattern: str | None = None
    split: str | None = None
    skip_unreadable: bool = False

    @property
    def layout(self) -> dict[str, Any]:
        """What `load_folder` takes."""
        return {
            "labels": self.labels,
            "label_pattern": self.label_pattern,
            "split": self.split,
        }

    def check(self, root: Path) -> None:
        """Check what can be checked without a look into the folder.

        Args:
            root: The folder.

        Raises:
            ValueError: If an option is out of range, or two do not fit each other.
        """
        check_labels(root, self.labels, self.label_pattern)

    def num_classes(self, root: Path, least: int) -> int:
        """Count the classes in the folder, without reading an image.

        Args:
            root: The folder.
            least: How many images a class must have to count.

        Returns:
            The number.

        Raises:
            ValueError: If the folder is not laid out as the options say.
            OSError: If a folder or a table cannot be read.
        """
        ignored: list[Any] = []
        found = find_labelled(
            root, **self.layout, on_skipped=ignored.append, on_unreadable=ignored.append
        )
        return sum(len(files) >= least for files in found.values())

    def check_unused(self, name: str) -> None:
        """Check that nothing is said where there is no folder.

        Args:
            name: The data set that the command line names.

        Raises:
            ValueError: If something is.
        """
        given = {
            "--labels": self.labels != FOLDERS,
            "--label-pattern": self.label_pattern is not None,
            "--split": self.split is not None,
            "--skip-unreadable": self.skip_unreadable,
        }
        for option in (option for option, is_given in given.items() if is_given):
            raise ValueError(
                f"{option} must be for a folder of images. Received: {name!r}. Drop it."
            )


@dataclass
class FileReport:
    """The files of a folder that a command could not use.

    Attributes:
        skipped: Files and folders that are no images of a class.
        unreadable: An error for each image that cannot be read.
    """

    skipped: list[data.SkippedFile] = field(default_factory=list)
    unreadable: list[Exception] = field(default_factory=list)

    @property
    def callbacks(self) -> dict[str, Any]:
        """What `load_folder` and `load_support` call."""
        return {"on_skipped": self.skipped.append, "on_unreadable": self.unreadable.append}

    def to_json(self) -> dict[str, Any]:
        """Return both lists as JSON."""
        return {
            "skipped": [
                {"file": printable(file.path), "reason": file.reason} for file in self.skipped
            ],
            "unreadable": [printable(one_line(error)) for error in self.unreadable],
        }

    def tell_skipped(self) -> None:
        """Say on stderr what was left out, in a line for each reason."""
        for line in describe_skipped(list(dict.fromkeys(self.skipped))):
            print_status(f"keras-siamese: left out {printable(line)}")

    def find_images(self, path: Path) -> list[Path]:
        """List a file, or the images in a folder; a folder without images is unreadable.

        Args:
            path: The file or folder.

        Returns:
            The files.

        Raises:
            OSError: If a folder cannot be listed.
        """
        if not os.path.isdir(path):
            return [path]
        try:
            return data.find_images(path, self.skipped.append)
        except ValueError as error:
            self.unreadable.append(error)
            return []

    def refuse_unreadable(self, skip: bool, *, others: bool = True) -> None:
        """Say on stderr which files cannot be read.

        Args:
            skip: Whether to continue without them.
            others: Whether the other files are enough to continue with.

        Raises:
            ValueError: Otherwise, if there are any.
        """
        if len(self.unreadable) == 1 and not skip:
            (error,) = self.unreadable
            hint = " Or continue without it: --skip-unreadable." if others else ""
            raise ValueError(f"{one_line(error)}{hint}")
        for error in self.unreadable:
            print_error(error)
        if self.unreadable and not skip:
            hint = ", or continue without them: --skip-unreadable" if others else ""
            raise ValueError(
                f"{len(self.unreadable)} files cannot be read. Replace them or take them out{hint}."
            )


@contextmanager
def told_files(skip_unreadable: bool) -> Iterator[FileReport]:
    """Tell, when a folder was read or could not be, of its files.

    Args:
        skip_unreadable: Whether to continue where some cannot be read.

    Yields:
        What to note them in.

    Raises:
        ValueError: If some cannot be read; lists all of them before.
    """
    report = FileReport()
    try:
        yield report
    except ValueError:
        report.tell_skipped()
        # What failed here had left out the unreadable files already.
        report.refuse_unreadable(skip_unreadable, others=False)
        raise
    report.tell_skipped()
    report.refuse_unreadable(skip_unreadable)

"""CSV tables that name the class of each image, and the lines of any CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

# What columns are called, in small letters; the first word goes before the others, "id" last.
COLUMNS = {
    "file": "file filename file_name filepath file_path path image image_name image_path "
    "image_file imagename img img_name",
    "class": "class label class_name classname label_name category category_name name species "
    "breed kind target",
    "group": "group alphabet",
    "split": "split subset set",
}
# Kaggle's tables name the file so, or the class.
_EITHER = "id"
_LISTED = 10


class Row(NamedTuple):
    """One image of a table.

    Attributes:
        line: Number of its line in the file, from 1.
        file: The image's file as the table names it.
        label: Its class.
        group: What the class belongs to, as a letter to an alphabet; None without such a column.
        split: The part of the data that it is in; None without such a column.
    """

    line: int
    file: str
    label: str
    group: str | None
    split: str | None


def read_table(path: Path) -> list[Row]:
    """Read a table of images and their classes.

    The first line names the columns, which commas, semicolons or tabs part: "file" and "class", or
    one of the other words for each in `COLUMNS`, in any case; "group" and "split" may be there, and
    any others.

    Args:
        path: The file, in UTF-8.

    Returns:
        Its rows, in their order.

    Raises:
        ValueError: If a column is missing or there twice, a line has more or fewer cells than
            there are columns, a cell of file or class is empty, or there is no row; lists the
            lines.
        OSError: If the file cannot be read.
    """
    lines = read_lines(path)
    header = lines[0][1]
    places = {what: _column(path, header, what) for what in COLUMNS}
    if places["file"] == places["class"]:
        raise ValueError(
            f"{str(path)!r} must have columns 'file' and 'class'. Received: a first line of "
            f"{header}. Name both."
        )
    rows, problems = [], []
    for number, cells in lines[1:]:
        found = {
            what: None if place is None else cells[place].strip()
            for what, place in places.items()
            if len(cells) == len(header)
        }
        empty = [what for what, cell in found.items() if cell == ""]
        if not found:
            problems.append(f"line {number} has {len(cells)} cells, not {len(header)}")
        elif empty:
            problems.append(f"line {number} has an empty {' and '.join(empty)}")
        else:
            label = str(found["class"])
            rows.append(Row(number, str(found["file"]), label, found["group"], found["split"]))
    if problems:
        more = f"; and {len(problems) - _LISTED} more" if len(problems) > _LISTED else ""
        raise ValueError(
            f"{str(path)!r} must have a cell for each of its columns in each line. Received: "
            f"{'; '.join(problems[:_LISTED])}{more}. Correct the table."
        )
    if not rows:
        raise ValueError(
            f"{str(path)!r} must have a line for each image. Received: only its header. Add lines."
        )
    return rows


def _column(path: Path, header: list[str], what: str) -> int | None:
    """Find a column; group and split may be missing."""
    names = ["_".join(name.lower().split()) for name in header]
    words = COLUMNS[what].split()
    places = [place for place, name in enumerate(names) if name in words]
    exact = [place for place in places if names[place] == words[0]]
    needed = what in ("file", "class")
    places = (
        exact or places or [place for place, name in enumerate(names) if needed and name == _EITHER]
    )
    if len(places) > 1:
        doubtful = " and ".join(repr(header[place]) for place in places)
        raise ValueError(
            f"{str(path)!r} must have one column for the {what}. Received: {doubtful}, "
            f"which may both be it. Name the right one {words[0]!r}, as no other is named."
        )
    if not places and needed:
        raise ValueError(
            f"{str(path)!r} must have a column {words[0]!r} in its first line. Received: "
            f"{header}. Name the columns 'file' and 'class'; other words for {words[0]!r} are "
            f"{', '.join(words[1:])}."
        )
    return places[0] if places else None


def read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Read a CSV file whose first line names its columns.

    Args:
        path: The file, in UTF-8. Commas, semicolons or tabs part its cells.

    Returns:
        Number, from 1, and cells of each line that is not empty; the first names the columns.

    Raises:
        ValueError: If it is no such file, or is empty.
        OSError: If the file cannot be read.
    """
    try:
        # Excel puts a mark of its encoding first, which utf-8-sig drops.
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
        first = next((line for line in io.StringIO(text) if line.strip()), "")
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{str(path)!r} must be a CSV file in UTF-8. Received: {error}. Save it as such."
        ) from error
    if not lines:
        raise ValueError(
            f"{str(path)!r} must have a line that names its columns. Received: nothing. Add it."
        )
    return lines

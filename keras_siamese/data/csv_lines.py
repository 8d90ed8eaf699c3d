"""The lines of a CSV file, as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from pathlib import Path


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

"""The log of a training: a CSV file with a row for each epoch."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import keras

from keras_siamese.atomic import atomic_write


class Curve(keras.callbacks.Callback):
    """A CSV file as of Keras's `CSVLogger`, but whole at any moment: a kill leaves no part of it.

    A resumed run continues the file. An epoch that is done again takes the place of its old row.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        """Store the path, and read the rows of earlier sittings where a run is resumed."""
        super().__init__()
        self.path = path
        self.rows: list[dict[str, Any]] = []
        if resume and path.exists():
            with open(path, encoding="utf-8", newline="") as file:
                self.rows = list(csv.DictReader(file))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the file anew."""
        logs = logs or {}
        self.rows = [row for row in self.rows if int(row["epoch"]) < epoch]
        self.rows.append({"epoch": epoch, **{name: logs[name] for name in sorted(logs)}})
        # Of all rows: a later version may have logged other numbers.
        names = dict.fromkeys(name for row in self.rows for name in row)
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(self.rows)
        with atomic_write(self.path) as file:
            file.write(text.getvalue().encode())

"""Result files: settings from the command line, writing, and the table beside the paper's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

# Koch et al. 2015, tables 1 and 2; fractions.
PUBLISHED = {
    (1, "30k"): 0.9061,
    (1, "30k x8"): 0.9190,
    (1, "90k"): 0.9154,
    (1, "90k x8"): 0.9315,
    (1, "150k"): 0.9163,
    (1, "150k x8"): 0.9342,
    (2, "koch"): 0.920,
    (2, "reduced"): 0.920,
    (2, "dense"): 0.583,
    (2, "nearest neighbour"): 0.217,
}
# The paper's protocols; its figures say nothing about any other.
PAPER_PROTOCOLS = ("official", "verification")


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Read `name=value` settings, values in JSON (a bare word is a string).

    Raises:
        ValueError: If a setting lacks its `=`.
    """
    parsed = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set takes name=value, e.g. epochs=3. Received: {setting!r}")
        try:
            parsed[name] = json.loads(value)
        except json.JSONDecodeError:
            parsed[name] = value
    return parsed


def check_writable(path: Path) -> None:
    """Fail before a long run, not after it, where its result could not be written.

    Raises:
        OSError: If the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"The result file {path} cannot be written. Choose another --output.")


def write(path: Path, result: dict[str, Any]) -> None:
    """Write a result file; a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(json.dumps(result, indent=1) + "\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def show(result: dict[str, Any]) -> None:
    """Print a result beside the paper's figures."""
    table = Table(title=f"{result['config']['name']}, seed {result['seed']}")
    for heading in ("what", "protocol", "accuracy", "95 % interval", "n", "paper"):
        table.add_column(heading)
    shown = [result["validation"], result, *result["other_results"]]
    for entry in shown if result["table"] is not None else shown[:1]:
        table.add_row(
            f"{entry['metric']}, {entry['cell']}",
            entry["protocol"],
            f"{entry['value']:.2%}",
            f"{entry['interval'][0]:.1%} to {entry['interval'][1]:.1%}",
            str(entry["n"]),
            published(entry, result["config"]["data"]),
        )
    Console(width=120).print(table)


def published(entry: dict[str, Any], data: str) -> str:
    """Return the paper's figure for an entry, or nothing where the paper has none."""
    value = PUBLISHED.get((entry["table"], entry["cell"]))
    if value is None or data != "omniglot" or entry["protocol"] not in PAPER_PROTOCOLS:
        return ""
    return f"{value:.2%}" + (" (at 105x105)" if entry["size"] != 105 else "")
